package architecture

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/misskey-go/misskey/misskeytest"
)

const forkMod = `module example.com/catskey

go 1.26.0

tool github.com/misskey-go/misskey/cmd/misskey-spec

replace github.com/misskey-go/misskey => %ROOT%

require github.com/misskey-go/misskey v0.0.0

%REQUIRED%`

const forkGenerate = `package catskey

import _ "embed"

%GENERATE%

//go:embed document.json.gz
var document []byte
`

// What a maintainer of a fork, and users of those bindings, write.
const forkTest = `package catskey

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/miauth"
	"github.com/misskey-go/misskey/misskeytest"
	"github.com/misskey-go/misskey/stream"
)

func TestFork(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{Document: document})
	mk := srv.Client("alice")
	cats := NewClient(mk)
	ctx := t.Context()

	// An endpoint, an error, a permission and a list of the fork's own.
	cat, err := cats.CatsAdopt(ctx, CatsAdoptRequest{Name: "Tama", Temper: new(CatTemperGrumpy)})
	if err != nil {
		t.Fatal(err)
	}
	var _ *Cat = cat
	srv.Fail("cats/adopt", ErrTooManyCats, 1)
	if _, err := cats.CatsAdopt(ctx, CatsAdoptRequest{Name: "Mike"}); !errors.Is(err, ErrTooManyCats) {
		t.Error(err)
	} else if e, ok := errors.AsType[*misskey.Error](err); !ok || e.Endpoint != "cats/adopt" || e.ID != ErrIDCatsAdoptTooManyCats {
		t.Errorf("%+v", e)
	}
	for _, err := range cats.CatsListAll(ctx, CatsListRequest{}) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}

	// An endpoint of Misskey that has more in the fork.
	created, err := cats.NotesCreate(ctx, NotesCreateRequest{Text: new("meow"), Visibility: new(NoteVisibilityHome), CatID: Value("1")})
	if err != nil {
		t.Fatal(err)
	}
	note, err := cats.NotesShow(ctx, NotesShowRequest{NoteID: created.CreatedNote.ID})
	if err != nil || *note.Text != "meow" {
		t.Errorf("%+v, %v", note, err)
	}
	_ = note.Purrs // *int64
	if _, err := cats.NotesShow(ctx, NotesShowRequest{NoteID: "9abcdefghi"}); !errors.Is(err, ErrNoSuchNote) {
		t.Error(err)
	}

	// Logging in.
	session, err := miauth.Start(t.Context(), srv.URL, miauth.Options{Name: "x", Permissions: []Permission{PermissionWriteCats}, AnyPermission: true})
	if err != nil {
		t.Fatal(err)
	}
	if u, err := url.Parse(session.URL()); err != nil || u.Query().Get("permission") != "write:cats" {
		t.Errorf("%v, %v", u, err)
	}

	// Streaming.
	st := stream.New(mk, stream.Options{KeepRaw: true}, stream.HomeTimeline{})
	for event, err := range st.Events(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		switch event := event.(type) {
		case *stream.Connected:
			if _, err := cats.NotesCreate(ctx, NotesCreateRequest{Text: new("purr")}); err != nil {
				t.Fatal(err)
			}
		case *stream.Note:
			var note Note
			if err := json.Unmarshal(event.Raw(), &note); err != nil || note.ID != event.ID {
				t.Errorf("%v, %v", note.ID, err)
			}
			return
		}
	}
}

func TestFacts(t *testing.T) {
	if OpCatsAdopt.Permission != PermissionWriteCats || !OpCatsAdopt.Credential || !strings.HasSuffix(MisskeyVersion, "-cat") {
		t.Errorf("%+v of %s", OpCatsAdopt, MisskeyVersion)
	}
}
`

