package spec

import (
	"strings"
	"testing"
)

// operationOf returns the only operation of a document in short.
func operationOf(t *testing.T, short string) *operation {
	t.Helper()
	doc := parsed(t, string(document(t, short)))
	shaped, err := shape(doc, shapeOptions{names: table(t, "")})
	if err != nil {
		t.Fatal(err)
	}
	return shaped.operations[0]
}

func TestLiteral(t *testing.T) {
	for short, want := range map[string]string{
		`operations: {a/b: {x-misskey-credential: false}}`:                                                                    `&Operation{Endpoint: "a/b"}`,
		`operations: {a: {x-misskey-permission: 'read:account', response: {type: string}}}`:                                   `&Operation{Endpoint: "a", Permission: PermissionReadAccount, Credential: true, ReadOnly: true}`,
		`operations: {a: {x-misskey-permission: 'read:account'}}`:                                                             `&Operation{Endpoint: "a", Permission: PermissionReadAccount, Credential: true}`,
		`operations: {a: {x-misskey-permission: 'read:account', x-misskey-read-only: false, response: {type: string}}}`:       `&Operation{Endpoint: "a", Permission: PermissionReadAccount, Credential: true}`,
		`operations: {a: {x-misskey-read-only: true}}`:                                                                        `&Operation{Endpoint: "a", Credential: true, ReadOnly: true}`,
		`operations: {a: {method: get}}`:                                                                                      `&Operation{Endpoint: "a", Credential: true, GETOnly: true, ReadOnly: true}`,
		`operations: {a: {x-misskey-secure: true, x-misskey-role: moderator, x-misskey-prohibit-moved: true}}`:                `&Operation{Endpoint: "a", Credential: true, Secure: true, ProhibitMoved: true, Role: api.RoleModerator}`,
		`operations: {a: {x-misskey-role: "o\"wner", x-misskey-policy: can"}}`:                                                `&Operation{Endpoint: "a", Credential: true, Role: "o\"wner", Policy: "can\""}`,
		`operations: {a: {x-misskey-limit: {max: 30, duration: 3600000, min-interval: 1500}, x-misskey-cache-seconds: 3600}}`: `&Operation{Endpoint: "a", Credential: true, Limit: api.Limit{Max: 30, Window: time.Hour, MinInterval: 1500 * time.Millisecond}, CacheFor: time.Hour}`,
		`operations: {a: {x-misskey-limit: {max: 3, duration: 86400000}}}`:                                                    `&Operation{Endpoint: "a", Credential: true, Limit: api.Limit{Max: 3, Window: 24 * time.Hour}}`,
		`operations: {a: {x-misskey-errors: [{code: B, id: '1'}, {code: A, id: '2'}, {code: B, id: '3'}]}}`:                   `&Operation{Endpoint: "a", Credential: true, Errors: []ErrorCode{ErrA, ErrB}}`,
		`operations: {a: {response: {type: [string, 'null']}}}`:                                                               `&Operation{Endpoint: "a", Credential: true, MayBeEmpty: true}`,
	} {
		if got := operationOf(t, short).Literal(); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", short, got, want)
		}
	}
}

func TestOperationComment(t *testing.T) {
	o := operationOf(t, `operations: {notes/create: {x-misskey-permission: 'write:notes', x-misskey-role: administrator, x-misskey-prohibit-moved: true, x-misskey-caution: It posts in public., x-misskey-limit: {max: 300, duration: 3600000, min-interval: 1000}, x-misskey-errors: [{code: NO_SUCH_NOTE, id: '1'}, {code: NO_SUCH_NOTE, id: '2'}], responses: {'200': {description: '', content: {application/json: {schema: {type: string}}}}, '204': {description: ''}}}}`)
	want := `NotesCreate calls notes/create.

It needs a token; that of an app needs the permission write:notes. The account must be an
administrator. It refuses accounts that have moved. It is limited to 300 calls in 1 hour. Calls must
be 1 second apart. The result is nil where the server answers that there is none.

It posts in public.

Errors: [ErrNoSuchNote].`
	if got := o.comment(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for short, want := range map[string]string{
		`operations: {a: {x-misskey-secure: true}}`:                                      "It needs an account's own token and refuses those of apps.",
		`operations: {a: {x-misskey-credential: false, x-misskey-permission: 'read:a'}}`: "It needs no token, but that of an app needs the permission read:a.",
		`operations: {a: {x-misskey-credential: false}}`:                                 "It needs no token.",
		`operations: {a: {x-misskey-policy: canInvite}}`:                                 "It needs a token. The account needs the role policy canInvite.",
		`operations: {a: {method: get}}`:                                                 "It needs a token. It is sent as GET.",
		`operations: {a: {x-misskey-limit: {min-interval: 1500}}}`:                       "It needs a token. Calls must be 1500 milliseconds apart.",
		`operations: {a: {x-misskey-limit: {max: 5}}}`:                                   "It needs a token.",
	} {
		if got := strings.Join(operationOf(t, short).facts(), " "); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", short, got, want)
		}
	}
}

// An operation that GET can read is so, whatever stands there for POST.
func TestReadOnlyByGET(t *testing.T) {
	o := operationOf(t, `paths: {/a: {get: {x-misskey-credential: true, responses: {'204': {description: ''}}}, post: {x-misskey-credential: true, responses: {'204': {description: ''}}}}}`)
	if !o.GET || o.GETOnly || !o.ReadOnly {
		t.Errorf("got %s", o.Literal())
	}
}
