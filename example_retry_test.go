package misskey_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// refusing starts an instance that refuses the first call, because there were
// too many, for as long as the server asks.
func refusing(seconds string) *httptest.Server {
	n := 0
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n++
		fmt.Println("request", n)
		w.Header().Set("Content-Type", "application/json")
		if n == 1 {
			w.Header().Set("Retry-After", seconds)
			w.WriteHeader(http.StatusTooManyRequests)
			io.WriteString(w, `{"error": {"code": "RATE_LIMIT_EXCEEDED", "id": "d5826d14-3982-4d2e-8011-b9e9f02499ef", "message": "-",
				"kind": "client", "info": {"remaining": 0, "reset": 1795329215, "resetMs": 1795329215737, "total": 300}}}`)
			return
		}
		io.WriteString(w, `{"createdNote": {"id": "9abcdefghi", "text": "hello"}}`)
	}))
}

// A call waits for as long as the server asks, at most for the time of the
// policy, and not beyond the deadline of its context. Here a program prints each wait.
func ExampleWithRetryNotify() {
	srv := refusing("1")
	defer srv.Close()
	mk, err := misskey.New(srv.URL,
		misskey.WithToken(token),
		misskey.WithRetry(misskey.RetryPolicy{Attempts: 3, MaxWait: 10 * time.Second}),
		misskey.WithRetryNotify(func(e misskey.RetryEvent) {
			fmt.Printf("%s: attempt %d failed, the next one comes after a second or more: %v\n", e.Endpoint, e.Attempt, e.Wait >= time.Second)
		}))
	if err != nil {
		log.Fatal(err)
	}

	res, err := mk.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("hello")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("posted", res.CreatedNote.ID)
	// Output:
	// request 1
	// notes/create: attempt 1 failed, the next one comes after a second or more: true
	// request 2
	// posted 9abcdefghi
}

// A call that is not worth waiting for is sent once.
func ExampleNoRetry() {
	srv := refusing("1")
	defer srv.Close()
	mk := client(srv)

	_, err := mk.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("hello")}, misskey.NoRetry())
	fmt.Println(errors.Is(err, gen.ErrRateLimitExceeded))
	// Output:
	// request 1
	// true
}

// Where the deadline comes before the end of the wait, there is no wait.
func ExampleError_RateLimit() {
	srv := refusing("50")
	defer srv.Close()
	mk := client(srv)
	ctx, cancel := context.WithTimeout(ctx, 40*time.Second)
	defer cancel()

	_, err := mk.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("hello")})
	fmt.Println(err)
	if e, ok := errors.AsType[*misskey.Error](err); ok {
		if limit, ok := e.RateLimit(); ok {
			fmt.Println(limit.Remaining, "of", limit.Total, "calls left until", limit.Reset.UTC())
		}
	}
	// Output:
	// request 1
	// misskey: notes/create: RATE_LIMIT_EXCEEDED: - (HTTP 429; retry after 50s); not sent again, because a wait of 50s would outlast the deadline
	// 0 of 300 calls left until 2026-11-22 06:33:35.737 +0000 UTC
}

// ticks is a limiter that is simpler than that of golang.org/x/time/rate.
type ticks <-chan time.Time

func (t ticks) Wait(ctx context.Context) error {
	select {
	case <-t:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// All accounts of a program may share a pace. The limiter can be a Limiter of
// golang.org/x/time/rate.
func ExampleWithLimiter() {
	srv := serve(`{"id": "9alice", "username": "alice"}`, `{"id": "9bob", "username": "bob"}`)
	defer srv.Close()
	pace := ticks(time.Tick(10 * time.Millisecond))
	mk, err := misskey.New(srv.URL, misskey.WithToken(token), misskey.WithLimiter(pace))
	if err != nil {
		log.Fatal(err)
	}

	for _, account := range []*misskey.Client{mk, mk.As("b7Rm4")} {
		me, err := account.I(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(me.Username)
	}
	// Output:
	// POST /api/i {"i":"a9Xk2"}
	// alice
	// POST /api/i {"i":"b7Rm4"}
	// bob
}

// spans stands for the transport of a library that traces, such as
// otelhttp.NewTransport.
type spans struct{ next http.RoundTripper }

func (s spans) RoundTrip(req *http.Request) (*http.Response, error) {
	fmt.Println("begin", req.Method, req.URL.Path)
	resp, err := s.next.RoundTrip(req)
	if err != nil {
		fmt.Println("end", err)
		return nil, err
	}
	fmt.Println("end", resp.StatusCode)
	return resp, nil
}

// A transport that traces is put around that of this package.
func ExampleWithHTTPClient() {
	srv := serve(`{"id": "9alice", "username": "alice"}`)
	defer srv.Close()
	hc := &http.Client{Transport: spans{misskey.NewTransport()}}
	mk, err := misskey.New(srv.URL, misskey.WithToken(token), misskey.WithHTTPClient(hc))
	if err != nil {
		log.Fatal(err)
	}

	if _, err := mk.I(ctx); err != nil {
		log.Fatal(err)
	}
	// Output:
	// begin POST /api/i
	// POST /api/i {"i":"a9Xk2"}
	// end 200
}

// Of an endpoint that is called by its name it is not known whether it only
// reads. Where it does, the call may be sent again when the network fails.
func ExampleReadOnly() {
	srv := serve(`{"purrs": 3}`)
	defer srv.Close()
	mk := client(srv)

	res, err := misskey.Call[map[string]int](ctx, mk, "fork/purrs", nil, misskey.ReadOnly())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res["purrs"])
	// Output:
	// POST /api/fork/purrs {"i":"a9Xk2"}
	// 3
}
