package conformance

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// exchange makes a recorded line.
func exchange(endpoint, request string, status int, response string) string {
	return fmt.Sprintf(`{"endpoint":%q,"method":"POST","auth":"user","contentType":"application/json","request":%s,"status":%d,"headers":{"content-type":"application/json; charset=utf-8"},"response":%s}`,
		endpoint, request, status, response)
}

func replayLines(t *testing.T, lines ...string) *Report {
	t.Helper()
	exchanges, err := Read(strings.NewReader(strings.Join(lines, "\n")), "test")
	if err != nil {
		t.Fatal(err)
	}
	report, err := Replay(t.Context(), fakeTarget(), exchanges)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

const goodShip = `{"id":"a","seenAt":"2026-11-22T06:38:07.000Z","name":null,"sails":3,"crew":[],"ratings":{}}`

// Each kind of fault is found, at its place, and nothing is found in what is
// right.
func TestReplayFindings(t *testing.T) {
	get := func(line string) string {
		return strings.Replace(strings.Replace(line, `"POST"`, `"GET"`, 1), `"contentType":"application/json",`, "", 1)
	}
	upload := func(line string) string {
		return strings.Replace(line, `"application/json"`, `"multipart/form-data"`, 1)
	}
	for _, test := range []struct {
		name, line string
		kind       Kind // "" is nothing
		place      string
	}{
		{"good", exchange("ships/show", `{"name":"x","limit":5,"flag":null,"cargo":[]}`, 200, goodShip), "", ""},
		{"empty response", exchange("ships/sink", `{}`, 204, `null`), "", ""},
		{"empty instead of a response", exchange("ships/maybe", `{}`, 204, `null`), "", ""},
		{"path parameter", exchange("harbor/a b/check", `{}`, 200, goodShip), "", ""},
		{"query", get(exchange("ships/show", `{"name":"x y","limit":5}`, 200, goodShip)), "", ""},
		{"form", upload(exchange("cargo/upload", `{"comment":"5","force":"true","file":{"filename":"a.png","contentType":"image/png","size":3}}`, 200, goodShip)), "", ""},
		{"null that means nothing", exchange("ships/show", `{"name":"x","note":null}`, 200, goodShip), "", ""},
		{"unknown endpoint", exchange("fork/thing", `{"a":[1,null]}`, 200, `[{"b":null}]`), "", ""},
		{"error", exchange("ships/show", `{"name":7}`, 400, `{"error":{"code":"NO_SUCH_SHIP","id":"1","message":"gone"}}`), "", ""},
		{"error without a body", exchange("ships/sink", `{}`, 405, `null`), "", ""},

		{"unknown parameter", exchange("ships/show", `{"name":"x","color":"red"}`, 200, goodShip), Inexpressible, "$"},
		{"parameter of another type", exchange("ships/show", `{"name":7}`, 200, goodShip), Inexpressible, "$"},
		{"dropped null", exchange("ships/show", `{"name":"x","limit":null}`, 200, goodShip), Inexpressible, "$.limit"},
		{"dropped []", exchange("ships/show", `{"name":"x","masts":[]}`, 200, goodShip), Inexpressible, "$.masts"},
		{"parameter too much", exchange("ships/show", `{}`, 200, goodShip), Inexpressible, "$.name"},
		{"parameter that has no place", exchange("ships/sink", `{"when":1}`, 204, `null`), Inexpressible, "$.when"},
		{"missing in the query", get(exchange("ships/show", `{"name":"x","masts":[[]]}`, 200, goodShip)), Inexpressible, "$"},
		{"missing in the form", upload(exchange("cargo/upload", `{"color":"red","file":{"filename":"a","contentType":"b/c","size":0}}`, 200, goodShip)), Inexpressible, "$"},
		{"size of a file", upload(exchange("cargo/upload", `{"file":{"filename":"../a","contentType":"b/c","size":0}}`, 200, goodShip)), Inexpressible, "$.file.filename"},

		{"number for a string", exchange("ships/maybe", `{}`, 200, `{"id":1}`), Failed, "$"},
		{"answer where none is known", exchange("ships/sink", `{}`, 200, `{"a":1}`), Lossy, "$.a"},
		{"unknown property", exchange("ships/maybe", `{}`, 200, strings.Replace(goodShip, `"id"`, `"color":"red","id"`, 1)), Lossy, "$.color"},
		{"unknown property that is false", exchange("ships/maybe", `{}`, 200, strings.Replace(goodShip, `"id"`, `"color":false,"id"`, 1)), Lossy, "$.color"},
		{"deep down", exchange("ships/maybe", `{}`, 200, strings.Replace(goodShip, `[]`, `[`+goodShip+`,{"color":0,`+goodShip[1:]+`]`, 1)), Lossy, "$.crew[1].color"},
		{"missing property", exchange("ships/maybe", `{}`, 200, strings.Replace(goodShip, `"id":"a",`, ``, 1)), Invented, "$.id"},
		{"missing time", exchange("ships/maybe", `{}`, 200, strings.Replace(goodShip, `"seenAt":"2026-11-22T06:38:07.000Z",`, ``, 1)), Invented, "$.seenAt"},
		{"null for a number", exchange("ships/maybe", `{}`, 200, strings.Replace(goodShip, `"sails":3`, `"sails":null`, 1)), Invented, "$.sails"},

		{"untyped error", exchange("ships/show", `{"name":"x"}`, 418, `{"error":{"code":"TEAPOT"}}`), Untyped, "$"},
		{"lost code", exchange("ships/show", `{"name":"x"}`, 400, `{"statusCode":400,"code":"FST","error":"Bad Request"}`), Untyped, "$"},
	} {
		t.Run(test.name, func(t *testing.T) {
			report := replayLines(t, test.line)
			if test.kind == "" {
				if len(report.Findings) > 0 {
					t.Fatalf("findings: %+v", report.Findings)
				}
				return
			}
			if len(report.Findings) != 1 {
				t.Fatalf("%d findings: %+v", len(report.Findings), report.Findings)
			}
			if f := report.Findings[0]; f.Kind != test.kind || f.Place != test.place || f.Source != "test:1" {
				t.Errorf("finding %+v, want %s at %s", f, test.kind, test.place)
			}
			if report.Count(test.kind) != 1 || report.Clean() != 0 {
				t.Errorf("%d %s, %d clean", report.Count(test.kind), test.kind, report.Clean())
			}
		})
	}
}

func TestReplayWithoutMethod(t *testing.T) {
	target := fakeTarget()
	target.Operations = append(target.Operations, opMissing)
	exchanges, err := Read(strings.NewReader(exchange("ships/build", `{}`, 204, `null`)), "test")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Replay(t.Context(), target, exchanges)
	if err == nil || !strings.Contains(err.Error(), "shipsbuild") {
		t.Errorf("error %v, want one that names the missing method", err)
	}
}

func TestReportFigures(t *testing.T) {
	report := replayLines(t,
		exchange("ships/maybe", `{}`, 200, strings.Replace(goodShip, `[]`, `[{"id":"b"},{"id":"c"}]`, 1)),
		exchange("ships/sink", `{}`, 204, `null`),
		exchange("ships/sink", `{}`, 403, `{"error":{"id":"5"}}`),
		exchange("fork/thing", `{}`, 404, `null`),
	)
	var out bytes.Buffer
	if err := report.WriteFigures(&out); err != nil {
		t.Fatal(err)
	}
	if err := report.WriteFindings(&out, 1); err != nil {
		t.Fatal(err)
	}
	want := `exchanges              4  (2 requests, 2 answers, 2 errors)
endpoints clean        1  of 2
requests inexpressible 0
answers failed         0
lossy                  0
errors untyped         0
values invented        4
endpoints unknown      1  (fork/thing)
values invented: ships/maybe $.crew[].sails: 0 instead of nothing (2×, first test:1)
… and 1 more places
`
	squeeze := func(s string) string {
		lines := strings.Split(s, "\n")
		for i, line := range lines {
			lines[i] = strings.Join(strings.Fields(line), " ")
		}
		return strings.Join(lines, "\n")
	}
	if squeeze(out.String()) != squeeze(want) {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
	if report.Successes["ships/sink"] != 1 || report.Endpoints["ships/sink"] != 2 {
		t.Errorf("ships/sink: %d successes of %d", report.Successes["ships/sink"], report.Endpoints["ships/sink"])
	}
}
