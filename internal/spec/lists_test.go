package spec

import (
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// TestListsLeftOut compares the operations that respond with a list, or take
// parameters of paging, and have no iterator all the same, with the committed
// list of them and of the reasons.
func TestListsLeftOut(t *testing.T) {
	document, err := os.ReadFile("../../api.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, err := prepare(GenerateOptions{Document: document, Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("testdata/lists-left-out.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	if err := yaml.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	iterators := 0
	for _, op := range p.operations {
		why := op.NoList
		switch {
		case op.List != nil:
			iterators++
			why = ""
		case !strings.HasPrefix(op.Result, "[]") && why == "takes neither a cursor nor an offset":
			why = ""
		}
		if want[op.Endpoint] != why {
			t.Errorf("%s: left out because it %q, want because it %q", op.Endpoint, why, want[op.Endpoint])
		}
		delete(want, op.Endpoint)
	}
	for endpoint := range want {
		t.Errorf("%s is in the list and no operation", endpoint)
	}
	t.Logf("%d iterators", iterators)
	if iterators < 80 {
		t.Errorf("only %d iterators", iterators)
	}
}
