package spec

import (
	"errors"
	"strings"
	"testing"
)

func TestConstantName(t *testing.T) {
	for value, want := range map[string]string{
		"home": "Home", "": "Empty", "+createdAt": "CreatedAtDesc", "-createdAt": "CreatedAtAsc", "*": "Any", "-": "Minus",
		"waiting-children": "WaitingChildren", "reaction:grouped": "ReactionGrouped", "1": "1", "ja-JP": "JaJP", ">=": "GreaterEqual",
		"...": "DotDotDot", "日本語": "U65E5U672CU8A9E", "👍": "U1F44D", "func": "Func", "i18n": "I18n", " ": "Space",
	} {
		if got := constantName(value); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

func TestNameConstants(t *testing.T) {
	const short = `operations: {a: {request: {type: object, properties: {e: {type: string, enum: [foo-bar, fooBar]}}}}}`
	g := generated(t, short)
	compiled(t, g.Files)
	for _, want := range []string{`AEFooBar AE = "foo-bar"`, `AEFooBarValue AE = "fooBar"`} {
		if !strings.Contains(squeeze(source(g)), want) {
			t.Errorf("no %s", want)
		}
	}
	err := errors.Join(after(t, "fields", short, true).errs...)
	if err == nil || !strings.Contains(err.Error(), `values "foo-bar" and "fooBar" of AE are both the constant FooBar`) {
		t.Errorf("strict: %v", err)
	}
}

// The names that the document gives go before the rule.
func TestNameConstantsGiven(t *testing.T) {
	s := after(t, "fields", `operations: {a: {request: {type: object, properties: {e: {type: string, enum: ['+', '-'], x-enum-varnames: [Up, Down]}}}}}`, true)
	if got := strings.Join(texts(get(s.schemas(), "AE", "x-enum-varnames")), " "); got != "Up Down" {
		t.Errorf("got %s", got)
	}
}

// A constant of an enum keeps out of the way of types and other constants.
func TestSeparateConstants(t *testing.T) {
	const short = `{operations: {a: {response: {type: object, properties: {c: {$ref: '#/components/schemas/Color'}, r: {$ref: '#/components/schemas/ColorRed'}, d: {$ref: '#/components/schemas/ColorDark'}}}}}, schemas: {
		Color: {type: string, enum: [red, darkBlue]}, ColorDark: {type: string, enum: [blue]}, ColorRed: {type: object, properties: {x: {type: string}}}}}`
	g := generated(t, short)
	compiled(t, g.Files)
	for _, want := range []string{`ColorRedValue Color = "red"`, `ColorDarkBlue Color = "darkBlue"`, `ColorDarkBlueValue ColorDark = "blue"`} {
		if !strings.Contains(squeeze(source(g)), want) {
			t.Errorf("no %s", want)
		}
	}
	err := errors.Join(after(t, "enum constants", short, true).errs...)
	if err == nil || !strings.Contains(err.Error(), `the value "red" of Color has the constant ColorRed, a name that is taken`) {
		t.Errorf("strict: %v", err)
	}
}
