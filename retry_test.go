package misskey

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
)

// opRead is an operation of which it is known that it only reads.
var opRead = &api.Operation{Endpoint: "notes/show", ReadOnly: true}

// step is what becomes of an attempt.
type step func(*http.Request) (*http.Response, error)

// status responds with a status, an error of Misskey's if there is a code, and
// headers.
func status(status int, code api.ErrorCode, info string, header ...string) step {
	return func(*http.Request) (*http.Response, error) {
		body := ""
		if code != "" {
			if info == "" {
				info = "null"
			}
			body = fmt.Sprintf(`{"error":{"code":%q,"message":"No.","info":%s}}`, code, info)
		}
		resp := answer(status, jsonType, body)
		for i := 0; i < len(header); i += 2 {
			resp.Header.Set(header[i], header[i+1])
		}
		return resp, nil
	}
}

func busy(seconds string) step {
	return status(429, gen.ErrRateLimitExceeded, "", "Retry-After", seconds)
}

func fault(err error) step { return func(*http.Request) (*http.Response, error) { return nil, err } }

func truncated(err error) step {
	return func(*http.Request) (*http.Response, error) {
		resp := answer(200, jsonType, "")
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"id":`), iotest.ErrReader(err)))
		return resp, nil
	}
}

// scripted is a transport that goes through steps, the last of them again and
// again, and notes when it was asked.
type scripted struct {
	steps []step
	start time.Time
	at    []time.Duration
}

func newScripted(steps ...step) *scripted { return &scripted{steps: steps, start: time.Now()} }

func (s *scripted) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		io.Copy(io.Discard, req.Body)
		req.Body.Close()
	}
	n := min(len(s.at), len(s.steps)-1)
	s.at = append(s.at, time.Since(s.start))
	return s.steps[n](req)
}

// client returns a client with the default policy.
func (s *scripted) client(t *testing.T, opts ...Option) *Client {
	t.Helper()
	return fakeClient(t, s.RoundTrip, append([]Option{WithRetry(RetryPolicy{})}, opts...)...)
}

var success = status(200, "X", "")

func TestRetryWaits(t *testing.T) {
	const sec = time.Second
	type span struct{ from, to time.Duration }
	asked := func(d time.Duration) span { return span{d, min(d+max(2*sec, d/4), time.Minute)} }
	random := span{sec / 2, sec} // the first wait where the server names none
	for _, tt := range []struct {
		name  string
		op    *api.Operation
		steps []step
		waits []span
	}{
		{"seconds", opShow, []step{busy("16"), success}, []span{asked(16 * sec)}},
		{"seconds, twice", opShow, []step{busy("16"), busy("60"), success}, []span{asked(16 * sec), asked(60 * sec)}},
		{"a date", opShow, []step{func(req *http.Request) (*http.Response, error) {
			return busy(time.Now().Add(20 * sec).UTC().Format(http.TimeFormat))(req)
		}, success}, []span{asked(20 * sec)}},
		{"resetMs", opShow, []step{func(req *http.Request) (*http.Response, error) {
			info := fmt.Sprintf(`{"resetMs":%d}`, time.Now().Add(1500*time.Millisecond).UnixMilli())
			return status(429, gen.ErrRateLimitExceeded, info)(req)
		}, success}, []span{asked(1500 * time.Millisecond)}},
		{"the header rather than resetMs", opShow, []step{func(req *http.Request) (*http.Response, error) {
			info := fmt.Sprintf(`{"resetMs":%d}`, time.Now().Add(1500*time.Millisecond).UnixMilli())
			return status(429, gen.ErrRateLimitExceeded, info, "Retry-After", "2")(req)
		}, success}, []span{asked(2 * sec)}},
		{"nothing named", opShow, []step{status(429, gen.ErrRateLimitExceeded, ""), success}, []span{random}},
		{"no seconds", opShow, []step{busy("0"), success}, []span{random}},
		{"nonsense", opShow, []step{busy("soon"), success}, []span{random}},
		{"in the past", opShow, []step{status(429, gen.ErrRateLimitExceeded, `{"resetMs":1}`), success}, []span{random}},
		{"a gateway's 429", opShow, []step{status(429, "", ""), success}, []span{random}},
		{"longer each time", opShow, []step{status(429, "", ""), status(429, "", ""), status(429, "", ""), success},
			[]span{random, {sec, 2 * sec}, {2 * sec, 4 * sec}}},
		{"502", opRead, []step{status(502, "", ""), success}, []span{random}},
		{"503", opRead, []step{status(503, "", ""), success}, []span{random}},
		{"503 that names a wait", opRead, []step{status(503, "", "", "Retry-After", "7"), success}, []span{asked(7 * sec)}},
		{"504", opRead, []step{status(504, "", ""), success}, []span{random}},
		{"one after the other", opRead, []step{status(502, "", ""), busy("3"), fault(io.EOF), success}, []span{random, asked(3 * sec), {2 * sec, 4 * sec}}},
		{"refused", opRead, []step{fault(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), success}, []span{random}},
		{"not reached in time", opRead, []step{fault(&net.OpError{Op: "dial", Err: timeout{}}), success}, []span{random}},
		{"reset", opRead, []step{fault(&net.OpError{Op: "read", Err: syscall.ECONNRESET}), success}, []span{random}},
		{"gone", opRead, []step{fault(io.EOF), success}, []span{random}},
		{"name server is down", opRead, []step{fault(&net.DNSError{IsTemporary: true}), success}, []span{random}},
		{"truncated", opRead, []step{truncated(io.ErrUnexpectedEOF), success}, []span{random}},
		{"reset in the body", opRead, []step{truncated(syscall.ECONNRESET), success}, []span{random}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScripted(tt.steps...)
				var events []RetryEvent
				mk := s.client(t, WithRetryNotify(func(e RetryEvent) { events = append(events, e) }))
				var out any
				if err := mk.Call(t.Context(), tt.op, nil, &out); err != nil || out == nil {
					t.Fatalf("%v, out is %v", err, out)
				}
				if len(s.at) != len(tt.waits)+1 || len(events) != len(tt.waits) {
					t.Fatalf("sent at %v, events %v", s.at, events)
				}
				for i, want := range tt.waits {
					if wait := s.at[i+1] - s.at[i]; wait < want.from || wait > want.to {
						t.Errorf("wait %d was %v, want %v", i, wait, want)
					}
					e := events[i]
					if e.Endpoint != "notes/show" || e.Attempt != i+1 || e.Wait != s.at[i+1]-s.at[i] || e.Err == nil {
						t.Errorf("event %+v", e)
					}
				}
			})
		})
	}
}

type timeout struct{}

func (timeout) Error() string   { return "took too long" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }

// What is sent once, whatever the policy, and what its error says of that.
func TestNotSentAgain(t *testing.T) {
	const mayBe = "; not sent again, because it may have been carried out"
	upload := uploadRequest{File: api.File{Body: strings.NewReader("x")}}
	var large step = func(*http.Request) (*http.Response, error) {
		return answer(200, jsonType, `"`+strings.Repeat("x", 2000)+`"`), nil
	}
	for _, tt := range []struct {
		name string
		op   *api.Operation
		in   any
		step step
		says string // at the end of the error
	}{
		{"502 on a write", opShow, nil, status(502, "", ""), mayBe},
		{"503 on a write", opShow, nil, status(503, "", "", "Retry-After", "1"), mayBe},
		{"504 on a write", opShow, nil, status(504, "", ""), mayBe},
		{"refused on a write", opShow, nil, fault(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}), "connection refused"},
		{"reset on a write", opShow, nil, fault(&net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}), mayBe},
		{"gone on a write", opShow, nil, fault(io.EOF), "EOF" + mayBe},
		{"truncated on a write", opShow, nil, truncated(io.ErrUnexpectedEOF), mayBe},
		{"429 on an upload", opUpload, upload, busy("1"), "; an upload is not sent again"},
		{"502 on an upload", opUpload, upload, status(502, "", ""), mayBe},
		{"gone on an upload", opUpload, upload, fault(io.EOF), mayBe},
		{"one-shot", opCheck.WithPath("session", "x"), nil, fault(io.EOF), mayBe},
		{"500", opRead, nil, status(500, "INTERNAL_ERROR", ""), "(HTTP 500)"},
		{"501", opRead, nil, status(501, "", ""), "(HTTP 501)"},
		{"400", opRead, nil, status(400, "NO_SUCH_NOTE", ""), "(HTTP 400)"},
		{"401", opRead, nil, status(401, "CREDENTIAL_REQUIRED", ""), "(HTTP 401)"},
		{"redirect", opRead, nil, status(307, "", ""), "(HTTP 307)"},
		{"success of another shape", opRead, nil, status(200, "", ""), "(HTTP 200)"},
		{"too many passwords", opShow, nil, status(429, gen.ErrTooManyAuthenticationFailures, ""), "(HTTP 429)"},
		{"not JSON", opRead, nil, func(*http.Request) (*http.Response, error) { return answer(200, jsonType, `{"id":`), nil }, "unexpected end at offset 6"},
		{"too large", opRead, nil, large, "more than 1000 bytes"},
		{"no such host", opRead, nil, fault(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}), "no such host"},
		{"bad certificate", opRead, nil, fault(&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}), "unknown authority"},
		{"refused by TLS", opRead, nil, fault(&net.OpError{Op: "remote error", Err: tls.AlertError(42)}), "bad certificate"},
		{"http for https", opRead, nil, fault(fmt.Errorf("oh: %w", http.ErrSchemeMismatch)), ""},
		{"no response in time", opRead, nil, fault(&net.OpError{Op: "read", Err: timeout{}}), "took too long"},
		{"an hour", opShow, nil, busy("3600"), "; retry after 1h0m0s); not sent again, because that is longer than the 1m0s that the retry policy permits"},
		{"a little too long", opShow, nil, busy("61"), "than the 1m0s that the retry policy permits"},
		{"for ever", opShow, nil, busy("9223372036854775807"), "that the retry policy permits"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScripted(tt.step)
				mk := s.client(t, WithMaxResponseBytes(1000), WithRetryNotify(func(e RetryEvent) { t.Errorf("notified of %+v", e) }))
				err := mk.Call(t.Context(), tt.op, tt.in, new(any))
				if len(s.at) != 1 || time.Since(s.start) != 0 {
					t.Errorf("sent %d times, took %v", len(s.at), time.Since(s.start))
				}
				if err == nil || !strings.HasSuffix(err.Error(), tt.says) || !strings.HasPrefix(err.Error(), "misskey: "+tt.op.Endpoint+": ") {
					t.Errorf("%v", err)
				}
			})
		})
	}
}

func TestRetryGivesUp(t *testing.T) {
	for _, tt := range []struct {
		name     string
		option   Option
		opts     []api.CallOption
		attempts int
		says     string
	}{
		{"default", nil, nil, 4, "; given up after 4 attempts"},
		{"empty policy", WithRetry(RetryPolicy{}), nil, 4, "; given up after 4 attempts"},
		{"twice", WithRetry(RetryPolicy{Attempts: 2}), nil, 2, "; given up after 2 attempts"},
		{"never", WithoutRetry(), nil, 1, "; retry after 5s)"},
		{"policy of the call", WithoutRetry(), []api.CallOption{Retry(RetryPolicy{Attempts: 3})}, 3, "; given up after 3 attempts"},
		{"default of the call", WithoutRetry(), []api.CallOption{Retry(RetryPolicy{})}, 4, "; given up after 4 attempts"},
		{"not this call", nil, []api.CallOption{NoRetry()}, 1, "; retry after 5s)"},
		{"the last option", nil, []api.CallOption{NoRetry(), Retry(RetryPolicy{Attempts: 2})}, 2, "; given up after 2 attempts"},
		{"a short wait", WithRetry(RetryPolicy{MaxWait: 4 * time.Second}), nil, 1, "longer than the 4s that the retry policy permits"},
		{"a wait just as long", WithRetry(RetryPolicy{MaxWait: 5 * time.Second}), nil, 4, "; given up after 4 attempts"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScripted(busy("5"))
				mk := s.client(t, tt.option)
				err := mk.Call(t.Context(), opShow, nil, nil, tt.opts...)
				least := time.Duration(tt.attempts-1) * 5 * time.Second
				if last := s.at[len(s.at)-1]; len(s.at) != tt.attempts || last < least || last > least*7/5 {
					t.Errorf("sent at %v", s.at)
				}
				e, ok := errors.AsType[*Error](err)
				if !ok || !errors.Is(err, gen.ErrRateLimitExceeded) || e.RetryAfter != 5*time.Second || !strings.HasSuffix(err.Error(), tt.says) {
					t.Errorf("%v", err)
				}
			})
		})
	}
}

// Callers whom the server has asked to wait for the same time do not come back
// together, nor sooner, nor later than the policy and the deadline permit.
func TestRetryJitter(t *testing.T) {
	for _, tt := range []struct {
		seconds  string
		deadline time.Duration
		from, to time.Duration
	}{
		{"1", time.Hour, time.Second, 3 * time.Second},
		{"5", time.Hour, 5 * time.Second, 7 * time.Second},
		{"40", time.Hour, 40 * time.Second, 50 * time.Second},
		{"59", time.Hour, 59 * time.Second, 60 * time.Second},
		{"5", 8 * time.Second, 5 * time.Second, 6500 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			const callers = 20
			var waits [callers]time.Duration
			var wg sync.WaitGroup
			for i := range callers {
				wg.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), tt.deadline)
					defer cancel()
					s := newScripted(busy(tt.seconds), success)
					if err := s.client(t).Call(ctx, opShow, nil, nil); err != nil {
						t.Error(err)
						return
					}
					waits[i] = s.at[1]
				})
			}
			wg.Wait()
			first, last := slices.Min(waits[:]), slices.Max(waits[:])
			if first < tt.from || last > tt.to || last-first < (tt.to-tt.from)/2 {
				t.Errorf("asked for %s s, until %v: they come back after %v to %v", tt.seconds, tt.deadline, first, last)
			}
		})
	}
}

// An instance that is down for long is not asked four times as often because of
// that, by a client and all that As makes of it. When it is back, calls are sent
// again as before. Waits that it asks for are another matter.
func TestRetryBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const calls = 1000
		s := newScripted(status(502, "", ""))
		mk := s.client(t)
		other := mk.As("bob")
		for i := range calls {
			if err := []*Client{mk, other}[i%2].Call(t.Context(), opRead, nil, nil); err == nil {
				t.Fatal("no error")
			} else if i == calls-1 && !strings.HasSuffix(err.Error(), "; not sent again, because too many calls of this client have failed lately") {
				t.Error(err)
			}
		}
		t.Logf("%d calls were sent %d times", calls, len(s.at))
		if n := len(s.at); n != calls+retryTokens {
			t.Errorf("%d calls were sent %d times", calls, n)
		}
		s.steps, s.at = []step{busy("1"), success}, nil
		if err := mk.Call(t.Context(), opShow, nil, nil); err != nil {
			t.Error(err)
		}
		s.steps = []step{success}
		for range 10 {
			if err := mk.Call(t.Context(), opShow, nil, nil); err != nil {
				t.Error(err)
			}
		}
		s.steps, s.at = []step{status(502, "", ""), success}, nil
		if err := mk.Call(t.Context(), opRead, nil, nil); err != nil || len(s.at) != 2 {
			t.Errorf("%v, sent %d times", err, len(s.at))
		}
	})
}

func TestRetryDefault(t *testing.T) {
	mk, err := New("misskey.example")
	if err != nil {
		t.Fatal(err)
	}
	if want, _ := fillPolicy(RetryPolicy{}); mk.config.retry != want || want.Attempts != 4 || want.MaxWait != time.Minute {
		t.Errorf("%+v, %+v", mk.config.retry, want)
	}
}

func TestBadRetryPolicy(t *testing.T) {
	for _, bad := range []RetryPolicy{{Attempts: -1}, {MaxWait: -1}} {
		if _, err := New("misskey.example", WithRetry(bad)); err == nil || !strings.Contains(err.Error(), "WithRetry") {
			t.Errorf("%+v: %v", bad, err)
		}
		s := newScripted(success)
		if err := s.client(t).Call(t.Context(), opShow, nil, nil, Retry(bad)); err == nil || len(s.at) > 0 || !strings.HasPrefix(err.Error(), "misskey: notes/show: ") {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if _, err := New("misskey.example", WithRetryNotify(nil)); err == nil {
		t.Error("WithRetryNotify(nil) is accepted")
	}
}

func TestBackoff(t *testing.T) {
	for _, longest := range []time.Duration{1, 2, time.Millisecond, time.Second, time.Minute, 1 << 62} {
		for n := 1; n < 100; n++ {
			full := longest
			if n <= 30 {
				full = min(time.Second<<(n-1), longest)
			}
			for range 20 {
				if d := backoff(n, longest); d <= 0 || d > longest || d > full || d < full/2 {
					t.Fatalf("backoff(%d, %v) is %v", n, longest, d)
				}
			}
		}
	}
	seen := map[time.Duration]bool{}
	for range 20 {
		seen[backoff(3, time.Minute)] = true
	}
	if len(seen) < 10 {
		t.Errorf("only %d different waits", len(seen))
	}
}

func TestRetryAndDeadline(t *testing.T) {
	for _, tt := range []struct {
		name     string
		op       *api.Operation
		steps    []step
		deadline time.Duration
		sent     int
		is       error
	}{
		{"time enough", opShow, []step{busy("5"), success}, 5*time.Second + 1, 2, nil},
		{"not enough", opShow, []step{busy("5"), success}, 5 * time.Second, 1, gen.ErrRateLimitExceeded},
		{"not enough for the second", opShow, []step{busy("5"), busy("5"), success}, 9 * time.Second, 2, gen.ErrRateLimitExceeded},
		{"not enough for a gateway", opRead, []step{fault(io.EOF), success}, time.Second / 2, 1, io.EOF},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScripted(tt.steps...)
				ctx, cancel := context.WithTimeout(t.Context(), tt.deadline)
				defer cancel()
				err := s.client(t).Call(ctx, tt.op, nil, nil)
				if len(s.at) != tt.sent || time.Since(s.start) != s.at[len(s.at)-1] {
					t.Errorf("sent at %v, took %v", s.at, time.Since(s.start))
				}
				switch {
				case tt.is == nil && err != nil:
					t.Error(err)
				case tt.is != nil && (!errors.Is(err, tt.is) || errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "would outlast the deadline")):
					t.Errorf("%v", err)
				}
			})
		})
	}
}

func TestCancelWhileWaitingForRetry(t *testing.T) {
	why := errors.New("bored")
	for name, want := range map[string]error{
		"canceled": context.Canceled,
		"cause":    why,
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newScripted(busy("30"))
			ctx, cancel := context.WithCancelCause(t.Context())
			cause := want
			if cause == context.Canceled {
				cause = nil
			}
			time.AfterFunc(7*time.Second, func() { cancel(cause) })
			err := s.client(t).Call(ctx, opShow, nil, nil)
			if took := time.Since(s.start); took != 7*time.Second || len(s.at) != 1 {
				t.Errorf("%s: took %v, sent at %v", name, took, s.at)
			}
			if !errors.Is(err, context.Canceled) || !errors.Is(err, want) || !errors.Is(err, gen.ErrRateLimitExceeded) ||
				!strings.HasPrefix(err.Error(), "misskey: notes/show: context canceled") || !strings.Contains(err.Error(), "; before that: misskey: notes/show: RATE_LIMIT_EXCEEDED: ") {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

func TestCancelOfSecondAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScripted(busy("5"), func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		})
		ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
		defer cancel()
		err := s.client(t).Call(ctx, opShow, nil, nil)
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, gen.ErrRateLimitExceeded) ||
			!strings.HasPrefix(err.Error(), "misskey: notes/show: context deadline exceeded; before that: ") {
			t.Errorf("%v", err)
		}
	})
}

// Each attempt is a request of its own, made of the parameters.
func TestRetryMakesTheRequestAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var bodies []string
		s := newScripted(busy("1"), busy("1"), success)
		mk := fakeClient(t, func(req *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(req.Body)
			bodies = append(bodies, req.Header.Get("X-Attempt")+string(body))
			if err != nil || req.ContentLength != int64(len(body)) {
				t.Errorf("%v, length %d", err, req.ContentLength)
			}
			req.Body = http.NoBody
			return s.RoundTrip(req)
		}, WithRetry(RetryPolicy{}), WithToken("alice"))
		n := 0
		err := mk.Call(t.Context(), opShow, map[string]int{"a": 1}, nil, api.RequestEditorFn(func(_ context.Context, req *http.Request) error {
			n++
			req.Header.Set("X-Attempt", fmt.Sprint(n))
			return nil
		}))
		if got, want := strings.Join(bodies, " "), `1{"i":"alice","a":1} 2{"i":"alice","a":1} 3{"i":"alice","a":1}`; err != nil || got != want {
			t.Errorf("%v, sent %s", err, got)
		}

		// An editor that refuses the second one ends the call.
		s = newScripted(busy("1"), success)
		refused := errors.New("enough")
		n = 0
		err = s.client(t).Call(t.Context(), opShow, nil, nil, api.RequestEditorFn(func(context.Context, *http.Request) error {
			if n++; n == 2 {
				return refused
			}
			return nil
		}))
		if !errors.Is(err, refused) || !errors.Is(err, gen.ErrRateLimitExceeded) || len(s.at) != 1 {
			t.Errorf("%v, sent at %v", err, s.at)
		}
	})
}

// Of a call by name it is not known that it only reads, unless it is said.
func TestRetryByName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			opts []api.CallOption
			sent int
		}{
			{nil, 1},
			{[]api.CallOption{GET()}, 1},
			{[]api.CallOption{ReadOnly()}, 2},
			{[]api.CallOption{ReadOnly(), NoRetry()}, 1},
		} {
			s := newScripted(status(502, "", ""), success)
			_, err := Call[any](t.Context(), s.client(t), "notes/show", nil, tt.opts...)
			if len(s.at) != tt.sent || (err == nil) != (tt.sent == 2) {
				t.Errorf("%v: sent %d times, %v", tt.opts, len(s.at), err)
			}
		}
		s := newScripted(busy("1"), success)
		if _, err := Call[any](t.Context(), s.client(t), "notes/create", nil); err != nil || len(s.at) != 2 {
			t.Errorf("sent %d times, %v", len(s.at), err)
		}
	})
}

// The methods know which of them only read.
func TestRetryOfMethods(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScripted(fault(io.EOF))
		mk := s.client(t, WithRetry(RetryPolicy{Attempts: 2}))
		for name, call := range map[string]struct {
			call func() error
			sent int
		}{
			"NotesShow":   {func() error { _, err := mk.NotesShow(t.Context(), gen.NotesShowRequest{}); return err }, 2},
			"NotesCreate": {func() error { _, err := mk.NotesCreate(t.Context(), gen.NotesCreateRequest{}); return err }, 1},
			"NotesDelete": {func() error { return mk.NotesDelete(t.Context(), gen.NotesDeleteRequest{}) }, 1},
			"AuthSessionUserkey": {func() error {
				_, err := mk.AuthSessionUserkey(t.Context(), gen.AuthSessionUserkeyRequest{})
				return err
			}, 1},
			"MiAuthCheck": {func() error { _, err := mk.MiAuthCheck(t.Context(), "x"); return err }, 1},
			"NotesShow, once": {func() error {
				_, err := mk.NotesShow(t.Context(), gen.NotesShowRequest{}, NoRetry())
				return err
			}, 1},
		} {
			s.at = nil
			if err := call.call(); err == nil || len(s.at) != call.sent {
				t.Errorf("%s: sent %d times, %v", name, len(s.at), err)
			}
		}
	})
}

// The log has every attempt and every wait, and nothing but what is
// allowed.
func TestRetryLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var buf bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&buf, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}))
		s := newScripted(busy("16"), fault(io.EOF), success)
		err := s.client(t, WithLogger(logger), WithToken(canary), WithRetryNotify(func(e RetryEvent) {
			buf.WriteString(fmt.Sprintf("notified of %s, attempt %d\n", e.Endpoint, e.Attempt))
		})).Call(t.Context(), opRead, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		first, wait := s.at[1], s.at[2]-s.at[1]
		want := fmt.Sprintf(`level=WARN msg="misskey call" endpoint=notes/show method=POST status=429 duration=0s attempt=1 bytes=68 request_bytes=24 code=RATE_LIMIT_EXCEEDED
notified of notes/show, attempt 1
level=WARN msg="misskey wait" endpoint=notes/show duration=%v attempt=1
level=WARN msg="misskey call" endpoint=notes/show method=POST status=0 duration=0s attempt=2 bytes=0 request_bytes=24
notified of notes/show, attempt 2
level=WARN msg="misskey wait" endpoint=notes/show duration=%v attempt=2
level=DEBUG msg="misskey call" endpoint=notes/show method=POST status=200 duration=0s attempt=3 bytes=50 request_bytes=24
`, first, wait)
		if buf.String() != want {
			t.Errorf("logged\n%swant\n%s", buf.String(), want)
		}
	})
}

func TestErrorRateLimit(t *testing.T) {
	for _, tt := range []struct {
		status int
		info   string
		want   RateLimit
		ok     bool
	}{
		{429, `{"remaining":0,"reset":1795329215,"resetMs":1795329215737,"total":300}`, RateLimit{0, 300, time.UnixMilli(1795329215737)}, true},
		{429, `{"remaining":2,"reset":1795329215}`, RateLimit{2, 0, time.Unix(1795329215, 0)}, true},
		{400, `{"remaining":0,"reset":1795329215,"resetMs":1795329215737,"total":300}`, RateLimit{}, false},
		{429, ``, RateLimit{}, false},
		{429, `[]`, RateLimit{}, false},
		{429, `{"remaining":"x","total":{},"resetMs":"1795329215737"}`, RateLimit{}, false},
		{429, `{"remaining":1e300,"total":-1e300,"resetMs":1795329215737}`, RateLimit{0, 0, time.UnixMilli(1795329215737)}, true},
		{429, `{"resetMs":-1}`, RateLimit{}, false},
		{429, `{"resetMs":1e18}`, RateLimit{}, false},
		{429, `{"reset":1e300}`, RateLimit{}, false},
	} {
		got, ok := (&Error{Status: tt.status, Info: []byte(tt.info)}).RateLimit()
		if got != tt.want || ok != tt.ok {
			t.Errorf("%d %s: %+v, %v", tt.status, tt.info, got, ok)
		}
	}
}
