package misskey

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

// What a call costs, against the same by hand.

func benchServer(tb testing.TB) *httptest.Server {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", jsonType)
		io.WriteString(w, `{"id":"abcdefghij","text":"hello","createdAt":"2026-11-22T06:38:07.859Z"}`)
	}))
	tb.Cleanup(srv.Close)
	return srv
}

type benchNote struct {
	ID        string `json:"id"`
	Text      string `json:"text"`
	CreatedAt string `json:"createdAt"`
}

func benchCall(tb testing.TB) func() {
	mk, err := New(benchServer(tb).URL, WithToken(canary))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(mk.HTTPClient().CloseIdleConnections)
	return func() {
		var note benchNote
		if err := mk.Call(tb.Context(), opShow, showRequest{NoteID: "abcdefghij"}, &note); err != nil || note.Text != "hello" {
			tb.Fatal(err)
		}
	}
}

func benchByHand(tb testing.TB) func() {
	url := benchServer(tb).URL + "/api/notes/show"
	hc := &http.Client{Transport: NewTransport()}
	tb.Cleanup(hc.CloseIdleConnections)
	return func() {
		body, err := json.Marshal(struct {
			I string `json:"i"`
			showRequest
		}{canary, showRequest{NoteID: "abcdefghij"}})
		if err != nil {
			tb.Fatal(err)
		}
		req, err := http.NewRequestWithContext(tb.Context(), "POST", url, bytes.NewReader(body))
		if err != nil {
			tb.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := hc.Do(req)
		if err != nil {
			tb.Fatal(err)
		}
		data, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			tb.Fatal(err)
		}
		var note benchNote
		if err := json.Unmarshal(data, &note); err != nil || note.Text != "hello" {
			tb.Fatal(err)
		}
	}
}

func BenchmarkCall(b *testing.B) {
	for name, call := range map[string]func(){"client": benchCall(b), "by hand": benchByHand(b)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
}

// A call by the client allocates about as often as one by hand, although it is
// watched and carries more headers, which the server of the test pays for as well:
// 96 times against 94 with Go 1.26, and against 89 with Go 1.27, whose encoding/json
// needs less.
func TestCallAllocatesLittle(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates, too")
	}
	client, byHand := testing.AllocsPerRun(300, benchCall(t)), testing.AllocsPerRun(300, benchByHand(t))
	if client > byHand*1.12 {
		t.Errorf("a call allocates %v times, by hand %v times", client, byHand)
	}
}

func BenchmarkTokenEditor(b *testing.B) {
	body := []byte(`{"noteId":"abcdefghij","text":"` + strings.Repeat("x", 1000) + `"}`)
	edit := TokenEditor(canary)
	req := post("application/json", "")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		setJSONBody(req, body)
		if err := edit(b.Context(), req); err != nil {
			b.Fatal(err)
		}
	}
}

// What 64 callers at once cost in connections.
func BenchmarkConcurrentCallers(b *testing.B) {
	const callers = 64
	var dials atomic.Int64
	transport := NewTransport()
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		dials.Add(1)
		return dial(ctx, network, address)
	}
	defer transport.CloseIdleConnections()
	mk, err := New(benchServer(b).URL, WithToken(canary), WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		b.Fatal(err)
	}
	b.SetParallelism((callers + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			var note benchNote
			if err := mk.Call(b.Context(), opShow, showRequest{NoteID: "abcdefghij"}, &note); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(dials.Load()), "dials")
}
