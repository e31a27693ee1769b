package conformance

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// A Difference is one place where two JSON values are not the same.
type Difference struct {
	// Place is a path such as $.notes[3].user.name.
	Place string

	// Detail says what is there and what should be.
	Detail string
}

// A comparison of what a client made, got, with what was recorded, want.
type comparison struct {
	// absent says that null at a place is the same as nothing at all.
	absent func(place string) bool

	// loose makes null, [], {} and nothing at all the same everywhere.
	loose bool

	lost, added []Difference
}

// compareAnswers compares a response that was decoded and encoded again with
// the recorded one. null, [], {} and an absent property are the same there;
// times are the same if they are the same moment, numbers if they have the
// same value.
func compareAnswers(want, got any) (lost, added []Difference) {
	c := comparison{loose: true}
	c.values("$", want, got)
	return c.lost, c.added
}

// Lost returns what JSON that was decoded and encoded again has lost of what it
// was.
func Lost(was, again []byte) (lost []Difference) {
	want, err := parse(was)
	if err != nil {
		return []Difference{{"$", err.Error()}}
	}
	got, err := parse(again)
	if err != nil {
		return []Difference{{"$", err.Error()}}
	}
	lost, _ = compareAnswers(want, got)
	return lost
}

// compareRequests compares a request that was sent with the recorded one.
// Every [], {} and null must be there, but for the null where absent says that
// the server does not distinguish it from nothing.
func compareRequests(want, got any, absent func(place string) bool) []Difference {
	c := comparison{absent: absent}
	c.values("$", want, got)
	return append(c.lost, c.added...)
}

// nothing stands for a property that is not there.
type nothing struct{}

func (c *comparison) values(place string, want, got any) {
	if c.void(place, want) && c.void(place, got) {
		return
	}
	switch w := want.(type) {
	case map[string]any:
		if g, ok := got.(map[string]any); ok {
			c.objects(place, w, g)
			return
		}
		if c.loose && c.void(place, got) {
			c.objects(place, w, nil)
			return
		}
	case []any:
		if g, ok := got.([]any); ok {
			c.arrays(place, w, g)
			return
		}
	case nothing, nil:
		if want == nil && got == nil {
			return
		}
		// Only what the parts of got hold is too much, not that there is an
		// object around nothing.
		if g, ok := got.(map[string]any); ok && c.loose {
			c.objects(place, nil, g)
			return
		}
	default:
		if sameScalar(want, got) {
			return
		}
	}
	d := Difference{place, fmt.Sprintf("%s instead of %s", brief(got), brief(want))}
	if c.void(place, want) {
		c.added = append(c.added, d)
		return
	}
	c.lost = append(c.lost, d)
}

func (c *comparison) objects(place string, want, got map[string]any) {
	for _, key := range keys(want) {
		if g, ok := got[key]; ok {
			c.values(join(place, key), want[key], g)
		} else {
			c.values(join(place, key), want[key], nothing{})
		}
	}
	for _, key := range keys(got) {
		if _, ok := want[key]; !ok {
			c.values(join(place, key), nothing{}, got[key])
		}
	}
}

func (c *comparison) arrays(place string, want, got []any) {
	if len(want) != len(got) {
		d := Difference{place, fmt.Sprintf("%d items instead of %d", len(got), len(want))}
		if len(want) == 0 {
			c.added = append(c.added, d)
		} else {
			c.lost = append(c.lost, d)
		}
		return
	}
	for i := range want {
		c.values(place+"["+strconv.Itoa(i)+"]", want[i], got[i])
	}
}

// void reports whether v is as good as nothing at its place.
func (c *comparison) void(place string, v any) bool {
	switch v := v.(type) {
	case nothing:
		return true
	case nil:
		return c.loose || c.absent != nil && c.absent(place)
	case []any:
		return c.loose && len(v) == 0
	case map[string]any:
		return c.loose && len(v) == 0
	}
	return false
}

// sameScalar compares numbers by value and times by moment.
func sameScalar(want, got any) bool {
	if want == got {
		return true
	}
	switch w := want.(type) {
	case json.Number:
		g, ok := got.(json.Number)
		return ok && sameNumber(w, g)
	case string:
		g, ok := got.(string)
		if !ok {
			return false
		}
		wt, errW := time.Parse(time.RFC3339Nano, w)
		gt, errG := time.Parse(time.RFC3339Nano, g)
		return errW == nil && errG == nil && wt.Equal(gt)
	}
	return false
}

// sameNumber compares exactly; fractions are the same if they are the same
// float64, as nothing else can be meant by them.
func sameNumber(a, b json.Number) bool {
	x, _, errX := big.ParseFloat(a.String(), 10, 512, big.ToNearestEven)
	y, _, errY := big.ParseFloat(b.String(), 10, 512, big.ToNearestEven)
	if errX != nil || errY != nil {
		return false
	}
	if x.Cmp(y) == 0 {
		return true
	}
	if x.IsInt() && y.IsInt() {
		return false
	}
	f, errF := a.Float64()
	g, errG := b.Float64()
	return errF == nil && errG == nil && f == g
}

// brief shows a value in a message.
func brief(v any) string {
	if _, ok := v.(nothing); ok {
		return "nothing"
	}
	data, err := encode(v)
	if err != nil {
		return fmt.Sprintf("%v", v)
	}
	return shorten(string(data), 80)
}

func shorten(s string, limit int) string {
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	return string(runes[:limit]) + "…"
}

// join appends a property to a path. A name that is not a plain word is quoted.
func join(place, key string) string {
	plain := key != "" && !strings.ContainsFunc(key, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	if plain {
		return place + "." + key
	}
	return place + "[" + strconv.Quote(key) + "]"
}

// general replaces the indices of a path by [], so that the same place in
// different items has one name.
func general(place string) string {
	var b strings.Builder
	for i := 0; i < len(place); i++ {
		b.WriteByte(place[i])
		switch {
		case place[i] == '"':
			// A quoted name is taken over as it is.
			for i++; i < len(place); i++ {
				b.WriteByte(place[i])
				if place[i] == '\\' && i+1 < len(place) {
					i++
					b.WriteByte(place[i])
				} else if place[i] == '"' {
					break
				}
			}
		case place[i] == '[':
			for i+1 < len(place) && place[i+1] >= '0' && place[i+1] <= '9' {
				i++
			}
		}
	}
	return b.String()
}
