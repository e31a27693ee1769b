package spec

import (
	"errors"
	"strings"
	"testing"
)

// hoisted returns the components after the pass that hoists, as YAML lines,
// without their comments.
func hoisted(t *testing.T, short string, strict bool) (map[string]string, error) {
	t.Helper()
	s := after(t, "hoist", short, strict)
	found := map[string]string{}
	for name, n := range pairs(s.schemas()) {
		remove(n, extComment)
		found[name] = oneLine(t, n)
	}
	return found, errors.Join(s.errs...)
}

func TestHoist(t *testing.T) {
	for name, test := range map[string]struct {
		short string
		want  map[string]string
	}{
		"request and answer": {
			`operations: {a/b: {request: {type: object, properties: {x: {type: string}}}, response: {type: object, properties: {y: {type: string}}}}}`,
			map[string]string{"ABRequest": `{type: object, properties: {x: {type: string}}}`, "ABResponse": `{type: object, properties: {y: {type: string}}}`},
		},
		"answers that have a name or need none": {
			`{operations: {a: {response: {$ref: '#/components/schemas/X'}}, b: {response: {type: array, items: {type: string}}}}, schemas: {X: {type: object, properties: {y: {type: string}}}}}`,
			map[string]string{"X": `{type: object, properties: {y: {type: string}}}`},
		},
		"elements of a response": {
			`operations: {a/list: {response: {type: array, items: {type: object, properties: {x: {type: string}}}}}, a/items: {response: {type: array, items: {type: object, properties: {y: {type: string}}}}}}`,
			map[string]string{"AListItem": `{type: object, properties: {x: {type: string}}}`, "AItem": `{type: object, properties: {y: {type: string}}}`},
		},
		"objects, lists and maps in a component": {
			`{operations: {a: {response: {$ref: '#/components/schemas/poll'}}}, schemas: {poll: {type: object, properties: {
				choices: {type: array, items: {type: object, properties: {text: {type: string}}}},
				owner: {type: [object, 'null'], properties: {id: {type: string}}},
				votes: {type: object, additionalProperties: {type: object, properties: {n: {type: integer}}}}}}}}`,
			map[string]string{
				"Poll":       `{type: object, properties: {choices: {type: array, items: {$ref: '#/components/schemas/PollChoice'}}, owner: {oneOf: [{$ref: '#/components/schemas/PollOwner'}, {type: "null"}]}, votes: {type: object, additionalProperties: {$ref: '#/components/schemas/PollVote'}}}}`,
				"PollChoice": `{type: object, properties: {text: {type: string}}}`,
				"PollOwner":  `{type: object, properties: {id: {type: string}}}`,
				"PollVote":   `{type: object, properties: {n: {type: integer}}}`,
			},
		},
		"enums": {
			`{operations: {a: {request: {type: object, properties: {sort: {type: [string, 'null'], enum: [up, down], default: up, x-misskey-null: absent}}}}, b: {response: {type: string, enum: [on, off]}}}}`,
			map[string]string{
				"ARequest":  `{type: object, properties: {sort: {oneOf: [{$ref: '#/components/schemas/ASort'}, {type: "null"}], default: up, x-misskey-null: absent}}}`,
				"ASort":     `{type: string, enum: [up, down]}`,
				"BResponse": `{type: string, enum: [on, off]}`,
			},
		},
		"unions": {
			`{operations: {a: {response: {type: object, properties: {v: {oneOf: [{type: string}, {type: integer}, {type: object, properties: {x: {type: string}}}]}}}}}}`,
			map[string]string{
				"AResponse": `{type: object, properties: {v: {$ref: '#/components/schemas/AV'}}}`,
				"AV":        `{oneOf: [{$ref: '#/components/schemas/Text'}, {$ref: '#/components/schemas/Integer'}, {$ref: '#/components/schemas/AVObject'}]}`,
				"AVObject":  `{type: object, properties: {x: {type: string}}}`,
				"Text":      `{type: string}`,
				"Integer":   `{type: integer}`,
			},
		},
		"names that are taken": {
			`{operations: {a: {response: {type: object, properties: {x: {$ref: '#/components/schemas/AB'}, b: {type: object, properties: {y: {type: string}}}}}}}, schemas: {AB: {type: object, properties: {z: {type: string}}}}}`,
			map[string]string{
				"AB":         `{type: object, properties: {z: {type: string}}}`,
				"AResponse":  `{type: object, properties: {x: {$ref: '#/components/schemas/AB'}, b: {$ref: '#/components/schemas/AResponseB'}}}`,
				"AResponseB": `{type: object, properties: {y: {type: string}}}`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := hoisted(t, test.short, true)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range sortedKeys(test.want) {
				if got[name] != test.want[name] {
					t.Errorf("%s\ngot  %s\nwant %s", name, got[name], test.want[name])
				}
			}
			if len(got) != len(test.want) {
				t.Errorf("got the components %v", sortedKeys(got))
			}
		})
	}
}