// docs/forks.md holds in a module of its own, from the address of an instance to
// programs that use the bindings.
func TestFork(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles a module of its own")
	}
	t.Parallel()
	top, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	srv := misskeytest.NewServer(t, misskeytest.Options{Document: forkDocument(t)})
	guide, err := os.ReadFile(filepath.Join(root, "docs", "forks.md"))
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile(`(?m)^go tool misskey-spec .*$`).FindAllString(string(guide), -1)
	if len(commands) != 2 {
		t.Fatalf("docs/forks.md has the commands %q", commands)
	}
	// What "go get -tool" would write.
	var ours [2]string
	for i, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		ours[i] = string(data)
	}
	required := strings.Join(regexp.MustCompile(`(?s)require \(.*?\n\)\n`).FindAllString(ours[0], -1), "\n")
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{
		"go.mod":          strings.NewReplacer("%ROOT%", quotePath(top), "%REQUIRED%", required).Replace(forkMod),
		"go.sum":          ours[1],
		"generate.go":     strings.ReplaceAll(forkGenerate, "%GENERATE%", "//go:"+"generate "+commands[1]), // not for this repository
		"catskey_test.go": forkTest,
	})
	address := regexp.MustCompile(`https://\S+`)
	for _, command := range append(commands, "go generate", "go vet ./...", "go test ./...") {
		args := strings.Fields(address.ReplaceAllLiteralString(command, srv.URL))
		if err := goIn(t, dir, nil, args[1:]...); err != nil {
			t.Fatalf("%s: %v", command, err)
		}
	}
}

// forkDocument is Misskey's document, as a fork might have changed it.
func forkDocument(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, "api.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	at := func(path ...string) map[string]any {
		n := doc
		for _, key := range path {
			next, ok := n[key].(map[string]any)
			if !ok {
				t.Fatalf("the document has no %q", path)
			}
			n = next
		}
		return n
	}
	put := func(n map[string]any, key, value string) {
		var v any
		if err := yaml.Unmarshal([]byte(value), &v); err != nil {
			t.Fatal(err)
		}
		n[key] = v
	}
	at("info")["version"] = "2026.3.2-cat"
	put(at("components", "schemas"), "Cat", `{type: object, required: [id, name, createdAt], properties: {
		id: {type: string, format: id}, name: {type: string}, createdAt: {type: string, format: date-time}, temper: {type: string, enum: [calm, grumpy]},
		owner: {type: [object, 'null'], allOf: [{$ref: '#/components/schemas/UserLite'}]}, toys: {nullable: true, ofFork: 1, type: array, items: {type: string}}}}`)
	put(at("components", "schemas", "Note", "properties"), "purrs", `{type: integer}`)
	put(at("paths", "/notes/create", "post", "requestBody", "content", "application/json", "schema", "properties"), "catId", `{type: [string, 'null'], format: misskey:id}`)
	answers := `'200': {description: The cat, content: {application/json: {schema: {$ref: '#/components/schemas/Cat'}}}}`
	put(at("paths"), "/cats/adopt", `{post: {operationId: post___cats/adopt, summary: Adopt, description: "Adopt a cat.\n\n**Credential required**: *Yes* / **Permission**: *write:cats*",
		requestBody: {content: {application/json: {schema: {type: object, required: [name], properties: {name: {type: string}, temper: {type: string, enum: [calm, grumpy]}}}}}},
		responses: {`+answers+`, '400': {description: Refused, content: {application/json: {schema: {$ref: '#/components/schemas/Error'}, examples: {TOO_MANY_CATS: {value: {error: {message: Too many, code: TOO_MANY_CATS, id: 7d5e8f5c-3e24-4d3a-9f33-0c1a0d8f0b11}}}}}}}}}}`)
	put(at("paths"), "/cats/list", `{post: {operationId: cats/list, description: "**Credential required**: *No*",
		requestBody: {content: {application/json: {schema: {type: object, properties: {limit: {type: integer, maximum: 50}, untilId: {type: string}, sinceId: {type: string}}}}}},
		responses: {'200': {description: Cats, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Cat'}}}}}}}}`)
	delete(at("paths"), "/bubble-game/ranking") // which the overlay corrects
	delete(at("paths"), "/reversi/match")
	data, err = json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
