package misskeytest

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"
)

// synthesize makes a response for an endpoint without behaviour of its own.
func (s *Server) synthesize(c *call) any {
	if c.op.response == nil {
		return nil
	}
	v := s.document.sampler(s.options.Seed, c.op.endpoint).value(c.op.response, 0)
	if items, ok := v.([]any); ok {
		if c.isFurtherPage() {
			return []any{}
		}
		if limit := integer(c.params["limit"]); limit > 0 && int64(len(items)) > limit {
			return items[:limit]
		}
	}
	return v
}

// isFurtherPage reports whether a list is being read that has ended before: one
// that has been made up has one page.
func (c *call) isFurtherPage() bool {
	for _, name := range []string{"sinceId", "untilId", "sinceDate", "untilDate"} {
		if c.params[name] != nil {
			return true
		}
	}
	return integer(c.params["offset"]) > 0 || integer(c.params["page"]) > 1
}

// A sampler makes values that a schema allows.
type sampler struct {
	document *document
	random   *rand.Rand
}

// sampler returns a sampler for an endpoint, which makes the same values each
// time.
func (d *document) sampler(seed uint64, endpoint string) *sampler {
	h := fnv.New64a()
	_, _ = h.Write([]byte(endpoint))
	return &sampler{d, rand.New(rand.NewPCG(seed, h.Sum64()))}
}

// Below these depths a value has nothing in it that it can do without, because
// schemas contain themselves.
const (
	optionalDepth = 2
	nullableDepth = 4
)

func (g *sampler) value(schema any, depth int) any { return g.named("", schema, depth) }

// named makes the value of a property. Where the schema allows anything, its name
// says what makes sense.
func (g *sampler) named(name string, schema any, depth int) any {
	s := g.document.resolve(schema)
	if arms := either(s, "oneOf", "anyOf"); len(arms) > 0 {
		return g.join(s, g.arm(arms, depth), depth)
	}
	if values, ok := s["enum"].([]any); ok {
		values = slices.DeleteFunc(slices.Clone(values), func(v any) bool { return v == nil })
		return values[g.random.IntN(len(values))]
	}
	all := types(s)
	if depth > nullableDepth && slices.Contains(all, "null") {
		return nil
	}
	kind := ""
	for _, t := range all {
		if t != "null" {
			kind = t
			break
		}
	}
	if kind == "" && (s["properties"] != nil || s["allOf"] != nil) {
		kind = "object"
	}
	switch kind {
	case "string":
		return g.text(name, s)
	case "integer", "number":
		return g.number(s)
	case "boolean":
		return g.random.IntN(2) == 0
	case "array":
		return g.array(name, s, depth)
	case "object":
		return g.object(s, depth)
	}
	if slices.Contains(all, "null") {
		return nil
	}
	return object{} // anything will do
}

func either(s object, keys ...string) []any {
	for _, key := range keys {
		if arms, ok := s[key].([]any); ok {
			return arms
		}
	}
	return nil
}

// arm chooses one of several schemas.
func (g *sampler) arm(arms []any, depth int) any {
	var nothing, something []any
	for _, arm := range arms {
		if slices.Equal(types(g.document.resolve(arm)), []string{"null"}) {
			nothing = append(nothing, arm)
		} else {
			something = append(something, arm)
		}
	}
	if len(something) == 0 || len(nothing) > 0 && depth > nullableDepth-2 {
		return nothing[0]
	}
	return something[g.random.IntN(len(something))]
}

// join makes a value of one of the arms of s, which has also what s says itself.
func (g *sampler) join(s object, arm any, depth int) any {
	v := g.value(arm, depth)
	rest := maps.Clone(s)
	delete(rest, "oneOf")
	delete(rest, "anyOf")
	inner, ok := v.(object)
	if !ok || rest["properties"] == nil && rest["allOf"] == nil {
		return v
	}
	outer := g.object(rest, depth)
	maps.Copy(outer, inner)
	return outer
}

func (g *sampler) object(s object, depth int) object {
	v := object{}
	parts, _ := s["allOf"].([]any)
	for _, part := range parts {
		if inner, ok := g.value(part, depth).(object); ok {
			maps.Copy(v, inner)
		}
	}
	required := map[string]bool{}
	names, _ := s["required"].([]any)
	for _, name := range names {
		required[text(name)] = true
	}
	properties, _ := s["properties"].(object)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if required[name] || depth < optionalDepth {
			v[name] = g.named(name, properties[name], depth+1)
		}
	}
	if more, ok := s["additionalProperties"].(object); ok && depth < optionalDepth && len(properties) == 0 {
		v["key"] = g.value(more, depth+1)
	}
	return v
}

