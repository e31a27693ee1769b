package webhook_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/misskey-go/misskey/event"
	"github.com/misskey-go/misskey/webhook"
)

func TestNewRefusesWhatWouldAcceptAnyone(t *testing.T) {
	handle := func(context.Context, event.Event) error { return nil }
	for _, secrets := range [][]webhook.Secret{
		nil, {}, {{}}, {{Value: "  "}}, {{Value: "good"}, {}}, {{Value: "日本"}}, {{Value: "a\nb"}}, {{Value: "a\x00b"}}, {{Value: strings.Repeat("a", 1025)}},
	} {
		if h, err := webhook.New(handle, webhook.Options{Secrets: secrets}); err == nil || h != nil {
			t.Errorf("%q is accepted", secrets)
		}
	}
	if _, err := webhook.New(nil, webhook.Options{Secrets: []webhook.Secret{{Value: theSecret}}}); err == nil {
		t.Error("a nil function is accepted")
	}
}

func TestSecretIsNotPrinted(t *testing.T) {
	s := webhook.Secret{Value: theSecret, Host: "misskey.example"}
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h := newHandler(t, webhook.Options{Secrets: []webhook.Secret{s}, Logger: logger}, func(context.Context, event.Event) error { return errors.New("no") })
	deliver(h, request(body("1")))
	r := request(body("2"))
	r.Header.Set("X-Misskey-Host", theSecret) // a hostile sender
	deliver(h, r)
	logger.Info("it", "secret", s)
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%+v %#v %q", s, s, s), fmt.Sprintf("%+v %#v", h, h), log.String()} {
		if strings.Contains(text, "battery") {
			t.Errorf("it prints the secret: %s", text)
		}
	}
	if log.Len() == 0 {
		t.Error("nothing is logged")
	}
}

func TestRequestsThatAreNoDeliveriesAreRefused(t *testing.T) {
	type change = func(*http.Request)
	set := func(name string, values ...string) change {
		return func(r *http.Request) { r.Header[http.CanonicalHeaderKey(name)] = values }
	}
	for _, test := range []struct {
		name   string
		change change
		body   string
		status int
	}{
		{"right", nil, body("1"), 204},
		{"blanks around the secret, as typed", set("X-Misskey-Hook-Secret", " "+theSecret+"\t"), body("2"), 204},
		{"charset", set("Content-Type", "application/json; charset=utf-8"), body("3"), 204},
		{"GET", func(r *http.Request) { r.Method = "GET" }, "", 405},
		{"PUT", func(r *http.Request) { r.Method = "PUT" }, body("4"), 405},
		{"no secret", func(r *http.Request) { r.Header.Del("X-Misskey-Hook-Secret") }, body("5"), 403},
		{"empty secret", set("X-Misskey-Hook-Secret", ""), body("6"), 403},
		{"wrong secret", set("X-Misskey-Hook-Secret", theSecret+"!"), body("7"), 403},
		{"secret in another case", set("X-Misskey-Hook-Secret", strings.ToUpper(theSecret)), body("8"), 403},
		{"two secrets", set("X-Misskey-Hook-Secret", theSecret, theSecret), body("9"), 403},
		{"two hosts", set("X-Misskey-Host", "misskey.example", "other.example"), body("10"), 403},
		{"no type", func(r *http.Request) { r.Header.Del("Content-Type") }, body("11"), 415},
		{"form", set("Content-Type", "application/x-www-form-urlencoded"), body("12"), 415},
		{"two types", set("Content-Type", "application/json", "application/json"), body("13"), 415},
		{"compressed", set("Content-Encoding", "gzip"), body("14"), 415},
		{"too long", nil, body(strings.Repeat("x", 2000)), 413},
		{"too long, of unknown length", func(r *http.Request) { r.ContentLength = -1 }, body(strings.Repeat("x", 2000)), 413},
		{"no JSON", nil, "hello", 400},
		{"cut off", nil, body("15")[:100], 400},
		{"an array", nil, "[]", 400},
		{"empty", nil, "", 400},
		{"no type", nil, "{}", 400},
		{"deep", nil, `{"type":"note","body":` + strings.Repeat("[", 800), 400},
	} {
		called := 0
		h := newHandler(t, webhook.Options{MaxBody: 1000}, func(context.Context, event.Event) error { called++; return nil })
		r := request(test.body)
		if test.change != nil {
			test.change(r)
		}
		status := deliver(h, r)
		if status != test.status {
			t.Errorf("%s: status %d, want %d", test.name, status, test.status)
		}
		if (called == 1) != (test.status == 204) {
			t.Errorf("%s: the function was called %d times", test.name, called)
		}
		stats := h.Stats()
		if (stats.Refused == 0) != (test.status == 204) {
			t.Errorf("%s: %+v", test.name, stats)
		}
	}
}

