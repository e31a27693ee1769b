package spec

import (
	"errors"
	"strings"
	"testing"
)

// The tests of what a field becomes look at the Go in the end: the schema says
// it in four extensions.

// typeIn returns the declaration of a type in generated Go, squeezed.
func typeIn(t *testing.T, g *Generated, name string) string {
	t.Helper()
	src := source(g)
	start := strings.Index(src, "\ntype "+name+" ")
	if start < 0 {
		t.Fatalf("no type %s in\n%s", name, src)
	}
	decl, _, _ := strings.Cut(src[start:], "\n}\n")
	return squeeze(decl)
}

func TestFields(t *testing.T) {
	const fields = `
    s: {type: string}
    n: {type: number}
    b: {type: boolean}
    t: {type: string, format: date-time}
    l: {type: array, items: {type: string}}
    m: {type: object, additionalProperties: {type: integer}}
    r: {$ref: '#/components/schemas/Thing'}
    o: {oneOf: [{type: string}, {type: array, items: {type: string}}]}
    any: {}
    sN: {type: [string, 'null']}
    lN: {type: [array, 'null'], items: {type: string}}
    rN: {oneOf: [{$ref: '#/components/schemas/Thing'}, {type: 'null'}]}
    sA: {type: [string, 'null'], x-misskey-null: absent}
    sD: {type: string, default: x}
`
	const names = "s, n, b, t, l, m, r, o, any, sN, lN, rN, sA, sD"
	g := generated(t, `
operations:
  opt: {request: {$ref: '#/components/schemas/OptRequest'}, response: {$ref: '#/components/schemas/OptResponse'}}
  req: {request: {$ref: '#/components/schemas/ReqRequest'}, response: {$ref: '#/components/schemas/ReqResponse'}}
schemas:
  Thing: {type: object, properties: {id: {type: string}}}
  OptRequest:
   type: object
   properties: `+fields+`
  ReqRequest:
   type: object
   required: [`+names+`]
   properties: `+fields+`
  OptResponse:
   type: object
   properties: `+fields+`
  ReqResponse:
   type: object
   required: [`+names+`]
   properties: `+fields)
	compiled(t, g.Files)
	for typ, want := range map[string]string{
		"OptResponse": `
S *string "json:\"s,omitempty\""
N *int "json:\"n,omitempty\""
B *bool "json:\"b,omitempty\""
T *time.Time "json:\"t,omitempty\""
L []string "json:\"l,omitzero\""
M map[string]int "json:\"m,omitzero\""
R *Thing "json:\"r,omitempty\""
O api.OneOrMany[string] "json:\"o,omitzero\""
Any json.RawMessage "json:\"any,omitzero\""
SN *string "json:\"sN,omitempty\""
LN []string "json:\"lN,omitzero\""
RN *Thing "json:\"rN,omitempty\""
SA *string "json:\"sA,omitempty\""
SD *string "json:\"sD,omitempty\""`,
		"ReqResponse": `
S string "json:\"s\""
N int "json:\"n\""
B bool "json:\"b\""
T time.Time "json:\"t\""
L []string "json:\"l\""
M map[string]int "json:\"m\""
R Thing "json:\"r\""
O api.OneOrMany[string] "json:\"o\""
Any json.RawMessage "json:\"any\""
SN *string "json:\"sN\""
LN []string "json:\"lN\""
RN *Thing "json:\"rN\""
SA *string "json:\"sA\""
SD string "json:\"sD\""`,
		"OptRequest": `
S *string "json:\"s,omitempty\""
N *int "json:\"n,omitempty\""
B *bool "json:\"b,omitempty\""
T *time.Time "json:\"t,omitempty\""
L []string "json:\"l,omitzero\""
M map[string]int "json:\"m,omitzero\""
R *Thing "json:\"r,omitempty\""
O api.OneOrMany[string] "json:\"o,omitzero\""
Any api.Nullable[any] "json:\"any,omitzero\""
SN api.Nullable[string] "json:\"sN,omitzero\""
LN api.Nullable[[]string] "json:\"lN,omitzero\""
RN api.Nullable[Thing] "json:\"rN,omitzero\""
SA *string "json:\"sA,omitempty\""
SD *string "json:\"sD,omitempty\""`,
		"ReqRequest": `
S string "json:\"s\""
N int "json:\"n\""
B bool "json:\"b\""
T time.Time "json:\"t\""
L []string "json:\"l\""
M map[string]int "json:\"m\""
R Thing "json:\"r\""
O api.OneOrMany[string] "json:\"o\""
Any any "json:\"any\""
SN *string "json:\"sN\""
LN []string "json:\"lN\""
RN *Thing "json:\"rN\""
SA *string "json:\"sA\""
SD *string "json:\"sD,omitempty\""`,
	} {
		got := typeIn(t, g, typ)
		for line := range strings.Lines(strings.TrimSpace(want)) {
			line = strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(line), `"json:\"`, "`json:\""), `\""`, "\"`")
			if !strings.Contains(got, line) {
				t.Errorf("%s lacks %s", typ, line)
			}
		}
		if t.Failed() {
			t.Logf("%s is %s", typ, got)
		}
	}
}

func TestFieldNames(t *testing.T) {
	const short = `{operations: {a: {response: {type: object, properties: {foo-bar: {type: string}, fooBar: {type: string}, '-': {type: string}}}}}}`
	g := generated(t, short)
	got := typeIn(t, g, "AResponse")
	for _, want := range []string{"X *string `json:\"-,omitempty\"`", "FooBar *string `json:\"foo-bar,omitempty\"`", "FooBarField *string `json:\"fooBar,omitempty\"`"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	err := errors.Join(after(t, "fields", short, true).errs...)
	if want := "the properties foo-bar and fooBar of AResponse are both the field FooBar"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("strict: %v, want %q", err, want)
	}
}

// A struct cannot contain itself: one field of each circle is a pointer.
func TestBreakCycles(t *testing.T) {
	g := generated(t, `{operations: {a: {response: {$ref: '#/components/schemas/A'}}}, schemas: {
		A: {type: object, required: [b, a, list], properties: {b: {$ref: '#/components/schemas/B'}, a: {$ref: '#/components/schemas/A'}, list: {type: array, items: {$ref: '#/components/schemas/A'}}}},
		B: {type: object, required: [a, c], properties: {a: {$ref: '#/components/schemas/A'}, c: {$ref: '#/components/schemas/C'}}},
		C: {type: object, properties: {x: {type: string}}}}}`)
	compiled(t, g.Files)
	if got, want := typeIn(t, g, "A"), "type A struct { A *A `json:\"a\"` B B `json:\"b\"` List []A `json:\"list\"`"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := typeIn(t, g, "B"), "type B struct { A *A `json:\"a\"` C C `json:\"c\"`"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
