package misskey

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// asciiHost returns the name of a host as servers keep it: in lower case, and with
// each label that is not ASCII in Punycode (RFC 3492). That is all it does of
// IDNA: text is not normalized (a letter with its accent as two characters stays
// that), and characters are not mapped but for their case and the other full stops.
func asciiHost(host string) (string, error) {
	labels := strings.Split(strings.ToLower(fullStops.Replace(host)), ".")
	for i, label := range labels {
		if isASCII(label) {
			continue
		}
		// An encoded character takes a byte at least; this also bounds the work.
		if !utf8.ValidString(label) || utf8.RuneCountInString(label) > maxLabel {
			return "", errLabel
		}
		labels[i] = "xn--" + punycode(label)
	}
	for _, label := range labels {
		if len(label) > maxLabel {
			return "", errLabel
		}
	}
	return strings.Join(labels, "."), nil
}

const maxLabel = 63 // bytes; RFC 1035

var errLabel = errors.New("a part of its host is too long")

// fullStops are those that separate labels, too. (RFC 3490, 3.1.)
var fullStops = strings.NewReplacer("\u3002", ".", "\uff0e", ".", "\uff61", ".")

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// punycode encodes a label of at most maxLabel characters. (RFC 3492, 6.3.)
func punycode(label string) string {
	const base, tMin, tMax, skew, damp = 36, 1, 26, 38, 700
	runes := []rune(label)
	var out []byte
	for _, r := range runes {
		if r < utf8.RuneSelf {
			out = append(out, byte(r))
		}
	}
	basic := len(out)
	if basic > 0 {
		out = append(out, '-')
	}
	digit := func(d int) { out = append(out, "abcdefghijklmnopqrstuvwxyz0123456789"[d]) }
	var next rune = utf8.RuneSelf
	delta, bias := 0, 72
	for done := basic; done < len(runes); {
		least := rune(utf8.MaxRune)
		for _, r := range runes {
			if r >= next {
				least = min(least, r)
			}
		}
		delta += int(least-next) * (done + 1)
		next = least
		for _, r := range runes {
			if r < next {
				delta++
			}
			if r != next {
				continue
			}
			q := delta
			for k := base; ; k += base {
				t := min(max(k-bias, tMin), tMax)
				if q < t {
					digit(q)
					break
				}
				digit(t + (q-t)%(base-t))
				q = (q - t) / (base - t)
			}
			if done == basic {
				delta /= damp
			} else {
				delta /= 2
			}
			done++
			delta += delta / done
			for bias = 0; delta > (base-tMin)*tMax/2; bias += base {
				delta /= base - tMin
			}
			bias += (base - tMin + 1) * delta / (delta + skew)
			delta = 0
		}
		delta++
		next++
	}
	return string(out)
}