func TestSecretsOfSeveralInstances(t *testing.T) {
	h := newHandler(t, webhook.Options{Secrets: []webhook.Secret{
		{Host: "A.example", Value: "old-a"}, {Host: "a.example", Value: "new-a"}, {Host: "b.example:8443", Value: "of-b"}, {Value: "any"},
	}}, func(context.Context, event.Event) error { return nil })
	for i, test := range []struct {
		host, secret string
		status       int
	}{
		{"a.example", "old-a", 204},
		{"a.example", "new-a", 204},
		{"b.example:8443", "of-b", 204},
		{"b.example:8443", "old-a", 403},
		{"a.example", "of-b", 403},
		{"b.example", "of-b", 403},
		{"", "of-b", 403},
		{"c.example", "any", 204},
		{"", "any", 204},
	} {
		r := request(body(fmt.Sprint(i)))
		r.Header.Set("X-Misskey-Host", test.host)
		r.Header.Set("X-Misskey-Hook-Secret", test.secret)
		if status := deliver(h, r); status != test.status {
			t.Errorf("%s from %q: status %d, want %d", test.secret, test.host, status, test.status)
		}
	}
}

func TestEventIsHandledOnce(t *testing.T) {
	var ids []string
	fail := true
	h := newHandler(t, webhook.Options{}, func(_ context.Context, ev event.Event) error {
		ids = append(ids, webhook.From(ev).ID)
		if fail {
			return errors.New("not now")
		}
		return nil
	})
	if status := deliver(h, request(body("1"))); status != 503 {
		t.Errorf("status %d after a failure, want 503", status)
	}
	fail = false
	for range 4 {
		if status := deliver(h, request(body("1"))); status != 204 {
			t.Errorf("status %d", status)
		}
	}
	other := request(body("1")) // the same id at another instance is another event
	other.Header.Set("X-Misskey-Host", "other.example")
	deliver(h, other)
	deliver(h, request(body("")))
	deliver(h, request(body(""))) // without an id nothing is the same
	if got := strings.Join(ids, ","); got != "1,1,1,," {
		t.Errorf("handled %q", got)
	}
	if s := h.Stats(); s.Received != 8 || s.Duplicates != 3 || s.Handled != 4 || s.Failed != 1 || s.Unavailable != 1 || s.Lost != 0 {
		t.Errorf("%+v", s)
	}
}

func TestRememberedEventsAreBounded(t *testing.T) {
	called := 0
	h := newHandler(t, webhook.Options{Remember: 3}, func(context.Context, event.Event) error { called++; return nil })
	for _, id := range []string{"1", "2", "3", "1", "4", "4", "3", "2", "1"} { // the last has been forgotten
		deliver(h, request(body(id)))
	}
	if called != 5 {
		t.Errorf("called %d times, want 5", called)
	}
}

// An attempt that comes while the event is being handled gets the same result.
func TestAttemptsShareOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		h := newHandler(t, webhook.Options{}, func(ctx context.Context, _ event.Event) error {
			calls++
			time.Sleep(8 * time.Second)
			return ctx.Err()
		})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // as long as Misskey waits
		defer cancel()
		if status := deliver(h, request(body("1")).WithContext(ctx)); status != 503 {
			t.Errorf("status %d", status)
		}
		time.Sleep(time.Second)
		if status := deliver(h, request(body("1"))); status != 204 { // a second attempt, at 6 s
			t.Errorf("status %d", status)
		}
		if status := deliver(h, request(body("1"))); status != 204 {
			t.Errorf("status %d", status)
		}
		if calls != 1 {
			t.Errorf("handled %d times", calls)
		}
	})
}

func TestFullQueueRefusesForNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		goOn := make(chan struct{})
		h := newHandler(t, webhook.Options{Queue: 2, RespondFirst: true}, func(context.Context, event.Event) error { <-goOn; return nil })
		var statuses []int
		for i := range 5 {
			statuses = append(statuses, deliver(h, request(body(fmt.Sprint(i)))))
			synctest.Wait()
		}
		if fmt.Sprint(statuses) != "[202 202 202 503 503]" { // one is being handled
			t.Errorf("%v", statuses)
		}
		if s := h.Stats(); s.Waiting != 2 || s.Working != 1 || s.Unavailable != 2 {
			t.Errorf("%+v", s)
		}
		close(goOn)
		synctest.Wait()
		if status := deliver(h, request(body("4"))); status != 202 {
			t.Errorf("status %d when there is room", status)
		}
		if err := h.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if s := h.Stats(); s.Handled != 4 {
			t.Errorf("%+v", s)
		}
	})
}

func TestQueueIsBoundedInBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		goOn := make(chan struct{})
		h := newHandler(t, webhook.Options{Queue: 1 << 20, RespondFirst: true}, func(context.Context, event.Event) error { <-goOn; return nil })
		accepted := 0
		for i := range 70 {
			long := strings.Replace(body(fmt.Sprint(i)), "hello", strings.Repeat("x", 1<<20), 1)
			if deliver(h, request(long)) == 202 {
				accepted++
			}
		}
		if accepted < 16 || accepted > 64 {
			t.Errorf("%d events of 1 MiB wait", accepted)
		}
		close(goOn)
		if err := h.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestFunctionThatFailsAfterTheResponseIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lost := map[string]string{}
		h := newHandler(t, webhook.Options{RespondFirst: true, Timeout: 3 * time.Second, Lost: func(ev event.Event, err error) {
			lost[webhook.From(ev).ID] = err.Error()
		}}, func(ctx context.Context, ev event.Event) error {
			switch webhook.From(ev).ID {
			case "bad":
				return errors.New("bad luck")
			case "panic":
				panic("oh")
			case "slow":
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		})
		for _, id := range []string{"bad", "panic", "slow", "good"} {
			if status := deliver(h, request(body(id))); status != 202 {
				t.Errorf("%s: status %d", id, status)
			}
		}
		if err := h.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if len(lost) != 3 || lost["bad"] != "bad luck" || !strings.Contains(lost["panic"], "oh") || !strings.Contains(lost["slow"], "deadline") {
			t.Errorf("%q", lost)
		}
	})
}

func TestFunctionMayEndItsGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handled := 0
		h := newHandler(t, webhook.Options{}, func(_ context.Context, ev event.Event) error {
			if webhook.From(ev).ID == "exit" {
				runtimeGoexit()
			}
			handled++
			return nil
		})
		if status := deliver(h, request(body("exit"))); status != 503 {
			t.Errorf("status %d", status)
		}
		if status := deliver(h, request(body("next"))); status != 204 || handled != 1 {
			t.Errorf("status %d, %d handled", status, handled)
		}
		if err := h.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestCloseWaitsAndSaysWhatIsLeft(t *testing.T) {
	for _, first := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			var lost atomic.Int64
			h := newHandler(t, webhook.Options{RespondFirst: first, Lost: func(_ event.Event, err error) {
				if errors.Is(err, webhook.ErrClosed) {
					lost.Add(1)
				}
			}}, func(ctx context.Context, _ event.Event) error { <-ctx.Done(); return nil })
			var statuses [3]int
			var wg sync.WaitGroup
			for i := range statuses {
				wg.Go(func() { statuses[i] = deliver(h, request(body(fmt.Sprint(i)))) })
			}
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			err := h.Close(ctx)
			if err == nil || !strings.Contains(err.Error(), "1 events were being handled and 2 waited") || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v", err)
			}
			wg.Wait()
			want, wantLost := 204+503+503, int64(0)
			if first {
				want, wantLost = 3*202, 2
			}
			if got := statuses[0] + statuses[1] + statuses[2]; got != want {
				t.Errorf("statuses %v", statuses)
			}
			if lost.Load() != wantLost || h.Stats().Lost != wantLost {
				t.Errorf("%d lost, %+v", lost.Load(), h.Stats())
			}
			if status := deliver(h, request(body("late"))); status != 503 {
				t.Errorf("status %d after Close", status)
			}
			synctest.Wait()
			if err := h.Close(t.Context()); err != nil { // again: nothing is left
				t.Error(err)
			}
		})
	}
}

func TestWorkersHandleAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHandler(t, webhook.Options{Workers: 5, RespondFirst: true}, func(context.Context, event.Event) error { time.Sleep(time.Second); return nil })
		start := time.Now()
		for i := range 20 {
			deliver(h, request(body(fmt.Sprint(i))))
		}
		if err := h.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != 4*time.Second {
			t.Errorf("it took %v", took)
		}
		if s := h.Stats(); s.Handled != 20 || s.HandlerTime != 20*time.Second {
			t.Errorf("%+v", s)
		}
	})
}

func TestManyAtOnceAreHandledOnceEach(t *testing.T) {
	var handled atomic.Int64
	h := newHandler(t, webhook.Options{Workers: 4}, func(context.Context, event.Event) error { handled.Add(1); return nil })
	var wg sync.WaitGroup
	for i := range 40 {
		for range 5 {
			wg.Go(func() {
				if status := deliver(h, request(body(fmt.Sprint(i)))); status != 204 {
					t.Errorf("status %d", status)
				}
			})
		}
	}
	wg.Wait()
	if handled.Load() != 40 {
		t.Errorf("%d handled, want 40", handled.Load())
	}
}

// Clocks are wrong, and events that wait for long are old.
func TestTimesDoNotMatter(t *testing.T) {
	for _, created := range []string{"0", "-1", "9007199254740993", "1e300", `"now"`, "null", "1795792112024.5"} {
		var got *webhook.Delivery
		h := newHandler(t, webhook.Options{}, func(_ context.Context, ev event.Event) error { got = webhook.From(ev); return nil })
		if status := deliver(h, request(strings.Replace(body("1"), "1795792112024", created, 1))); status != 204 || got == nil {
			t.Errorf("createdAt %s: status %d", created, status)
		}
	}
}

func TestUnknownAndBrokenEventsAreHandled(t *testing.T) {
	for _, test := range []struct{ kind, body string }{
		{"reaction", `{"anything":1}`}, {"tomorrow", "null"}, {"mention", "{}"}, {"mention", `{"note":null}`}, {"mention", `{"note":5}`},
		{"follow", `{"user":null}`}, {"abuseReport", "5"}, {"userCreated", `"x"`},
	} {
		var got event.Event
		h := newHandler(t, webhook.Options{}, func(_ context.Context, ev event.Event) error { got = ev; return nil })
		status := deliver(h, request(fmt.Sprintf(`{"eventId":"1","type":%q,"body":%s}`, test.kind, test.body)))
		unknown, ok := got.(*event.Unknown)
		if status != 204 || !ok || unknown.Event != test.kind || string(unknown.Body) != test.body || webhook.From(got).Type != test.kind {
			t.Errorf("%s %s: status %d, %+v", test.kind, test.body, status, got)
			continue
		}
		if known := test.kind != "reaction" && test.kind != "tomorrow"; (unknown.Err != nil) != known {
			t.Errorf("%s %s: error %v", test.kind, test.body, unknown.Err)
		}
	}
}

