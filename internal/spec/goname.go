package spec

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"unicode"
)

// initialisms are the words that Go code writes in capitals.
var initialisms = map[string]string{
	"2fa": "2FA", "ai": "AI", "ap": "AP", "api": "API", "cpu": "CPU", "css": "CSS", "cw": "CW", "db": "DB", "dc": "DC", "dns": "DNS", "e2ee": "E2EE",
	"fs": "FS", "gtl": "GTL", "guid": "GUID", "hmac": "HMAC", "html": "HTML", "http": "HTTP", "https": "HTTPS", "id": "ID",
	"ip": "IP", "json": "JSON", "ltl": "LTL", "mb": "MB", "md5": "MD5", "mfa": "MFA", "nsfw": "NSFW", "ok": "OK", "os": "OS", "pv": "PV",
	"qr": "QR", "rp": "RP", "rss": "RSS", "s3": "S3", "smtp": "SMTP", "sw": "SW", "tos": "TOS", "totp": "TOTP", "ts": "TS",
	"ugc": "UGC", "ui": "UI", "upv": "UPV", "uri": "URI", "url": "URL", "uuid": "UUID", "vm": "VM",
	"ids": "IDs", "ips": "IPs", "uris": "URIs", "urls": "URLs",
	"miauth": "MiAuth",
}

// goName returns the exported Go name of a name of the document: "fileIds" is
// FileIDs, "waiting-children" is WaitingChildren. Letters and digits stay as
// they are but for their case, so that two names collide only if they differ in
// nothing else. What is not ASCII is spelled as its code point, because
// oapi-codegen knows no letters without case and OpenAPI no such components. A
// name without letters and digits is "".
func goName(name string) string {
	var b strings.Builder
	for _, word := range words(name) {
		if known, ok := initialisms[strings.ToLower(word)]; ok {
			b.WriteString(known)
			continue
		}
		// unnsfw undoes nsfw.
		if rest, ok := strings.CutPrefix(strings.ToLower(word), "un"); ok && len(rest) > 2 && initialisms[rest] != "" {
			b.WriteString("Un" + initialisms[rest])
			continue
		}
		for i, r := range []rune(word) {
			switch {
			case r > unicode.MaxASCII:
				fmt.Fprintf(&b, "U%04X", r)
			case i == 0:
				b.WriteRune(unicode.ToUpper(r))
			default:
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// words splits a name at everything that is neither letter nor digit and where
// a capital begins a word: "serverURLPath2" is server, URL, Path2.
func words(name string) []string {
	var found []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			found = append(found, string(word))
			word = nil
		}
	}
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
			continue
		case unicode.IsUpper(r) && i > 0:
			afterLower := !unicode.IsUpper(runes[i-1])
			beforeLower := i+1 < len(runes) && unicode.IsLower(runes[i+1]) && !isPlural(runes[i:])
			if afterLower || beforeLower {
				flush()
			}
		}
		word = append(word, r)
	}
	flush()
	return found
}

// isPlural reports whether runes is the end of a plural such as the Ds of IDs.
func isPlural(runes []rune) bool {
	return len(runes) >= 2 && runes[1] == 's' && (len(runes) == 2 || !unicode.IsLower(runes[2]))
}

// operationName returns the Go name of an endpoint: "i/2fa/done" is I2FADone.
// Path parameters are left out.
func operationName(endpoint string) string {
	var b strings.Builder
	for segment := range strings.SplitSeq(endpoint, "/") {
		if !strings.HasPrefix(segment, "{") {
			b.WriteString(goName(segment))
		}
	}
	return identifier(b.String())
}

// identifier makes an exported identifier of a Go name that may begin with
// something else than a capital, or be empty.
func identifier(name string) string {
	if !token.IsIdentifier(name) || !token.IsExported(name) {
		name = "X" + name
	}
	return name
}

// variable returns the Go name of a parameter of a function.
func variable(name string) string {
	name = identifier(goName(name))
	if strings.ToUpper(name) == name {
		name = strings.ToLower(name)
	} else {
		name = strings.ToLower(name[:1]) + name[1:]
	}
	if token.IsKeyword(name) || types.Universe.Lookup(name) != nil || slices.Contains(ownVariables, name) {
		name += "Param"
	}
	return name
}

// ownVariables are what the methods of a generated client use themselves.
var ownVariables = []string{"api", "c", "call", "context", "ctx", "err", "json", "optional", "opts", "req", "result", "time"}

// singular returns the Go name of one of what a Go name is the plural of:
// Choices is Choice, Categories is Category. What has no plural ending stays.
func singular(name string) string {
	switch {
	case strings.HasSuffix(name, "ies") && len(name) > 4:
		return name[:len(name)-3] + "y"
	case strings.HasSuffix(name, "sses"), strings.HasSuffix(name, "xes"), strings.HasSuffix(name, "ches"):
		return name[:len(name)-2]
	case strings.HasSuffix(name, "ss"), strings.HasSuffix(name, "us"), strings.HasSuffix(name, "is"), strings.HasSuffix(name, "OS"), strings.HasSuffix(name, "As"):
		return name // As is a word: AlsoKnownAs
	case strings.HasSuffix(name, "s") && len(name) > 2:
		return name[:len(name)-1]
	}
	return name
}