func (g *sampler) array(name string, s object, depth int) []any {
	v := []any{}
	tuple, _ := s["prefixItems"].([]any)
	for _, item := range tuple {
		v = append(v, g.value(item, depth+1))
	}
	if s["items"] == nil {
		return v
	}
	n := int(integer(s["minItems"]))
	if depth < nullableDepth {
		n = max(n, 1)
	}
	for len(v) < n {
		item := g.named(strings.TrimSuffix(name, "s"), s["items"], depth+1)
		if s["uniqueItems"] == true && slices.ContainsFunc(v, func(other any) bool { return equal(other, item) }) {
			break // there are not more
		}
		v = append(v, item)
	}
	return v
}

func equal(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

func (g *sampler) number(s object) any {
	low, high := int64(0), int64(99)
	if v, ok := s["minimum"].(json.Number); ok {
		low, _ = v.Int64()
		high = low + 99
	}
	if v, ok := s["maximum"].(json.Number); ok {
		high, _ = v.Int64()
		low = min(low, high)
	}
	return json.Number(fmt.Sprint(low + g.random.Int64N(high-low+1)))
}

// patterned are texts of which each pattern of the document allows one.
var patterned = []string{"name", "#86b300", "2000-01-02", "image/png"}

func (g *sampler) text(name string, s object) string {
	made := time.Date(2025, 1, 1, 0, 0, 0, int(g.random.Int32N(1000))*1e6, time.UTC)
	n := g.random.Int64N(36 * 36 * 36)
	switch s["format"] {
	case "id", "misskey:id":
		return prefix(made.Sub(epoch).Milliseconds()) + node + digits(n, 4)
	case "date-time":
		return stamp(made)
	case "url", "uri":
		return fmt.Sprintf("https://example.com/%d", n)
	case "uuid":
		return fmt.Sprintf("00000000-0000-4000-8000-%012d", n)
	case "md5":
		return fmt.Sprintf("%032x", n)
	case "binary":
		return ""
	}
	if pattern := text(s["pattern"]); pattern != "" {
		if re, err := regexp.Compile(pattern); err == nil {
			for _, candidate := range patterned {
				if re.MatchString(candidate) {
					return candidate
				}
			}
		}
	}
	if v := meaningful(name, n); v != "" && allows(s, v) {
		return v
	}
	v := fmt.Sprintf("text %d", n)
	for int64(len(v)) < integer(s["minLength"]) {
		v += "."
	}
	if longest := integer(s["maxLength"]); longest > 0 && int64(len(v)) > longest {
		v = v[:longest]
	}
	return v
}

// meaningful is a text that makes sense for a property with a name, or "".
func meaningful(name string, n int64) string {
	lower := strings.ToLower(name)
	ends := func(suffixes ...string) bool {
		return slices.ContainsFunc(suffixes, func(suffix string) bool { return strings.HasSuffix(lower, suffix) })
	}
	switch {
	case ends("url", "uri", "inbox", "callback"), lower == "icon":
		return fmt.Sprintf("https://example.com/%d", n)
	case ends("email"):
		return fmt.Sprintf("user%d@example.com", n)
	case ends("host", "domain"):
		return "remote.example"
	case ends("username"):
		return fmt.Sprintf("user%d", n)
	case ends("color"):
		return "#86b300"
	case ends("version"):
		return "1.0.0"
	case lower == "lang", lower == "sourcelang", lower == "targetlang":
		return "en"
	case lower == "ip":
		return "192.0.2.1"
	case ends("md5"):
		return fmt.Sprintf("%032x", n)
	case ends("id") && (lower == "id" || strings.HasSuffix(name, "Id")):
		return prefix(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).Sub(epoch).Milliseconds()) + node + digits(n, 4)
	case ends("at") && strings.HasSuffix(name, "At"):
		return stamp(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC))
	}
	return ""
}

// allows reports whether a schema of texts allows one.
func allows(s object, v string) bool {
	if pattern := text(s["pattern"]); pattern != "" {
		if re, err := regexp.Compile(pattern); err != nil || !re.MatchString(v) {
			return false
		}
	}
	longest := integer(s["maxLength"])
	return int64(len(v)) >= integer(s["minLength"]) && (longest == 0 || int64(len(v)) <= longest)
}
