package conformance

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func readLines(t *testing.T, lines ...string) []*Exchange {
	t.Helper()
	exchanges, err := Read(strings.NewReader(strings.Join(lines, "\n")), "test")
	if err != nil {
		t.Fatal(err)
	}
	return exchanges
}

// shown returns everything that the exchanges show.
func shown(t *testing.T, exchanges []*Exchange) index {
	t.Helper()
	all := index{}
	for i, e := range exchanges {
		if _, err := newCandidate(i, e, all); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestTrimKeepsWhatDiffers(t *testing.T) {
	whole := readLines(t,
		exchange("ships/list", `{}`, 200, `[{"type":"brig","a":1},{"type":"brig","a":2},{"type":"brig","a":null},{"type":"yawl","a":3},{"type":"yawl","a":3}]`),
		exchange("ships/list", `{}`, 200, `[{"type":"yawl","a":9}]`),
		exchange("ships/list", `{"limit":1}`, 200, `[{"type":"yawl","a":9}]`),
		exchange("ships/list", `{"limit":2}`, 200, `[]`),
		exchange("ships/list", `{"limit":"x"}`, 400, `{"error":{"code":"A","id":"1","message":"m"}}`),
		exchange("ships/list", `{"limit":"y"}`, 400, `{"error":{"code":"A","id":"1","message":"n"}}`),
		exchange("ships/list", `{"limit":"y"}`, 400, `{"error":{"code":"A","id":"2","message":"n"}}`),
		exchange("ships/show", `{}`, 200, `[[{"x":[1,2]}],[{"x":[1,2.5]}],[]]`),
	)
	trimmed, err := Trim(whole)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range trimmed {
		got = append(got, strings.TrimPrefix(e.Source, "test:")+" "+string(e.Response))
	}
	want := []string{
		`1 [{"a":1,"type":"brig"},{"a":null,"type":"brig"},{"a":3,"type":"yawl"}]`,
		`4 []`,
		`5 {"error":{"code":"A","id":"1","message":""}}`,
		`7 {"error":{"code":"A","id":"2","message":""}}`,
		`8 [[{"x":[1]}],[{"x":[1,2.5]}],[]]`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("kept\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if whole, trimmed := shown(t, whole), shown(t, trimmed); !slices.Equal(keys(whole), keys(trimmed)) {
		t.Errorf("the whole shows\n%v\nwhat is kept\n%v", keys(whole), keys(trimmed))
	}
	if string(whole[0].Response) == string(trimmed[0].Response) {
		t.Error("Trim changed what it was given")
	}
}

func TestTrimBlanksProse(t *testing.T) {
	trimmed, err := Trim(readLines(t,
		strings.Replace(exchange("a", `{}`, 500, `{"error":{"message":"PROSE","code":"C","info":{"reason":"PROSE","param":"#/x","e":{"message":"PROSE","code":"Error","stack":"PROSE"}}}}`),
			`{"content-type"`, `{"www-authenticate":"Bearer realm=\"Misskey\", error=\"invalid_request\", error_description=\"PROSE\"","content-type"`, 1),
		exchange("a", `{}`, 400, `{"statusCode":400,"error":"Bad Request","message":"PROSE"}`),
		exchange("a", `{}`, 200, `[{"name":"kept","stacktrace":["PROSE","PROSE"],"failedReason":"PROSE","indexdef":"PROSE","data":{"stack":null}}]`),
	))
	if err != nil {
		t.Fatal(err)
	}
	if len(trimmed) != 3 {
		t.Fatalf("kept %d of 3", len(trimmed))
	}
	for _, e := range trimmed {
		line, err := encode(e)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(line), "PROSE") {
			t.Errorf("prose in %s", line)
		}
	}
	if h := trimmed[0].Headers["www-authenticate"]; h != `Bearer realm="Misskey", error="invalid_request", error_description=""` {
		t.Errorf("header %s", h)
	}
	if !strings.Contains(string(trimmed[2].Response), `"kept"`) {
		t.Errorf("lost a name: %s", trimmed[2].Response)
	}
}

// A written recording reads the same, and trimming twice is trimming once.
func TestTrimTwice(t *testing.T) {
	committed := slices.Concat(slices.Collect(maps.Values(committedByVersion(t)))...)
	again, err := Trim(committed)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x.jsonl.gz")
	if err := WriteFile(path, again); err != nil {
		t.Fatal(err)
	}
	read, err := ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(keys(shown(t, read)), keys(shown(t, committed))) {
		t.Error("trimming the committed recording again loses something")
	}
	if len(read) > len(committed) {
		t.Errorf("%d exchanges out of %d", len(read), len(committed))
	}
}