// recorded are deliveries of Misskey 2026.7.0.
func recorded(t testing.TB) (all []recording) {
	t.Helper()
	name := "testdata/deliveries.jsonl"
	if other := os.Getenv("MISSKEY_WEBHOOKS"); other != "" {
		name = other // a longer recording
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		var r recording
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

type recording struct {
	Source  string
	Headers map[string]string
	Body    json.RawMessage
}

func (r recording) request() *http.Request {
	req := httptest.NewRequest(http.MethodPost, "/hook", bytes.NewReader(r.Body))
	for name, value := range r.Headers {
		req.Header.Set(name, value)
	}
	return req
}

func TestRecordedDeliveriesAreRead(t *testing.T) {
	var got event.Event
	var secrets []webhook.Secret
	for _, value := range []string{"secret-hook-1", "secret-sys-1"} {
		secrets = append(secrets, webhook.Secret{Host: "localhost:3700", Value: value})
	}
	all := recorded(t)
	for _, r := range all {
		if s := r.Headers["x-misskey-hook-secret"]; s != "" {
			secrets = append(secrets, webhook.Secret{Value: s})
		}
	}
	h := newHandler(t, webhook.Options{Secrets: secrets, KeepRaw: true}, func(_ context.Context, ev event.Event) error { got = ev; return nil })
	types := map[string]int{}
	for i, r := range all {
		if r.Headers["x-misskey-hook-secret"] == "" {
			continue
		}
		got = nil
		if status := deliver(h, r.request()); status != 204 || got == nil {
			t.Fatalf("line %d: status %d", i+1, status)
		}
		d := webhook.From(got)
		if u, ok := got.(*event.Unknown); ok {
			t.Errorf("line %d: %s is not known: %v", i+1, d.Type, u.Err)
			continue
		}
		types[strings.TrimPrefix(fmt.Sprintf("%T", got), "*")]++
		if n := got.Mismatches(); len(n) > 0 {
			t.Errorf("line %d: %s has mismatches: %+v", i+1, d.Type, n)
		}
		untold := d.Type == "inactiveModeratorsWarning" || d.Type == "inactiveModeratorsInvitationOnlyChanged"
		if d.Test != (r.Source == "test" && !untold) || d.Host != "localhost:3700" || d.Server != "http://localhost:3700" || d.HookID == "" || d.ID == "" ||
			d.CreatedAt.Year() != 2026 {
			t.Errorf("line %d: %+v", i+1, d)
		}
		var whole struct{ Body json.RawMessage }
		if err := json.Unmarshal(r.Body, &whole); err != nil || !bytes.Equal(whole.Body, got.Raw()) {
			t.Errorf("line %d: the raw body differs", i+1)
		}
		switch ev := got.(type) {
		case *event.Note, *event.Mention, *event.Reply, *event.Renote, *event.Follow, *event.Followed, *event.Unfollow:
			if d.UserID == "" {
				t.Errorf("line %d: no account", i+1)
			}
		case *webhook.AbuseReport:
			if ev.TargetUser.Username == "" || ev.Reporter.ID == "" || ev.Resolved {
				t.Errorf("line %d: %+v", i+1, ev.Report)
			}
		case *webhook.AbuseReportResolved:
			if !ev.Resolved || ev.Assignee == nil {
				t.Errorf("line %d: %+v", i+1, ev.Report)
			}
		case *webhook.UserCreated:
			if ev.Username == "" {
				t.Errorf("line %d: %+v", i+1, ev.UserLite)
			}
		case *webhook.InactiveModeratorsWarning:
			if ev.RemainingTime.Duration() <= 0 || ev.RemainingTime.AsDays <= 0 || ev.RemainingTime.AsHours <= 0 {
				t.Errorf("line %d: %+v", i+1, ev.RemainingTime)
			}
		}
	}
	if len(types) != 12 { // 7 of accounts, 5 of instances
		t.Errorf("types %v", types)
	}
}

// serve runs a server with the handler on the network.
func serve(t *testing.T, h http.Handler) (addr string) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String()
}

func head(length int) string {
	return fmt.Sprintf("POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nX-Misskey-Host: misskey.example\r\nX-Misskey-Hook-Secret: %s\r\nContent-Length: %d\r\n\r\n", theSecret, length)
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	return conn
}

func status(t *testing.T, r io.Reader) int {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(r), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func TestBodyThatComesSlowlyDoesNotHoldTheServer(t *testing.T) {
	h := newHandler(t, webhook.Options{BodyTimeout: 100 * time.Millisecond}, func(context.Context, event.Event) error { return nil })
	addr := serve(t, h)
	conn := dial(t, addr)
	_, _ = io.WriteString(conn, head(1000)+`{"type":`)
	if got := status(t, conn); got != 503 {
		t.Errorf("status %d", got)
	}
}

// The time for the body is not one for the handling, nor for the next request.
func TestConnectionIsUsedAgainAfterSlowHandling(t *testing.T) {
	h := newHandler(t, webhook.Options{BodyTimeout: 300 * time.Millisecond}, func(ctx context.Context, _ event.Event) error {
		time.Sleep(600 * time.Millisecond)
		return ctx.Err()
	})
	addr := serve(t, h)
	conn := dial(t, addr)
	r := bufio.NewReader(conn)
	for i := range 2 {
		b := body(fmt.Sprint(i))
		_, _ = io.WriteString(conn, head(len(b))+b)
		resp, err := http.ReadResponse(r, nil)
		if err != nil || resp.StatusCode != 204 {
			t.Fatalf("request %d: %v %v", i+1, resp, err)
		}
		time.Sleep(400 * time.Millisecond)
	}
}

func TestHTTP10AndDuplicateHeadersOnTheWire(t *testing.T) {
	h := newHandler(t, webhook.Options{}, func(context.Context, event.Event) error { return nil })
	addr := serve(t, h)
	b := body("1")
	for _, test := range []struct {
		request string
		status  int
	}{
		{strings.Replace(head(len(b)), "HTTP/1.1", "HTTP/1.0", 1) + b, 204},
		{strings.Replace(head(len(b)), "\r\nX-Misskey-Hook-Secret", "\r\nx-misskey-hook-secret: other\r\nX-Misskey-Hook-Secret", 1) + b, 403},
		{strings.Replace(head(len(b)), "X-Misskey-Hook-Secret", "X_Misskey_Hook_Secret", 1) + b, 403},
		{strings.Replace(head(len(b)), fmt.Sprintf("Content-Length: %d", len(b)), "Transfer-Encoding: chunked", 1) + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(b), b), 204},
	} {
		conn := dial(t, addr)
		_, _ = io.WriteString(conn, test.request)
		if got := status(t, conn); got != test.status {
			t.Errorf("%.120q: status %d, want %d", test.request, got, test.status)
		}
	}
}

// A request is refused by its headers, before its body is read.
func TestStrangerCannotMakeTheServerRead(t *testing.T) {
	h := newHandler(t, webhook.Options{}, func(context.Context, event.Event) error { return nil })
	for _, change := range []func(*http.Request){
		func(r *http.Request) { r.Header.Set("X-Misskey-Hook-Secret", "wrong") },
		func(r *http.Request) { r.ContentLength = 1 << 40 },
	} {
		read := &counter{}
		r := request("")
		r.Body, r.ContentLength = io.NopCloser(read), -1
		change(r)
		if status := deliver(h, r); status != 403 && status != 413 {
			t.Errorf("status %d", status)
		}
		if read.n > 0 {
			t.Errorf("%d bytes were read", read.n)
		}
	}
	endless := &counter{}
	r := request("")
	r.Body, r.ContentLength = io.NopCloser(endless), -1
	if status := deliver(h, r); status != 413 || endless.n > 16<<20 {
		t.Errorf("status %d after %d bytes", status, endless.n)
	}
}

// A counter is endless, and counts what is read from it.
type counter struct{ n int }

func (c *counter) Read(p []byte) (int, error) {
	c.n += len(p)
	return copy(p, bytes.Repeat([]byte("x"), len(p))), nil
}

func TestRefusalsAreLoggedOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		h := newHandler(t, webhook.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))}, func(context.Context, event.Event) error { return nil })
		for range 3 {
			for range 100 {
				r := request(body("1"))
				r.Header.Set("X-Misskey-Hook-Secret", "wrong")
				deliver(h, r)
			}
			time.Sleep(time.Minute)
		}
		if lines := strings.Count(log.String(), "\n"); lines != 3 {
			t.Errorf("%d lines:\n%s", lines, log.String())
		}
	})
}
