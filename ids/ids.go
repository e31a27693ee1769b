// Package ids reads the time in a Misskey id, and makes ids for a time.
//
// Every id begins with the time at which the object was created, in one of six
// formats. The administrator of an instance chooses the format. Ids of one instance
// sort by time, so an id made for a time can bound a list that does not accept
// dates, or that ignores dates beside an id:
//
//	me, err := mk.I(ctx)
//	format, err := ids.FormatOf(me.ID)
//	from, err := format.At(yesterday)
//	notes := mk.NotesTimelineAll(ctx, gen.NotesTimelineRequest{SinceID: &from})
//
// The id of a note of another server has the time of publication that the other
// server claims.
package ids

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Format is a format of ids. The names are the values of the setting id in the
// configuration of Misskey.
type Format string

// The formats of Misskey, each with an id for 2026-11-22 06:38:07.859 UTC.
const (
	// AID is the number of milliseconds since 2000 in base 36, and 2 characters
	// that differ: atv14vznp0.
	AID Format = "aid"

	// AIDX is the number of milliseconds since 2000 in base 36, and 8 characters
	// that differ: atv14vznxu7g001m. It is the default since Misskey 2023.9.
	AIDX Format = "aidx"

	// MEID is the number of milliseconds since 1970 plus 2^47 in hexadecimal, and
	// 12 digits that differ: 81a201f9f3f352d5e0c3a8b1.
	MEID Format = "meid"

	// MEIDG is a g, the number of milliseconds since 1970 in hexadecimal, and 12
	// digits that differ: g1a201f9f3f352d5e0c3a8b1.
	MEIDG Format = "meidg"

	// ULID is the number of milliseconds since 1970 in Crockford's base 32, and 16
	// characters that differ: 01M80ZKWZKBNR81VEBZQPSVZWN.
	ULID Format = "ulid"

	// ObjectID is the number of seconds since 1970 in hexadecimal, and 16 digits
	// that differ: 6b028dcf83a513002a4b234c. Misskey had no other before
	// version 11.
	ObjectID Format = "objectid"
)

// ErrFormat reports that a string is not an id of the format, or of any format.
var ErrFormat = errors.New("not an id")

// Time returns the time in an id of any format, to the millisecond, or to the second
// for an [ObjectID]. It combines [FormatOf] and [Format.Time].
func Time(id string) (time.Time, error) {
	f, err := FormatOf(id)
	if err != nil {
		return time.Time{}, err
	}
	return f.Time(id)
}

// FormatOf returns the format of an id, judging by its length and its characters.
// [MEID] and [ObjectID] look alike: FormatOf takes 24 hexadecimal digits for a MEID
// if they begin with 8, as all MEIDs of this millennium do, and no ObjectID before
// the year 2038.
func FormatOf(id string) (Format, error) {
	for _, f := range []Format{AIDX, AID, ULID, MEIDG, MEID, ObjectID} {
		if f == MEID && !strings.HasPrefix(id, "8") {
			continue
		}
		if _, err := f.Time(id); err == nil {
			return f, nil
		}
	}
	return "", fmt.Errorf("ids: %q is %w of a known format", clip(id), ErrFormat)
}

// A layout says where the time is in ids of a format.
type layout struct {
	prefix string
	base   int
	digits int // of the time
	total  int // characters of an id
	alpha  string
	unit   time.Duration
	offset int64 // added to the Unix time, in units
}

const (
	lower = "0123456789abcdefghijklmnopqrstuvwxyz"
	hex   = "0123456789abcdef"
	// crockford is the alphabet of ULID: without I, L, O and U.
	crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

	// year2000 is the first millisecond of that year.
	year2000 = 946_684_800_000
)

var layouts = map[Format]layout{
	AID:      {base: 36, digits: 8, total: 10, alpha: lower, unit: time.Millisecond, offset: -year2000},
	AIDX:     {base: 36, digits: 8, total: 16, alpha: lower, unit: time.Millisecond, offset: -year2000},
	MEID:     {base: 16, digits: 12, total: 24, alpha: hex, unit: time.Millisecond, offset: 1 << 47},
	MEIDG:    {prefix: "g", base: 16, digits: 11, total: 24, alpha: hex, unit: time.Millisecond},
	ULID:     {base: 32, digits: 10, total: 26, alpha: crockford, unit: time.Millisecond},
	ObjectID: {base: 16, digits: 8, total: 24, alpha: hex, unit: time.Second},
}

// Time returns the time in an id of the format.
func (f Format) Time(id string) (time.Time, error) {
	l, ok := layouts[f]
	if !ok {
		return time.Time{}, fmt.Errorf("ids: there is no format %q", clip(string(f)))
	}
	bad := func() (time.Time, error) {
		return time.Time{}, fmt.Errorf("ids: %q is %w of the format %s", clip(id), ErrFormat, f)
	}
	rest, ok := strings.CutPrefix(id, l.prefix)
	if !ok || len(id) != l.total {
		return bad()
	}
	var n int64
	for i := range len(rest) {
		digit := strings.IndexByte(l.alpha, rest[i])
		if digit < 0 {
			return bad()
		}
		if i < l.digits {
			n = n*int64(l.base) + int64(digit)
		}
	}
	if n -= l.offset; n < 0 {
		return bad()
	}
	return time.UnixMilli(n * int64(l.unit/time.Millisecond)).UTC(), nil
}

// At returns the smallest id of the format for the time t. Used as UntilID, it
// selects what was created before t. Used as SinceID, it selects what was created at
// t or later: servers exclude the id itself, which no object has.
//
// At returns an error for a time that the format cannot express, such as one before
// the year 2000 for [AID] and [AIDX], or before 1970 for the others.
func (f Format) At(t time.Time) (string, error) {
	l, ok := layouts[f]
	if !ok {
		return "", fmt.Errorf("ids: there is no format %q", clip(string(f)))
	}
	n := t.UnixMilli()
	if l.unit == time.Second {
		n = t.Unix()
	}
	before := n < 0 || n+l.offset < 0
	n += l.offset
	digits := make([]byte, l.digits)
	for i := len(digits) - 1; i >= 0 && !before; i-- {
		digits[i] = l.alpha[n%int64(l.base)]
		n /= int64(l.base)
	}
	if before || n > 0 {
		return "", fmt.Errorf("ids: the format %s has no ids for the time %s", f, t.UTC().Format(time.RFC3339))
	}
	id := l.prefix + string(digits)
	return id + strings.Repeat("0", l.total-len(id)), nil
}

// clip truncates a text to the length of an id.
func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…" + strconv.Itoa(len(s)-40) + " more"
	}
	return s
}
