package spec

import (
	"bytes"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"
	"golang.org/x/exp/apidiff"
)

// compatible compares two packages as apidiff does, and returns for the symbols
// that differ whether programs go on compiling.
func apiChanges(t testing.TB, old, next map[string][]byte) map[string]bool {
	t.Helper()
	changes := map[string]bool{}
	before, after := compiled(t, old), compiled(t, next)
	for _, c := range apidiff.Changes(before, after).Changes {
		name, _, _ := strings.Cut(c.Message, ": ")
		name, _, _ = strings.Cut(name, ", ")
		name = strings.NewReplacer("(*", "", "(", "", ")", "").Replace(name)
		if slices.Contains(provenance, name) {
			continue
		}
		if had, ok := changes[name]; ok {
			c.Compatible = c.Compatible && had
		}
		changes[name] = c.Compatible
	}
	// apidiff does not look into what generic types of other packages hold, nor
	// does it tell again of a type that became an alias where that is used.
	was, is := members(before), members(after)
	for name, typ := range was {
		if _, told := changes[name]; !told && is[name] != "" && is[name] != typ {
			changes[name] = false
		}
	}
	return changes
}

// members returns the types of the exported fields and methods of a package, and
// what aliases stand for.
func members(pkg *types.Package) map[string]string {
	found := map[string]string{}
	var text func(t types.Type) string
	text = func(t types.Type) string {
		switch t := types.Unalias(t).(type) { // what an alias stands for may have changed
		case *types.Pointer:
			return "*" + text(t.Elem())
		case *types.Slice:
			return "[]" + text(t.Elem())
		case *types.Map:
			return "map[" + text(t.Key()) + "]" + text(t.Elem())
		case *types.Named:
			var args []string
			for arg := range t.TypeArgs().Types() {
				args = append(args, text(arg))
			}
			if len(args) > 0 {
				return t.Obj().Name() + "[" + strings.Join(args, ", ") + "]"
			}
		}
		return types.TypeString(types.Unalias(t), types.RelativeTo(pkg))
	}
	tuple := func(t *types.Tuple) string {
		var all []string
		for v := range t.Variables() {
			all = append(all, text(v.Type()))
		}
		return strings.Join(all, ", ")
	}
	for _, name := range pkg.Scope().Names() {
		if alias, ok := pkg.Scope().Lookup(name).Type().(*types.Alias); ok && alias.TypeParams().Len() == 0 && token.IsExported(name) {
			found[name] = text(alias)
		}
		named, ok := pkg.Scope().Lookup(name).Type().(*types.Named)
		if !ok || named.TypeParams().Len() > 0 {
			continue
		}
		if s, ok := named.Underlying().(*types.Struct); ok {
			for f := range s.Fields() {
				if f.Exported() {
					found[name+"."+f.Name()] = text(f.Type())
				}
			}
		}
		for m := range named.Methods() {
			if m.Exported() {
				found[name+"."+m.Name()] = tuple(m.Signature().Params()) + " → " + tuple(m.Signature().Results())
			}
		}
	}
	return found
}