func TestComponentNamesCollide(t *testing.T) {
	const short = `{operations: {a: {response: {type: object, properties: {x: {$ref: '#/components/schemas/foo-bar'}, y: {$ref: '#/components/schemas/foo_bar'}, z: {$ref: '#/components/schemas/Client'}}}}},
		schemas: {foo-bar: {type: object, properties: {a: {type: string}}}, foo_bar: {type: object, properties: {b: {type: string}}}, Client: {type: object, properties: {c: {type: string}}}}}`
	got, err := hoisted(t, short, false)
	if err != nil || strings.Join(sortedKeys(got), " ") != "AResponse ClientSchema FooBar FooBarSchema" {
		t.Errorf("got %v, %v", sortedKeys(got), err)
	}
	_, err = hoisted(t, short, true)
	for _, want := range []string{"#/components/schemas/foo_bar: the component foo_bar and foo-bar are both called FooBar", "#/components/schemas/Client: the component Client and a name that every generated package has are both called Client"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("strict: %v, want %q", err, want)
		}
	}
}

// The name table goes before the rule, for components, roots and what is inside.
func TestHoistWithNames(t *testing.T) {
	names, err := readNames([]byte("types: {AResponse: Answer, AnswerPart: Piece, Raw: Cooked}"))
	if err != nil {
		t.Fatal(err)
	}
	doc := document(t, `{operations: {a: {response: {type: object, properties: {part: {type: object, properties: {x: {$ref: '#/components/schemas/raw'}}}}}}}, schemas: {raw: {type: object, properties: {y: {type: string}}}}}`)
	s := newShaper(parsed(t, string(doc)), shapeOptions{strict: true, names: names})
	for _, p := range passes[:len(passes)-1] {
		p.run(s)
	}
	if err := errors.Join(s.errs...); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(componentNames(s.schemas()), " ")
	if got != "APart Answer Cooked" && got != "Answer Cooked Piece" {
		t.Errorf("got %s", got)
	}
	if !names.used["AResponse"] || !names.used["Raw"] {
		t.Errorf("used: %v", names.used)
	}
}

func TestPrune(t *testing.T) {
	s := after(t, "prune", `{operations: {a: {response: {$ref: '#/components/schemas/Used'}}}, schemas: {Used: {type: object, properties: {b: {$ref: '#/components/schemas/Behind'}}}, Behind: {type: object, properties: {x: {type: string}}},
		Unused: {type: object, properties: {z: {$ref: '#/components/schemas/Gone'}}}, Gone: {type: object, properties: {x: {type: string}}}, Kept: {type: object, properties: {x: {type: string}}, x-misskey-keep: true}}}`, true)
	if got := strings.Join(componentNames(s.schemas()), " "); got != "Behind Kept Used" {
		t.Errorf("got %s", got)
	}
}
