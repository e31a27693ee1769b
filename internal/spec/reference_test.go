package spec

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// Every operation has a section in each language, every link leads to a heading,
// and each task to endpoints that there are.
func TestReference(t *testing.T) {
	document, err := os.ReadFile("../../api.yaml")
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`\]\(([\w-]*\.md)(?:#([^)]*))?\)`)
	pages, err := Reference(GenerateOptions{Document: document}, Languages...)
	if err != nil {
		t.Fatal(err)
	}
	overlaid := overlaidDocument(t)
	for language, files := range pages {
		anchors := map[string][]string{}
		sections := 0
		for name, data := range files {
			if !utf8.Valid(data) {
				t.Errorf("%s/%s is not UTF-8", language, name)
			}
			for l := range strings.Lines(string(data)) {
				if heading, ok := strings.CutPrefix(l, "## "); ok {
					anchors[name] = append(anchors[name], anchor(strings.TrimSpace(heading)))
					sections++
				}
				if strings.HasSuffix(l, "|  |\n") {
					t.Errorf("%s/%s: a row without a meaning: %s", language, name, l)
				}
			}
		}
		if want := len(overlaid.Paths) + len(overlaid.Components.Schemas) + 3; sections != want { // and those of the index
			t.Errorf("%s: %d sections, want %d", language, sections, want)
		}
		for name, data := range files {
			for _, m := range link.FindAllStringSubmatch(string(data), -1) {
				if files[m[1]] == nil || m[2] != "" && !slices.Contains(anchors[m[1]], m[2]) {
					t.Errorf("%s/%s: %s leads nowhere", language, name, m[0])
				}
			}
		}
		for _, task := range tasks {
			for _, endpoint := range task.endpoints {
				if !strings.Contains(string(files["README.md"]), fmt.Sprintf("| [`%s`]", endpoint)) && !strings.Contains(string(files["README.md"]), fmt.Sprintf(", [`%s`]", endpoint)) {
					t.Errorf("there is no %s, which a task names", endpoint)
				}
			}
		}
	}
	if _, err := Reference(GenerateOptions{Document: document}, "fr"); err == nil {
		t.Error("French")
	}
}
