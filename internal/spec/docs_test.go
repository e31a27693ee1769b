package spec

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// Every description has both languages, and stands at an operation or a
// component that the document has.
func TestDescriptionsHaveBothLanguages(t *testing.T) {
	files, err := filepath.Glob("docs/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no descriptions: %v", err)
	}
	var document struct {
		Paths      map[string]any
		Components struct{ Schemas map[string]any }
	}
	readYAML(t, filepath.Join("..", "..", "api.yaml"), &document)
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
	for _, file := range files {
		var groups map[string]map[string]any
		readYAML(t, file, &groups)
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

func readYAML(t *testing.T, file string, out any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, out); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
