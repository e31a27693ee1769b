package spec

import (
	"errors"
	"strings"
	"testing"
)

func TestOneEnum(t *testing.T) {
	g := generated(t, `
operations:
  things/list:
    request:
      type: object
      properties:
        states: {type: array, items: {type: string, enum: [a, b, old], x-misskey-enum: ThingState}}
        other: {type: [string, 'null'], x-misskey-enum: ThingState, x-misskey-null: absent}
        nullable: {type: [string, 'null'], x-misskey-enum: ThingState}
        alone: {type: string, x-misskey-enum: Alone}
        listed: {type: string, x-misskey-enum: Listed}
    response: {type: array, items: {$ref: '#/components/schemas/Thing'}}
schemas:
  Listed: {type: string, enum: [x, y]}
  Thing: {type: object, required: [state], properties: {state: {type: string, enum: [a, b, new], x-misskey-enum: ThingState}}}
`)
	compiled(t, g.Files)
	have := squeeze(source(g))
	for _, want := range []string{
		`States []ThingState`, `Other *ThingState`, "Nullable api.Nullable[ThingState]", "State ThingState", "Alone *string", "Listed *Listed",
		`ThingStateA ThingState = "a"`, `ThingStateNew ThingState = "new"`, `ThingStateOld ThingState = "old"`, `ListedY Listed = "y"`,
	} {
		if !strings.Contains(have, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(have, "ListRequestState") {
		t.Error("a second enum")
	}
}

// Our own document must say the values of an enum that the overlay names.
func TestOneEnumWithoutValues(t *testing.T) {
	for _, schema := range []string{"{type: string, x-misskey-enum: State}", "{type: integer, x-misskey-enum: State}"} {
		s := after(t, "one enum", "operations: {t: {response: {type: object, properties: {state: "+schema+"}}}}", true)
		if err := errors.Join(s.errs...); err == nil || !strings.Contains(err.Error(), "properties/state: x-misskey-enum: State is no enum") {
			t.Errorf("%s: error %v", schema, err)
		}
	}
}
