package spec

import (
	"strings"
	"testing"
)

// A server's document chooses no Go code, wherever it tries to; an overlay does.
func TestDropSteering(t *testing.T) {
	const evil = "x-go-type: 'struct{}; func init() { panic(1) }; type X struct{}', x-go-name: Evil, x-go-type-import: {path: evil}, x-oapi-codegen-extra-tags: {evil: evil}, x-enum-varnames: [Evil, Evil2], x-misskey-raw: true, x-misskey-call: {comment: evil}, x-misskey-comment: evil"
	const here = "{type: object, " + evil + ", properties: {a: {type: string, " + evil + "}, b: {type: array, items: {type: string, enum: [p, q], " + evil + "}}, properties: {type: object, " + evil + ", properties: {x-go-type: {type: string}}}}}"
	short := "operations: {a: {" + evil + ", request: " + here + ", response: {oneOf: [" + here + "], allOf: [" + here + "]}}}\nschemas: {T: " + here + ", U: {$ref: '#/components/schemas/T', " + evil + ", properties: {c: {type: string, " + evil + "}}}}"
	g := generated(t, short)
	compiled(t, g.Files)
	if src := strings.ToLower(source(g)); strings.Contains(src, "evil") || strings.Contains(src, "panic") {
		t.Errorf("the document wrote Go:\n%s", src)
	}
	if !strings.Contains(source(g), "`json:\"x-go-type,omitempty\"`") {
		t.Error("a property was taken for an extension")
	}

	opts := lenient(document(t, `operations: {a: {request: {type: object, properties: {n: {type: integer}}}}}`))
	opts.Overlay = []byte("overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n- target: $.paths['/a'].post.requestBody.content['application/json'].schema.properties.n\n  update: {x-go-type: int8}\n")
	g, err := Generate(opts)
	if err != nil {
		t.Fatal(err)
	}
	if got := typeIn(t, g, "ARequest"); !strings.Contains(got, "N *int8") {
		t.Errorf("the overlay chose no type: %s", got)
	}
}
