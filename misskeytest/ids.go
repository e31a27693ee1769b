package misskeytest

import (
	"strconv"
	"strings"
	"time"
)

// epoch is when the time in an id begins.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

const (
	node       = "test" // the part of an id that distinguishes servers
	counterEnd = 36 * 36 * 36 * 36
)

// ids makes ids in the form that Misskey calls aidx: eight digits to the base 36
// for the milliseconds since 2000, four for the server, four that count. Each is
// greater than the one before, also where the clock goes back.
type ids struct {
	last  int64 // milliseconds since the epoch
	count int
}

func (g *ids) next(now time.Time) string {
	g.count++
	if ms := now.Sub(epoch).Milliseconds(); ms > g.last {
		g.last = ms
	} else if g.count == counterEnd {
		g.last++
	}
	g.count %= counterEnd
	return prefix(g.last) + node + digits(int64(g.count), 4)
}

// prefix is the part of an id that is its time.
func prefix(ms int64) string { return digits(max(ms, 0), 8) }

// idAt returns an id for comparison with those of a time.
func idAt(t time.Time) string { return prefix(t.Sub(epoch).Milliseconds()) + node + "0000" }

func digits(n int64, width int) string {
	s := strconv.FormatInt(n, 36)
	return strings.Repeat("0", max(width-len(s), 0)) + s
}

// timeOf returns when an id was made.
func timeOf(id string) time.Time {
	if len(id) < 8 {
		return epoch
	}
	ms, _ := strconv.ParseInt(id[:8], 36, 64)
	return epoch.Add(time.Duration(ms) * time.Millisecond)
}

// stamp writes a time as Misskey does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func createdAt(id string) string { return stamp(timeOf(id)) }