// checkGo reports where the Go side of a diff says anything else than apidiff,
// name by name.
func checkGo(t testing.TB, d *Diff, old, next map[string][]byte) {
	t.Helper()
	want := map[string]bool{}
	maps.Copy(want, apiChanges(t, old, next))
	got := map[string]bool{}
	for _, c := range d.Changes {
		worst := Harmless
		for _, s := range c.Symbols {
			name, _, _ := strings.Cut(s, ":")
			name, _, _ = strings.Cut(name, " ")
			got[name] = strings.HasSuffix(s, " added")
			if got[name] {
				worst = max(worst, Notable)
			} else {
				worst = Breaking
			}
		}
		if worst != c.Go {
			t.Errorf("%s %s: Go is %s, its symbols say %s", c.Place, c.Kind, c.Go, worst)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if have, ok := got[name]; !ok || have != want[name] {
			t.Errorf("%s: apidiff: compatible %v; diff: told %v, compatible %v", name, want[name], ok, have)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: diff: compatible %v; apidiff: nothing", name, got[name])
		}
	}
}

func diffDocumentOf(t testing.TB, name string, doc []byte, overlays Overlays) *diffDocument {
	t.Helper()
	d, err := newDiffDocument(DiffSource{name, doc, overlays})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// ourDiffDocument is the committed document.
var ourDiffDocument = sync.OnceValues(func() (*diffDocument, error) {
	doc, err := os.ReadFile("../../api.yaml")
	if err != nil {
		return nil, err
	}
	return newDiffDocument(DiffSource{Name: "api.yaml", Document: doc})
})

// compared returns the diff of two documents, whose Go side apidiff has
// confirmed.
func compared(t testing.TB, old, next *diffDocument) *Diff {
	t.Helper()
	d := compare(old, next)
	checkGo(t, d, old.files, next.files)
	return d
}

// ofShort makes a document in short ready for comparison.
func ofShort(t testing.TB, short string) *diffDocument {
	t.Helper()
	return diffDocumentOf(t, "document", document(t, short), Overlays{NoBuiltin: true})
}

// small is a document with something of everything that can change.
const small = `
operations:
  notes/create:
    x-misskey-permission: write:notes
    x-misskey-limit: {max: 300, duration: 3600000}
    x-misskey-errors: [{code: NO_SUCH_NOTE, id: aaaa}, {code: TOO_MANY, id: bbbb}]
    request:
      type: object
      required: [text]
      properties:
        text: {type: string, maxLength: 3000}
        cw: {type: [string, 'null']}
        visibility: {type: string, enum: [public, home], default: public}
        count: {type: integer, minimum: 1, maximum: 100, default: 10}
        poll: {type: object, properties: {choices: {type: array, items: {type: string}, maxItems: 10}}}
    response: {type: object, required: [createdNote], properties: {createdNote: {$ref: '#/components/schemas/Note'}}}
  notes/timeline:
    request: {type: object, properties: {limit: {type: integer}}}
    response: {type: array, items: {$ref: '#/components/schemas/Note'}}
  notes/delete:
    request: {type: object, required: [noteId], properties: {noteId: {type: string}}}
  ping: {response: {type: object, required: [pong], properties: {pong: {type: integer}}}}
  username:
    x-misskey-role: moderator
    request: {type: object, required: [name], properties: {name: {type: string}}}
    response: {type: object, required: [free], properties: {free: {type: boolean}}}
schemas:
  Note:
    type: object
    required: [id, user, visibility, reactions]
    properties:
      id: {type: string}
      text: {type: [string, 'null']}
      user: {$ref: '#/components/schemas/User'}
      visibility: {type: string, enum: [public, home, followers]}
      reactions: {type: object, additionalProperties: {type: integer}}
      createdAt: {type: string, format: date-time}
      poll: {type: object, required: [multiple], properties: {multiple: {type: boolean}}}
      renote: {$ref: '#/components/schemas/Note'}
  User:
    type: object
    required: [id, name]
    properties:
      id: {type: string}
      name: {type: [string, 'null']}
      score: {type: integer}
`

// Each change of a document is one line, and nothing else is.
func TestDiffChanges(t *testing.T) {
	const (
		create = "operations/notes~1create/"
		note   = "schemas/Note/"
		user   = "schemas/User/"
	)
	old := ofShort(t, small)
	// An edit puts YAML at a JSON pointer, or takes away what is there.
	for name, test := range map[string]struct {
		at, put string
		want    []string
	}{
		"nothing":                     {"operations/ping/description", "new prose", nil},
		"field removed":               {user + "properties/score", "", []string{"type User.score: field removed: integer | breaking breaking"}},
		"field added":                 {user + "properties/bio", "{type: string}", []string{"type User.bio: field added: string | none notable"}},
		"field retyped":               {user + "properties/score", "{type: string}", []string{"type User.score: retyped: integer → string | breaking breaking"}},
		"field to number":             {user + "properties/score", "{type: number, format: double}", []string{"type User.score: retyped: integer → number | breaking breaking"}},
		"field to time":               {user + "properties/id", "{type: string, format: date-time}", []string{"type User.id: retyped: string → string (date-time) | breaking breaking"}},
		"field nullable":              {user + "properties/id", "{type: [string, 'null']}", []string{"type User.id: made nullable | breaking breaking"}},
		"field not nullable":          {user + "properties/name", "{type: string}", []string{"type User.name: made not nullable | none breaking"}},
		"field optional":              {user + "required", "[name]", []string{"type User.id: made optional | breaking breaking"}},
		"nullable field optional":     {user + "required", "[id]", []string{"type User.name: made optional | breaking none"}},
		"field required":              {user + "required", "[id, name, score]", []string{"type User.score: made required | none breaking"}},
		"field deprecated":            {user + "properties/score/deprecated", "true", []string{"type User.score: deprecated | notable none"}},
		"list field added":            {user + "properties/roles", "{type: array, items: {type: string}}", []string{"go User: Go type changed: comparable → not comparable | none breaking", "type User.roles: field added: array of string | none notable"}},
		"reference exchanged":         {note + "properties/user", "{$ref: '#/components/schemas/Note'}", []string{`go Note.User: Go type changed: User → *Note | none breaking`, `go User: type removed | none breaking`, `type Note.user.createdAt: field added: string (date-time) | none none`, `type Note.user.name: field removed: string or null | breaking none`, `type Note.user.poll: field added: NotePoll | none none`, `type Note.user.reactions: field added: map of integer, required | none none`, `type Note.user.renote: field added: Note | none none`, `type Note.user.score: field removed: integer | breaking none`, `type Note.user.text: field added: string or null | none none`, `type Note.user.user: field added: Note, required | none none`, `type Note.user.visibility: field added: NoteVisibility, required | none none`}},
		"enum value added":            {note + "properties/visibility/enum", "[public, home, followers, specified]", []string{`type NoteVisibility: value added: "specified" | notable notable`}},
		"enum value removed":          {note + "properties/visibility/enum", "[public, home]", []string{`go NotesCreateVisibility: type replaced: NoteVisibility | none breaking`, `type NoteVisibility: value removed: "followers" | none breaking`}},
		"enum opened":                 {note + "properties/visibility", "{type: string}", []string{`type Note.visibility: any value allowed: public, home, followers | lost detail breaking`}},
		"map retyped":                 {note + "properties/reactions/additionalProperties", "{type: string}", []string{"type Note.reactions{}: retyped: integer → string | breaking breaking"}},
		"nested field":                {note + "properties/poll/properties/multiple", "{type: string}", []string{"type NotePoll.multiple: retyped: boolean → string | breaking breaking"}},
		"parameter removed":           {create + "request/properties/cw", "", []string{"type NotesCreateRequest.cw: field removed: string or null | breaking breaking"}},
		"parameter added":             {create + "request/properties/lang", "{type: string}", []string{"type NotesCreateRequest.lang: field added: string | none notable"}},
		"parameter required":          {create + "request/required", "[text, poll]", []string{"go NotesCreateRequest: Go type changed: comparable → not comparable | none breaking", "type NotesCreateRequest.poll: made required | breaking breaking"}},
		"parameter optional":          {create + "request/required", "[]", []string{"type NotesCreateRequest.text: made optional | none breaking"}},
		"parameter nullable":          {create + "request/properties/text/type", "[string, 'null']", []string{"type NotesCreateRequest.text: made nullable | none breaking"}},
		"parameter not nullable":      {create + "request/properties/cw/type", "string", []string{"type NotesCreateRequest.cw: made not nullable | breaking breaking"}},
		"parameter's value added":     {create + "request/properties/visibility/enum", "[public, home, specified]", []string{`type NotesCreateVisibility: value added: "specified" | none notable`}},
		"limit lowered":               {create + "request/properties/count/maximum", "50", []string{"type NotesCreateRequest.count: limit changed: maximum 100 → maximum 50 | breaking none"}},
		"limit raised":                {create + "request/properties/count/maximum", "200", []string{"type NotesCreateRequest.count: limit changed: maximum 100 → maximum 200 | none none"}},
		"limit lifted":                {create + "request/properties/text/maxLength", "", []string{"type NotesCreateRequest.text: limit changed: maxLength 3000 → no maxLength | none none"}},
		"lower limit raised":          {create + "request/properties/count/minimum", "5", []string{"type NotesCreateRequest.count: limit changed: minimum 1 → minimum 5 | breaking none"}},
		"pattern":                     {create + "request/properties/text/pattern", "'^a'", []string{"type NotesCreateRequest.text: limit changed: no pattern → pattern ^a | breaking none"}},
		"fewer items":                 {create + "request/properties/poll/properties/choices/maxItems", "5", []string{"type PollInput.choices: limit changed: maxItems 10 → maxItems 5 | breaking none"}},
		"default":                     {create + "request/properties/count/default", "20", []string{"type NotesCreateRequest.count: default changed: 10 → 20 | notable none"}},
		"endpoint removed":            {"operations/username", "", []string{"endpoint username: endpoint removed | breaking breaking"}},
		"endpoint added":              {"operations/hello", "{request: {type: object, properties: {a: {type: string, enum: [x]}}}}", []string{"endpoint hello: endpoint added | none notable"}},
		"permission":                  {"operations/notes~1timeline/x-misskey-permission", "write:notes", []string{"endpoint notes/timeline: permission changed: none → write:notes | breaking none"}},
		"new permission":              {create + "x-misskey-permission", "write:posts", []string{"endpoint notes/create: permission changed: write:notes → write:posts | breaking none", "permission write:notes: permission removed | breaking breaking", "permission write:posts: permission added | none notable"}},
		"role":                        {"operations/ping/x-misskey-role", "administrator", []string{"endpoint ping: role changed: none → administrator | breaking none"}},
		"lower role":                  {"operations/username/x-misskey-role", "", []string{"endpoint username: role changed: moderator → none | none none"}},
		"role policy":                 {"operations/ping/x-misskey-policy", "canPing", []string{"endpoint ping: role policy changed: none → canPing | breaking none"}},
		"no token":                    {"operations/ping/x-misskey-credential", "false", []string{"endpoint ping: token no longer needed | none none"}},
		"secure":                      {"operations/ping/x-misskey-secure", "true", []string{"endpoint ping: closed to apps | breaking none"}},
		"rate limit":                  {create + "x-misskey-limit/max", "100", []string{"endpoint notes/create: rate limit changed: 300 in 1 hour → 100 in 1 hour | breaking none"}},
		"rate limit raised":           {create + "x-misskey-limit/max", "400", []string{"endpoint notes/create: rate limit changed: 300 in 1 hour → 400 in 1 hour | none none"}},
		"response added":              {"operations/notes~1delete/response", "{type: object, properties: {a: {type: string}}}", []string{`endpoint notes/delete: response added: NotesDeleteResponse | none breaking`}},
		"response removed":            {"operations/ping/response", "", []string{`endpoint ping: response removed: PingResponse | breaking breaking`}},
		"parameters added":            {"operations/ping/request", "{type: object, properties: {a: {type: string}}}", []string{`endpoint ping: parameters added: PingRequest | none breaking`, `type PingRequest.a: field added: string | none none`}},
		"error added":                 {create + "x-misskey-errors/2", "{code: NO_SUCH_FILE, id: cccc}", []string{"error NO_SUCH_FILE: error added: id cccc | notable notable"}},
		"error removed":               {create + "x-misskey-errors/1", "", []string{"error TOO_MANY: error removed: id bbbb | notable breaking"}},
		"error has another id":        {create + "x-misskey-errors/1/id", "dddd", []string{"error TOO_MANY: error changed: TOO_MANY id bbbb → TOO_MANY id dddd | breaking breaking"}},
		"everything about one gone":   {"schemas/User/properties", "{}", []string{`go User: Go type changed: struct → json.RawMessage | none breaking`, `type Note.user: retyped: object → anything | lost detail breaking`}},
		"component with another name": {"schemas/Extra", "{type: object, properties: {a: {type: string}}}", nil},
	} {
		t.Run(name, func(t *testing.T) {
			next := ofShort(t, changed(t, small, test.at, test.put))
			d := compared(t, old, next)
			var got []string
			for _, c := range d.Changes {
				got = append(got, fmt.Sprintf("%s %s: %s | %s %s", c.Part, c.Place, c.describe(), c.Wire, c.Go))
			}
			slices.Sort(got)
			if !slices.Equal(got, test.want) {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
			// The other way round everything comes back.
			back := compare(next, old)
			if len(back.Changes) == 0 != (len(d.Changes) == 0) {
				t.Errorf("the other way round: %v", back.Changes)
			}
		})
	}
}

// changed returns a document in short with something else at a place.
func changed(t testing.TB, short, at, put string) string {
	t.Helper()
	doc := parsed(t, short)
	keys := pointer("#/" + at).keys()
	parent := root.at(keys[:len(keys)-1]...).resolve(doc)
	if parent == nil {
		t.Fatalf("there is no %s", at)
	}
	last := keys[len(keys)-1]
	value := get(parsed(t, "v: "+put), "v")
	if isSeq(parent) {
		i, err := strconv.Atoi(last)
		switch {
		case err != nil:
			t.Fatal(err)
		case put == "":
			parent.Content = slices.Delete(parent.Content, i, i+1)
		default:
			parent.Content = append(parent.Content[:i:i], append([]*yaml.Node{value}, parent.Content[min(i+1, len(parent.Content)):]...)...)
		}
	} else if put == "" {
		remove(parent, last)
	} else {
		set(parent, last, value)
	}
	data, err := yamlBytes(doc)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The page of the last upgrade is committed, so that it can be checked against the
// documents by hand; -update-golden writes that of the next one in its place.
func TestDiffGolden(t *testing.T) {
	t.Parallel()
	next, err := ourDiffDocument()
	if err != nil {
		t.Fatal(err)
	}
	last := olderVersions[len(olderVersions)-1]
	d := compared(t, diffDocumentOf(t, last, olderDocument(t, last), Overlays{}), next)
	var written []string
	for format, ending := range map[string]string{"markdown": ".md", "json": ".json", "text": ".txt", "changelog": ".changelog.md"} {
		got, err := d.Format(format)
		if err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", "diff", last+"-"+next.version+ending)
		written = append(written, golden)
		if *updateGolden {
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("%s differs: %s (-update-golden rewrites it)", golden, firstDifference(got, want))
		}
	}
	pages, err := filepath.Glob("testdata/diff/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		if slices.Contains(written, page) {
			continue
		}
		t.Logf("%s is of another upgrade", page)
		if *updateGolden {
			if err := os.Remove(page); err != nil {
				t.Error(err)
			}
		} else {
			t.Fail()
		}
	}
}

// What stands for two places splits as one change.
func TestDiffSplit(t *testing.T) {
	old := ofShort(t, changed(t, small, "schemas/Note/properties/visibility/enum", "[public, home]"))
	d := compared(t, old, ofShort(t, small))
	for _, c := range d.Changes {
		if c.Place != "NotesCreateVisibility" {
			continue
		}
		const symbol = "NotesCreateRequest.Visibility: *NoteVisibility → *NotesCreateVisibility"
		if c.Kind != "type added" || c.Go != Breaking || !slices.Contains(c.Symbols, symbol) {
			t.Errorf("%+v", c)
		}
		return
	}
	t.Errorf("not told: %+v", d.Changes)
}

// What the new document says less precisely is neither breaking nor harmless.
func TestDiffLostDetail(t *testing.T) {
	old := ofShort(t, small)
	for name, test := range map[string]struct{ at, put, want string }{
		"response without properties": {"operations/username/response", "{type: object}", "username response: retyped: UsernameResponse → anything"},
		"object without properties":   {"schemas/Note/properties/poll", "{type: object}", "Note.poll: retyped: NotePoll → anything"},
		"reference became object":     {"schemas/Note/properties/user", "{type: object}", "Note.user: retyped: User → anything"},
		"values no longer listed":     {"schemas/Note/properties/visibility", "{type: string}", "Note.visibility: any value allowed: public, home, followers"},
		"type gone":                   {"schemas/User/properties/score", "{}", "User.score: retyped: integer → anything"},
		"format gone":                 {"schemas/Note/properties/createdAt", "{type: string}", "Note.createdAt: retyped: string (date-time) → string"},
		"parameter's type gone":       {"operations/notes~1create/request/properties/count", "{}", "NotesCreateRequest.count: retyped: integer → anything"},
		"parameter's values":          {"operations/notes~1create/request/properties/visibility", "{type: string, default: public}", "NotesCreateRequest.visibility: any value allowed: public, home"},
		"elements":                    {"operations/notes~1timeline/response/items", "{type: object}", "notes/timeline response[]: retyped: Note → anything"},
	} {
		d := compared(t, old, ofShort(t, changed(t, small, test.at, test.put)))
		var lost []string
		for _, c := range d.Changes {
			if c.Wire == Lost {
				lost = append(lost, c.Place+": "+c.describe())
			}
		}
		if !slices.Equal(lost, []string{test.want}) {
			t.Errorf("%s: %q, want %q", name, lost, test.want)
		}
		if d.Wire() != Lost {
			t.Errorf("%s: the worst is %s", name, d.Wire())
		}
		page, err := d.Format("markdown")
		if err != nil || !strings.Contains(string(page), "### Lost detail (1)\n") {
			t.Errorf("%s: %v\n%s", name, err, page)
		}
	}
}

// The page begins with what one has to know, and tells each cause once.
func TestDiffPage(t *testing.T) {
	const types = `
operations:
  a: {response: {$ref: '#/components/schemas/Lite'}}
  b: {response: {$ref: '#/components/schemas/Me'}}
  c: {x-misskey-errors: [{code: OLD}], request: {type: object, properties: {v: {type: string}, w: {type: string}}}, response: {type: object, required: [x], properties: {x: {type: integer}}}}
schemas:
  Lite: {type: object, required: [id], properties: {id: {type: string}}}
  Me: {type: object, required: [id, email], properties: {id: {type: string}, email: {type: string}}}
`
	next := changed(t, types, "schemas/Lite/properties/cat", "{type: boolean}")
	next = changed(t, next, "schemas/Me/properties/cat", "{type: boolean}")
	next = changed(t, next, "operations/c/request/properties/v", "{type: integer}")
	next = changed(t, next, "operations/c/response/properties/x", "{type: string}")
	next = changed(t, next, "operations/c/x-misskey-permission", "read:cats")
	for _, name := range []string{"d", "e", "f"} {
		next = changed(t, next, "operations/"+name, "{}")
	}
	old := ofShort(t, strings.Replace(types, "operations:", "info: {title: Catskey API, version: '1'}\noperations:", 1))
	d := compared(t, old, ofShort(t, "info: {title: Catskey API, version: '2'}\n"+next))
	page, err := d.Format("markdown")
	if err != nil {
		t.Fatal(err)
	}
	got := string(page)
	for _, want := range []string{
		"## Catskey 1 → 2\n\n9 changes; 6 endpoints, before 3.\n\n| for | breaking | lost detail | noticed (Go: new) | none |\n",
		"\nThe worst:\n\n1. ",
		"\n- `c`\n  - permission changed: none → `read:cats`\n",
		"\n  - `CRequest.v` retyped: `string` → `integer`; Go: ",
		"\n- `Lite.cat` (also of `Me`) field added: `boolean`, in 2 responses\n",
		"\n- 3 endpoints added: `d`, `e`, `f`\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if t.Failed() {
		t.Log(got)
	}
	for _, format := range []string{"text", "markdown"} {
		out, err := d.Format(format)
		if first, _, _ := strings.Cut(string(out), "\n"); err != nil || !strings.Contains(first, "Catskey 1") {
			t.Errorf("%s begins with %q, %v", format, first, err)
		}
	}
}

// A document does not differ from itself, whatever it was written as.
func TestDiffSame(t *testing.T) {
	doc := ofShort(t, small)
	d := compare(doc, doc)
	if len(d.Changes) > 0 || d.Wire() != Harmless || d.Go() != Harmless {
		t.Errorf("%v", d.Changes)
	}
	for _, format := range Formats {
		if out, err := d.Format(format); err != nil || len(out) == 0 {
			t.Errorf("%s: %q, %v", format, out, err)
		}
	}
	if _, err := d.Format("html"); err == nil || !strings.Contains(err.Error(), "expected text, markdown") {
		t.Errorf("another format: %v", err)
	}
}

// What a document says does not become Markdown, nor orders to a terminal.
func TestDiffQuotes(t *testing.T) {
	d := compared(t, ofShort(t, `operations: {a: {}}`), ofShort(t, "operations: {a: {x-misskey-policy: \"`x` <b>@all \\e[31m\"}, 'b/_c_': {}}\ninfo: {title: t, version: \"1\\n# <script>\"}"))
	for _, format := range []string{"text", "markdown", "changelog"} {
		out, err := d.Format(format)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(string(out), "\x1b") || format != "text" && strings.Contains(string(out), "<script>") || strings.Contains(string(out), "\n# ") {
			t.Errorf("%s: %q", format, out)
		}
	}
}

// Whatever two documents say, they can be compared, and the Go side is right.
func FuzzDiff(f *testing.F) {
	docs := oddDocuments(f)
	for seed := range uint64(20) {
		f.Add(seed, uint8(seed%6))
	}
	f.Fuzz(func(t *testing.T, seed uint64, mutations uint8) {
		m := mutator{Rand: rand.New(rand.NewPCG(seed, 2))}
		before := clone(docs[m.IntN(len(docs))])
		m.pool = docs[m.IntN(len(docs))]
		after := clone(before)
		for range mutations % 16 {
			m.mutate(after)
		}
		var sides [2]*diffDocument
		for i, short := range []*yaml.Node{before, after} {
			doc, _ := expanded(t, short)
			if doc == nil {
				return
			}
			if _, err := Import(doc); err != nil {
				return // FuzzGenerate sees to what can be read leniently only
			}
			side, err := newDiffDocument(DiffSource{"document", doc, Overlays{NoBuiltin: true}})
			if err != nil {
				return // FuzzGenerate sees to what cannot be generated
			}
			sides[i] = side
		}
		d := compared(t, sides[0], sides[1])
		for _, format := range Formats {
			if _, err := d.Format(format); err != nil {
				t.Error(err)
			}
		}
		if t.Failed() {
			for _, side := range sides {
				t.Logf("%s", side.document)
			}
		}
	})
}

// A change of a type that many endpoints share is one change.
func TestDiffFolds(t *testing.T) {
	t.Parallel()
	old, err := ourDiffDocument()
	if err != nil {
		t.Fatal(err)
	}
	doc := parsed(t, string(repositoryDocument(t)))
	remove(get(doc, "components", "schemas", "Note", "properties"), "cw")
	edited, err := yamlBytes(doc)
	if err != nil {
		t.Fatal(err)
	}
	d := compare(old, diffDocumentOf(t, "new", edited, Overlays{}))
	if len(d.Changes) != 1 || d.Changes[0].Place != "Note.cw" || len(d.Changes[0].Responses) < 70 {
		t.Errorf("%s", d.text())
	}
}

// Facts of operations that a document in short does not have.
func TestOperationFacts(t *testing.T) {
	hour := limit{Max: 300, Window: time.Hour}
	for name, test := range map[string]struct {
		old, new operation
		want     string // of one change, and of the one back
	}{
		"GET":            {operation{GET: true}, operation{}, "GET no longer allowed breaking; GET allowed none"},
		"method":         {operation{GETOnly: true}, operation{}, "POST instead of GET breaking; GET instead of POST breaking"},
		"form":           {operation{}, operation{Multipart: true}, "form instead of JSON breaking; JSON instead of a form breaking"},
		"empty":          {operation{}, operation{MayBeEmpty: true}, "response may be empty breaking; response never empty none"},
		"read-only":      {operation{ReadOnly: true}, operation{}, "no longer read-only notable; read-only none"},
		"moved":          {operation{}, operation{Moved: true}, "closed to moved accounts breaking; open to moved accounts none"},
		"cache":          {operation{CacheFor: time.Minute}, operation{}, "cache time changed: 1 minute → none none; cache time changed: none → 1 minute none"},
		"role":           {operation{Role: "moderator"}, operation{Role: "administrator"}, "role changed: moderator → administrator breaking; role changed: administrator → moderator none"},
		"limit":          {operation{}, operation{Limit: hour}, "rate limit changed: none → 300 in 1 hour breaking; rate limit changed: 300 in 1 hour → none none"},
		"longer window":  {operation{Limit: hour}, operation{Limit: limit{Max: 300, Window: 2 * time.Hour}}, "rate limit changed: 300 in 1 hour → 300 in 2 hours breaking; rate limit changed: 300 in 2 hours → 300 in 1 hour none"},
		"shorter window": {operation{Limit: hour}, operation{Limit: limit{Max: 10, Window: time.Minute}}, "rate limit changed: 300 in 1 hour → 10 in 1 minute breaking; rate limit changed: 10 in 1 minute → 300 in 1 hour breaking"},
		"interval":       {operation{}, operation{Limit: limit{MinInterval: time.Second}}, "rate limit changed: none → 1 second apart breaking; rate limit changed: 1 second apart → none none"},
	} {
		var got []string
		for _, changes := range [][]Change{operationFacts(&test.old, &test.new), operationFacts(&test.new, &test.old)} {
			for _, c := range changes {
				got = append(got, c.describe()+" "+c.Wire.String())
			}
		}
		if all := strings.Join(got, "; "); all != test.want {
			t.Errorf("%s: %s; want %s", name, all, test.want)
		}
	}
}

// Unions, maps, and one or many.
func TestDiffUnions(t *testing.T) {
	const before = `
operations:
  a: {request: {type: object, properties: {v: {oneOf: [{type: string}, {type: integer}]}}}, response: {oneOf: [{type: string}, {type: integer}]}}
  b: {request: {type: object, properties: {id: {oneOf: [{type: string}, {type: array, items: {type: string}}]}}}}
  c: {response: {type: object, required: [a], properties: {a: {type: string}}, additionalProperties: {type: integer}}}
`
	old := ofShort(t, before)
	for name, test := range map[string]struct {
		at, put string
		want    []string
	}{
		"alternatives fewer": {"operations/a/request/properties/v/oneOf", "[{type: string}, {type: boolean}]", []string{"alternative added: Flag none", "alternative removed: Integer breaking"}},
		"response has more":  {"operations/a/response/oneOf", "[{type: string}, {type: integer}, {type: boolean}]", []string{"alternative added: Flag notable"}},
		"many of another":    {"operations/b/request/properties/id/oneOf", "[{type: integer}, {type: array, items: {type: integer}}]", []string{"retyped: string → integer breaking"}},
		"further fields":     {"operations/c/response/additionalProperties", "{type: string}", []string{"retyped: integer → string breaking"}},
		"no further fields":  {"operations/c/response/additionalProperties", "", []string{"no further fields breaking"}},
	} {
		d := compared(t, old, ofShort(t, changed(t, before, test.at, test.put)))
		var got []string
		for _, c := range d.Changes {
			if c.Part != PartGo {
				got = append(got, c.describe()+" "+c.Wire.String())
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
