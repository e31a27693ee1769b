package spec

import (
	"errors"
	"strings"
	"testing"
)

func TestShapeOperations(t *testing.T) {
	ok := `{'200': {description: '', content: {application/json: {schema: {type: string}}}}}`
	for name, test := range map[string]struct {
		path string // "/a" if absent
		item string // the path item
		want string // what becomes of it
		note string
	}{
		"GET beside POST": {
			item: `{get: {operationId: x, responses: ` + ok + `}, post: {operationId: x, tags: [t], responses: ` + ok + `}}`,
			want: `{post: {operationId: A, responses: ` + ok + `, x-misskey-get: true}}`,
		},
		"GET alone": {
			item: `{get: {operationId: get___a, responses: ` + ok + `}}`,
			want: `{get: {operationId: A, responses: ` + ok + `}}`,
		},
		"200 beside 204 and errors": {
			item: `{post: {responses: {'204': {description: ''}, '200': {description: '', content: {application/json: {schema: {type: string}}}}, '400': {description: ''}}}}`,
			want: `{post: {operationId: A, responses: ` + ok + `, x-misskey-may-be-empty: true}}`,
		},
		"errors only": {
			item: `{post: {responses: {'400': {description: ''}, default: {description: ''}}}}`,
			want: `{post: {operationId: A, responses: {'204': {description: ''}}}}`,
		},
		"JSON where there is a choice": {
			item: `{post: {requestBody: {required: true, content: {multipart/form-data: {schema: {type: object}}, application/json; charset=utf-8: {schema: {type: object}}}}, responses: ` + ok + `}}`,
			want: `{post: {operationId: A, requestBody: {content: {application/json: {schema: {type: object}}}}, responses: ` + ok + `}}`,
		},
		"a form": {
			item: `{post: {requestBody: {content: {multipart/form-data: {schema: {type: object, properties: {file: {type: string, format: binary}, n: {type: integer}}}}}}, responses: ` + ok + `}}`,
			want: `{post: {operationId: A, requestBody: {content: {multipart/form-data: {schema: {type: object, properties: {file: {x-go-type: api.File, x-go-type-import: {path: github.com/misskey-go/misskey/api, name: api}}, n: {type: integer}}}}}}, responses: ` + ok + `}}`,
		},
		"a path of its own kind": {path: "/a{b", item: `{post: {responses: ` + ok + `}}`, note: "#/paths/~1a{b: a path with signs that Go strings or braces do not allow"},
		"parameters": {
			path: "/a/{b}",
			item: `{parameters: [{name: b, in: path, required: true, schema: {type: integer}}], post: {responses: ` + ok + `}}`,
			want: `{post: {operationId: A, parameters: [{name: b, in: path, required: true, schema: {type: string}}], responses: ` + ok + `}}`,
		},
		"a query": {
			item: `{post: {parameters: [{name: q, in: query, schema: {type: string}}], responses: ` + ok + `}}`,
			want: `{post: {operationId: A, responses: ` + ok + `}}`,
			note: "#/paths/~1a/post/parameters/0: a parameter outside the path",
		},
		"another method": {
			item: `{put: {responses: ` + ok + `}, post: {responses: ` + ok + `}}`,
			want: `{post: {operationId: A, responses: ` + ok + `}}`,
			note: "#/paths/~1a/put: not understood",
		},
		"another media type": {
			item: `{post: {requestBody: {content: {text/plain: {schema: {type: string}}}}, responses: ` + ok + `}}`,
			want: `{post: {operationId: A, responses: ` + ok + `}}`,
			note: "#/paths/~1a/post/requestBody: a request that is neither JSON nor a form with a file",
		},
		"a response that is not JSON": {
			item: `{post: {responses: {'200': {description: '', content: {text/html: {schema: {type: string}}}}}}}`,
			want: `{post: {operationId: A, responses: {'204': {description: ''}}}}`,
			note: "#/paths/~1a/post/responses/200: a response that is not JSON",
		},
		"no method": {item: `{}`, note: "#/paths/~1a: no POST and no GET operation"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.path == "" {
				test.path = "/a"
			}
			short := "paths: {'" + test.path + "': " + test.item + "}"
			s := after(t, "operations", short, false)
			if err := errors.Join(s.errs...); err != nil {
				t.Fatal(err)
			}
			got := get(s.doc, "paths", test.path)
			want := get(parsed(t, "want: "+test.want), "want")
			if test.want == "" {
				want = nil
			}
			if canonical(got) != canonical(want) {
				t.Errorf("got  %s\nwant %s", oneLine(t, got), oneLine(t, want))
			}
			strict := errors.Join(after(t, "operations", short, true).errs...)
			if test.note == "" {
				if len(s.notes) > 0 || strict != nil {
					t.Errorf("notes %v, error %v", s.notes, strict)
				}
				return
			}
			if len(s.notes) != 1 || s.notes[0].Place+": "+s.notes[0].Text != test.note+"; left out" {
				t.Errorf("notes: %v, want %q", s.notes, test.note)
			}
			if strict == nil || strict.Error() != test.note+"; remove it in the overlay" {
				t.Errorf("strict: %v, want %q", strict, test.note)
			}
		})
	}
}

func TestReservedMethods(t *testing.T) {
	const short = "operations: {base/url: {}}"
	if err := errors.Join(after(t, "operations", short, false).errs...); err != nil {
		t.Errorf("a fork's client is not embedded: %v", err)
	}
	err := errors.Join(after(t, "operations", short, true).errs...)
	if err == nil || err.Error() != "#/paths/~1base~1url/post: the endpoint base/url would be the method BaseURL, which misskey.Client has for something else" {
		t.Errorf("strict: %v", err)
	}
}

func TestOperationNamesCollide(t *testing.T) {
	const short = "operations: {a/b: {}, a-b: {}, a_b: {}}"
	s := after(t, "operations", short, false)
	var names []string
	for _, op := range eachOperation(s.doc) {
		names = append(names, op.endpoint+"="+text(get(op.node, "operationId")))
	}
	if got, want := strings.Join(names, " "), "a-b=AB a/b=ABEndpoint a_b=ABEndpointEndpoint"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	err := errors.Join(after(t, "operations", short, true).errs...)
	if err == nil || !strings.Contains(err.Error(), "#/paths/~1a~1b/post: endpoints a-b and a/b are both the method AB") {
		t.Errorf("strict: %v", err)
	}
}
