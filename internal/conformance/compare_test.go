package conformance

import (
	"slices"
	"testing"
)

func TestCompareAnswers(t *testing.T) {
	for _, test := range []struct {
		want, got   string
		lost, added []string
	}{
		{`{"a":null,"b":[],"c":{}}`, `{}`, nil, nil},
		{`{}`, `{"a":null,"b":[],"c":{}}`, nil, nil},
		{`null`, `{"a":[]}`, nil, nil},
		{`{"a":{"b":null}}`, `{}`, nil, nil},
		{`{"a":{"b":1}}`, `{}`, []string{"$.a.b"}, nil},
		{`{}`, `{"a":{"b":""}}`, nil, []string{"$.a.b"}},
		{`{"a":null}`, `{"a":false}`, nil, []string{"$.a"}},
		{`{"a":false}`, `{"a":null}`, []string{"$.a"}, nil},
		{`{"a":0}`, `{}`, []string{"$.a"}, nil},
		{`{"a":""}`, `{}`, []string{"$.a"}, nil},
		{`[1]`, `[1,1]`, []string{"$"}, nil},
		{`[]`, `[1]`, nil, []string{"$"}},
		{`[{}]`, `[]`, []string{"$"}, nil},
		{`[[1,[2]]]`, `[[1,[3]]]`, []string{"$[0][1][0]"}, nil},
		{`1`, `1.0`, nil, nil},
		{`1e3`, `1000`, nil, nil},
		{`0.1`, `0.10000000000000001`, nil, nil},
		{`9007199254740993`, `9007199254740992`, []string{"$"}, nil},
		{`1e999999999`, `2`, []string{"$"}, nil},
		{`1`, `"1"`, []string{"$"}, nil},
		{`"2026-11-22T06:38:07.000Z"`, `"2026-11-22T06:38:07Z"`, nil, nil},
		{`"2026-11-22T06:38:07.000Z"`, `"2026-11-22T07:38:07+01:00"`, nil, nil},
		{`"2026-11-22T06:38:07.001Z"`, `"2026-11-22T06:38:07Z"`, []string{"$"}, nil},
		{`{"a b":1,"ö":{"[0]":2}}`, `{}`, []string{`$["a b"]`, `$["ö"]["[0]"]`}, nil},
	} {
		want, err := parse([]byte(test.want))
		if err != nil {
			t.Fatal(err)
		}
		got, err := parse([]byte(test.got))
		if err != nil {
			t.Fatal(err)
		}
		lost, added := compareAnswers(want, got)
		if !slices.Equal(places(lost), test.lost) || !slices.Equal(places(added), test.added) {
			t.Errorf("%s and %s: lost %v, added %v; want %v, %v", test.want, test.got, lost, added, test.lost, test.added)
		}
	}
}

func TestCompareRequests(t *testing.T) {
	for _, test := range []struct {
		want, got string
		different []string
	}{
		{`{"a":null,"b":[],"c":{}}`, `{"a":null,"b":[],"c":{}}`, nil},
		{`{"a":null,"b":[],"c":{}}`, `{}`, []string{"$.a", "$.b", "$.c"}},
		{`{}`, `{"a":null,"b":[],"c":{}}`, []string{"$.a", "$.b", "$.c"}},
		{`{"free":null,"x":{"free":null}}`, `{"x":{}}`, []string{"$.x.free"}},
		{`{"free":null}`, `{"free":0}`, []string{"$.free"}},
		{`{"a":[null]}`, `{"a":[null]}`, nil},
		{`{"a":[]}`, `{"a":null}`, []string{"$.a"}},
	} {
		want, err := parse([]byte(test.want))
		if err != nil {
			t.Fatal(err)
		}
		got, err := parse([]byte(test.got))
		if err != nil {
			t.Fatal(err)
		}
		different := compareRequests(want, got, func(place string) bool { return place == "$.free" })
		if !slices.Equal(places(different), test.different) {
			t.Errorf("%s and %s: %v, want %v", test.want, test.got, different, test.different)
		}
	}
}

func TestGeneral(t *testing.T) {
	for place, want := range map[string]string{
		"$":                     "$",
		"$.a[12].b[0][1]":       "$.a[].b[][]",
		`$["a[1]"].b[3]`:        `$["a[1]"].b[]`,
		`$["a\"[1]"][3]["[0]"]`: `$["a\"[1]"][]["[0]"]`,
	} {
		if got := general(place); got != want {
			t.Errorf("general(%s) = %s, want %s", place, got, want)
		}
	}
}

func places(differences []Difference) []string {
	var all []string
	for _, d := range differences {
		all = append(all, d.Place)
	}
	return all
}
