package spec

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v4"
)

// Every description has both languages, and stands at an operation or a
// component that the document has.
func TestDescriptionsHaveBothLanguages(t *testing.T) {
	document := overlaidDocument(t)
	count := 0
	var check func(at string, v any)
	check = func(at string, v any) {
		m, ok := v.(map[string]any)
		if !ok {
			t.Errorf("%s holds a %T, want a description or a group of them", at, v)
			return
		}
		en, isText := m["en"].(string)
		if ja, _ := m["ja"].(string); isText || ja != "" {
			count++
			if strings.TrimSpace(en) == "" || strings.TrimSpace(ja) == "" {
				t.Errorf("%s lacks one of its languages", at)
			}
		}
		for key, v := range m {
			if isText && (key == "en" || key == "ja") {
				continue
			}
			check(at+" "+key, v)
		}
	}
	for file, groups := range descriptionFiles(t) {
		for group, entries := range groups {
			for key, v := range entries {
				_, operation := document.Paths["/"+key]
				_, component := document.Components.Schemas[key]
				if group == "operations" && !operation || group == "components" && !component {
					t.Errorf("%s describes %s, which the document does not have", file, key)
				}
				check(file+": "+group+" "+key, v)
			}
		}
	}
	t.Logf("%d descriptions in both languages", count)
}

// Every operation, parameter, component, property and enum value of our own
// document has a description, of its own or inherited: from common by the last
// segments of its path, where * stands for one segment; an enum of an operation
// also from the enum that has all of its values.
func TestEveryKeyIsDescribed(t *testing.T) {
	document := overlaidDocument(t)
	described, err := BuiltinDescriptions()
	if err != nil {
		t.Fatal(err)
	}
	total := map[string]int{}
	want := func(kind, at string, found bool) {
		total[kind]++
		if !found {
			t.Errorf("nothing describes the %s %s: add it to internal/spec/docs", kind, at)
		}
	}
	for path, item := range document.Paths {
		name := strings.TrimPrefix(path, "/")
		want("operation", name, described.Operations[name].En != "")
		for _, method := range []string{"post", "get"} {
			operation, ok := item[method].(map[string]any)
			if !ok {
				continue
			}
			request := newKeys()
			response := newKeys()
			for _, p := range elements(operation["parameters"]) {
				request.add(fmt.Sprint(dig(p, "name")), dig(p, "schema"))
			}
			request.content(dig(operation, "requestBody"))
			response.content(dig(operation, "responses", "200"))
			for _, part := range []struct {
				kind string
				find func(endpoint, path string) Description
				keys keys
			}{{"parameter", described.Parameter, request}, {"property", described.Response, response}} {
				for key := range part.keys.names {
					want(part.kind, name+" "+key, part.find(name, key).En != "")
				}
				for key, values := range part.keys.enums {
					for _, value := range values {
						want("enum value", name+"."+key+" "+value, described.enum(name+"."+key, values)[value].En != "")
					}
				}
			}
			break
		}
	}
	for name, schema := range document.Components.Schemas {
		want("component", name, described.Components[name].En != "")
		k := newKeys()
		k.schema("", schema)
		for key := range k.names {
			want("property", name+" "+key, described.Property(name, key).En != "")
		}
		for key, values := range k.enums {
			at := strings.TrimSuffix(name+"."+key, ".")
			enum, _ := byPath(described.Enums, at)
			for _, value := range values {
				want("enum value", at+" "+value, enum[value].En != "")
			}
		}
	}
	codes, permissions := map[string]bool{}, map[string]bool{}
	errorsAndPermissions(document.All, codes, permissions)
	for code := range codes {
		want("error", code, described.Errors.Codes[code].En != "")
	}
	for permission := range permissions {
		want("permission", permission, described.Permissions[permission].En != "")
	}
	for _, kind := range slices.Sorted(maps.Keys(total)) {
		t.Logf("%d of kind %s", total[kind], kind)
	}
}

// errorsAndPermissions are the error codes and the permissions that the document
// names anywhere.
func errorsAndPermissions(v any, codes, permissions map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for _, e := range elements(v["x-misskey-errors"]) {
			code := dig(e, "name")
			if code == nil {
				code = dig(e, "code")
			}
			codes[fmt.Sprint(code)] = true
		}
		for _, p := range elements(v["x-misskey-permissions"]) {
			permissions[fmt.Sprint(dig(p, "name"))] = true
		}
		if p, ok := v["x-misskey-permission"].(string); ok {
			permissions[p] = true
		}
		for _, part := range v {
			errorsAndPermissions(part, codes, permissions)
		}
	case []any:
		for _, part := range v {
			errorsAndPermissions(part, codes, permissions)
		}
	}
}

// describedDocument is what descriptions need to know of the document.
type describedDocument struct {
	Paths      map[string]map[string]any
	Components struct{ Schemas map[string]any }
	All        map[string]any `yaml:"-"`
}

func overlaidDocument(t *testing.T) describedDocument {
	t.Helper()
	document, err := readOverlaid()
	if err != nil {
		t.Fatal(err)
	}
	return document
}

var readOverlaid = sync.OnceValues(func() (document describedDocument, err error) {
	data, err := os.ReadFile(filepath.Join("..", "..", "api.yaml"))
	if err != nil {
		return document, err
	}
	node, err := Overlaid(data)
	if err != nil {
		return document, err
	}
	if err := node.Decode(&document); err != nil {
		return document, err
	}
	return document, node.Decode(&document.All)
})

// descriptionFiles are the files of docs, by name: group, key, description.
func descriptionFiles(t *testing.T) map[string]map[string]map[string]any {
	t.Helper()
	names, err := filepath.Glob("docs/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatalf("no descriptions: %v", err)
	}
	files := map[string]map[string]map[string]any{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var groups map[string]map[string]any
		if err := yaml.Unmarshal(data, &groups); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		files[name] = groups
	}
	return files
}

// keys are the paths of a schema's properties, and the values of its enums.
type keys struct {
	names map[string]bool
	enums map[string][]string
}

func newKeys() keys { return keys{map[string]bool{}, map[string][]string{}} }

func (k keys) content(message any) {
	media, _ := dig(message, "content").(map[string]any)
	for _, m := range media {
		k.schema("", dig(m, "schema"))
	}
}

func (k keys) add(path string, schema any) {
	k.names[path] = true
	k.schema(path, schema)
}

func (k keys) schema(path string, schema any) {
	for _, value := range elements(dig(schema, "enum")) {
		if v := fmt.Sprint(value); value != nil && !slices.Contains(k.enums[path], v) {
			k.enums[path] = append(k.enums[path], v)
		}
	}
	for _, word := range []string{"oneOf", "anyOf", "allOf"} {
		for _, s := range elements(dig(schema, word)) {
			k.schema(path, s)
		}
	}
	properties, _ := dig(schema, "properties").(map[string]any)
	for name, s := range properties {
		k.add(strings.TrimPrefix(path+"."+name, "."), s)
	}
	if items := dig(schema, "items"); items != nil {
		k.schema(path+"[]", items)
	}
	if values, ok := dig(schema, "additionalProperties").(map[string]any); ok {
		k.schema(path+"{}", values)
	}
}

func dig(v any, path ...string) any {
	for _, key := range path {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

func elements(v any) []any { l, _ := v.([]any); return l }
