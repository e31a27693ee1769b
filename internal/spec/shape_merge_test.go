package spec

import (
	"strings"
	"testing"
)

func TestMergeEqual(t *testing.T) {
	for name, test := range map[string]struct{ short, want string }{
		"inside answers": {
			`operations: {a/b: {response: {type: object, properties: {poll: {type: object, properties: {x: {type: string}}}, k: {type: string}}}}, c: {response: {type: object, properties: {poll: {type: object, properties: {x: {type: string}}}}}}}`,
			"ABResponse CPoll CResponse",
		},
		"like a component, which gives the name": {
			`{operations: {a: {response: {type: object, properties: {x: {$ref: '#/components/schemas/LongName'}, y: {type: object, properties: {z: {type: string}}}}}}}, schemas: {LongName: {type: object, properties: {z: {type: string}}}}}`,
			"AResponse LongName",
		},
		"components of their own": {
			`{operations: {a: {response: {type: object, properties: {x: {$ref: '#/components/schemas/First'}, y: {$ref: '#/components/schemas/Eins'}}}}}, schemas: {First: {type: object, properties: {z: {type: string}}}, Eins: {type: object, properties: {z: {type: string}}}}}`,
			"AResponse Eins",
		},
		"requests stay": {
			`operations: {a: {request: {type: object, properties: {x: {type: string}}}}, b: {request: {type: object, properties: {x: {type: string}}}}}`,
			"ARequest BRequest",
		},
		"answers stay": {
			`operations: {a: {response: {type: object, properties: {x: {type: string}}}}, b: {response: {type: object, properties: {x: {type: string}}}}}`,
			"AResponse BResponse",
		},
		"limits make no other type": {
			`operations: {a: {request: {type: object, properties: {p: {type: object, properties: {n: {type: integer, maximum: 1}}}}}}, b: {request: {type: object, properties: {p: {type: object, properties: {n: {type: integer, maximum: 2}}}}}}}`,
			"AP ARequest BRequest",
		},
		"required makes another": {
			`operations: {a: {request: {type: object, properties: {p: {type: object, properties: {n: {type: integer}}}}}}, b: {request: {type: object, properties: {p: {type: object, required: [n], properties: {n: {type: integer}}}}}}}`,
			"AP ARequest BP BRequest",
		},
		"enums in another order": {
			`operations: {a: {request: {type: object, properties: {e: {type: string, enum: [x, y]}}}}, b: {request: {type: object, properties: {e: {type: string, enum: [y, x]}}}}}`,
			"AE ARequest BRequest",
		},
		"after their parts": {
			`operations: {a: {response: {type: object, properties: {o: {type: object, properties: {i: {type: object, properties: {x: {type: string}}}}}}}}, b: {response: {type: object, properties: {o: {type: object, properties: {i: {type: object, properties: {x: {type: string}}}}}, more: {type: string}}}}}`,
			"AO AOI AResponse BResponse",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := after(t, "merge", test.short, true)
			if got := strings.Join(componentNames(s.schemas()), " "); got != test.want {
				t.Errorf("got %s, want %s, errors %v", got, test.want, s.errs)
			}
		})
	}
}

// What is true of one of several equal types only is not said.
func TestMergeEqualComments(t *testing.T) {
	g := generated(t, `operations:
  a: {request: {type: object, properties: {p: {type: object, properties: {n: {type: integer, maximum: 1}, m: {type: integer, maximum: 3}}}}}}
  b: {request: {type: object, properties: {p: {type: object, properties: {n: {type: integer, maximum: 2}, m: {type: integer, maximum: 3}}}}}}`)
	if got := typeIn(t, g, "AP"); strings.Contains(got, "N is at most") || !strings.Contains(got, "M is at most 3.") {
		t.Errorf("got %s", got)
	}
}

// Types stand in type parameters, too.
func TestReplaceTypes(t *testing.T) {
	g := generated(t, `operations:
  a: {request: {type: object, properties: {zzz: {type: [object, 'null'], properties: {n: {type: integer}}}}}}
  b: {request: {type: object, properties: {p: {type: object, properties: {n: {type: integer}}}}}}`)
	compiled(t, g.Files)
	if got, want := typeIn(t, g, "ARequest"), "Zzz api.Nullable[BP]"; !strings.Contains(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}
