package conformance

import (
	"container/heap"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Trim chooses from a recording, in its order, what shows everything that the
// whole shows, and little else. What it keeps of each endpoint:
//
//   - each status, error code and error id,
//   - in accepted requests and in responses, each kind of value at each place,
//     and each set of keys that objects of one type have there; see [features].
//
// Items of arrays in answers that show nothing new are dropped, and the
// server's sentences are blanked.
func Trim(exchanges []*Exchange) ([]*Exchange, error) {
	all := index{}
	candidates := make(candidates, 0, len(exchanges))
	for i, e := range exchanges {
		c, err := newCandidate(i, e, all)
		if err != nil {
			return nil, err
		}
		candidates = append(candidates, c)
	}
	covered := &coverage{all, make([]bool, len(all))}
	for _, c := range candidates {
		c.weigh(covered)
	}
	heap.Init(&candidates)
	var kept []*candidate
	for len(candidates) > 0 {
		// What was weighed before others were kept can only have become
		// less worth.
		best := candidates[0]
		before := best.worth
		if best.weigh(covered); best.worth < before {
			heap.Fix(&candidates, 0)
			if best.worth == 0 {
				heap.Remove(&candidates, best.at)
			}
			continue
		}
		heap.Pop(&candidates)
		if best.worth == 0 {
			break
		}
		if err := best.keep(covered); err != nil {
			return nil, err
		}
		kept = append(kept, best)
	}
	slices.SortFunc(kept, func(a, b *candidate) int { return a.order - b.order })
	trimmed := make([]*Exchange, len(kept))
	for i, c := range kept {
		trimmed[i] = c.exchange
	}
	return trimmed, nil
}

type set map[string]bool

// An index numbers features: there are many, and each is looked up often.
type index map[string]int

func (x index) number(feature string) int {
	n, ok := x[feature]
	if !ok {
		n = len(x)
		x[feature] = n
	}
	return n
}

// coverage is what is known of the features.
type coverage struct {
	index
	known []bool
}

// news reports whether one of the features is not known.
func (c *coverage) news(features set) bool {
	for feature := range features {
		if !c.known[c.number(feature)] {
			return true
		}
	}
	return false
}

func (c *coverage) learn(features set) {
	for feature := range features {
		c.known[c.number(feature)] = true
	}
}

// A candidate is an exchange that may be kept.
type candidate struct {
	order    int
	exchange *Exchange
	answer   any
	features []int
	size     int
	worth    float64 // new features per byte
	at       int     // in the heap
}

func newCandidate(order int, e *Exchange, all index) (*candidate, error) {
	own := *e
	own.Headers = maps.Clone(e.Headers)
	answer, err := parse(e.Response)
	if err != nil {
		return nil, fmt.Errorf("conformance: trimming %s: response: %w", e.Source, err)
	}
	request, err := parse(e.Request)
	if err != nil {
		return nil, fmt.Errorf("conformance: trimming %s: request: %w", e.Source, err)
	}
	blank(&own, answer)
	shown := set{fmt.Sprint(own.Endpoint, " ", own.Method, " ", own.mediaType(), " ", own.Refusal()): true}
	if own.Succeeded() {
		features(own.Endpoint+" > $", request, shown)
		features(own.Endpoint+" < $", answer, shown)
	}
	c := &candidate{order: order, exchange: &own, answer: answer, size: len(e.Request) + len(e.Response) + 200}
	for feature := range shown {
		c.features = append(c.features, all.number(feature))
	}
	return c, nil
}

// weigh finds out what keeping c would be worth.
func (c *candidate) weigh(covered *coverage) {
	n := 0
	for _, feature := range c.features {
		if !covered.known[feature] {
			n++
		}
	}
	c.worth = float64(n) / float64(c.size)
}

// keep drops what is known from c's answer and marks the rest as known.
func (c *candidate) keep(covered *coverage) error {
	if c.exchange.Succeeded() {
		c.answer = prune(c.exchange.Endpoint+" < $", c.answer, covered)
	}
	for _, feature := range c.features {
		covered.known[feature] = true
	}
	var err error
	if c.exchange.Response, err = encode(c.answer); err != nil {
		return fmt.Errorf("conformance: trimming %s: %w", c.exchange.Source, err)
	}
	return nil
}

// prune drops the items of arrays in v that show nothing new, but for the
// first.
func prune(place string, v any, covered *coverage) any {
	switch v := v.(type) {
	case map[string]any:
		if discriminator, ok := v["type"].(string); ok {
			place = typed(place, discriminator)
		}
		for _, key := range keys(v) {
			v[key] = prune(join(place, key), v[key], covered)
		}
	case []any:
		var kept []any
		for i, item := range v {
			shown := set{}
			features(place+"[]", item, shown)
			if i > 0 && !covered.news(shown) {
				continue
			}
			kept = append(kept, prune(place+"[]", item, covered))
			covered.learn(shown)
		}
		if kept != nil {
			return kept
		}
	}
	return v
}

// features adds to all what v shows: at each place the kind of the value, and
// of an object the keys together with its type, if it has one.
func features(place string, v any, all set) {
	switch v := v.(type) {
	case nil:
		all[place+" null"] = true
	case bool:
		all[place+" "+strconv.FormatBool(v)] = true
	case json.Number:
		switch text := v.String(); {
		case text == "0":
			all[place+" zero"] = true
		case strings.ContainsAny(text, ".eE"):
			all[place+" fraction"] = true
		case strings.HasPrefix(text, "-"):
			all[place+" negative"] = true
		default:
			all[place+" integer"] = true
		}
	case string:
		kind := " string"
		if v == "" {
			kind = " empty"
		} else if _, err := time.Parse(time.RFC3339, v); err == nil {
			kind = " time"
		}
		all[place+kind] = true
	case []any:
		if len(v) == 0 {
			all[place+" []"] = true
		}
		for _, item := range v {
			features(place+"[]", item, all)
		}
	case map[string]any:
		all[place+" {"+strings.Join(keys(v), ",")+"}"] = true
		if discriminator, ok := v["type"].(string); ok {
			all[place+" type "+discriminator] = true
			place = typed(place, discriminator)
		}
		for key, value := range v {
			features(join(place, key), value, all)
		}
	}
}

// typed is the place of an object of one type among several.
func typed(place, discriminator string) string { return place + "<" + discriminator + ">" }

// candidates is a heap with the one most worth on top; of equals the earlier.
type candidates []*candidate

func (h candidates) Len() int { return len(h) }
func (h candidates) Less(i, j int) bool {
	if h[i].worth != h[j].worth {
		return h[i].worth > h[j].worth
	}
	return h[i].order < h[j].order
}
func (h candidates) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].at, h[j].at = i, j
}
func (h *candidates) Push(x any) {
	c := x.(*candidate)
	c.at = len(*h)
	*h = append(*h, c)
}
func (h *candidates) Pop() any {
	old := *h
	c := old[len(old)-1]
	*h = old[:len(old)-1]
	return c
}
