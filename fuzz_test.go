package misskey_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// Whatever an instance responds with, byte by byte: a call ends, with a value or
// with an error that is fit for a terminal, and nothing of it is left over.
func FuzzAnswer(f *testing.F) {
	quietly := make(map[string]bool)
	for _, fault := range faults() {
		if fault.answer == nil || fault.client != nil || fault.pipe {
			continue
		}
		if said := overheard(fault.answer); len(said) < 2000 && !quietly[said] {
			quietly[said] = true
			f.Add([]byte(said))
		}
	}
	quiet(f)
	f.Fuzz(func(t *testing.T, answer []byte) {
		s := &faultServer{answer: raw(string(answer))}
		transport := s.transport()
		mk, err := misskey.New("http://"+faultHost, misskey.WithPlainHTTP(), misskey.WithoutRetry(), misskey.WithMaxResponseBytes(1<<20),
			misskey.WithHTTPClient(&http.Client{Transport: transport}), misskey.WithToken(canary))
		if err != nil {
			t.Fatal(err)
		}
		_, err = mk.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("hello")})
		transport.CloseIdleConnections()
		if err != nil {
			fitForTerminal(t, err)
		}
		if n := s.requests.Load(); n != 1 {
			t.Errorf("carried out %d times", n)
		}
	})
}

// overheard returns what a server answers.
func overheard(answer func(*exchange)) string {
	s := &faultServer{answer: answer}
	conn, err := s.dialContext(context.Background(), "tcp", faultHost+":80")
	if err != nil {
		return ""
	}
	defer conn.Close()
	io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
	conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond)) // some wait for more
	said, _ := io.ReadAll(io.LimitReader(conn, 2000))
	return string(said)
}

func fitForTerminal(t *testing.T, err error) {
	t.Helper()
	s := err.Error()
	if !strings.HasPrefix(s, "misskey: ") || len(s) > 5000 || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) || strings.Contains(s, canary) {
		t.Errorf("unfit message %.5000q", s)
	}
}

// Whatever New is given: it refuses, or all calls go to one origin, which is the
// one that BaseURL names.
func FuzzNew(f *testing.F) {
	for _, s := range []string{
		"misskey.example", "https://misskey.example:8443/base/api", "http://localhost:3000", "[::1]", "例え.テスト", "https://a.example\\@b.example",
		"https://a.example%2f@b.example", "//a.example", "a.example/../b", "https://a.example#@b.example", "127.1", "0x7f000001", "a.example.", "https://a.example:/",
	} {
		f.Add(s, false)
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, instance string, plain bool) {
		var to *url.URL
		options := []misskey.Option{misskey.WithoutRetry(), misskey.WithToken(canary), misskey.WithHTTPClient(&http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			to = req.URL
			return nil, errors.New("enough")
		})})}
		if plain {
			options = append(options, misskey.WithPlainHTTP())
		}
		mk, err := misskey.New(instance, options...)
		if err != nil {
			fitForTerminal(t, err)
			return
		}
		base, err := url.Parse(mk.BaseURL())
		if err != nil || base.Host == "" || base.Hostname() == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" || strings.HasSuffix(base.Path, "/") {
			t.Fatalf("%q became %q, %v", instance, mk.BaseURL(), err)
		}
		if base.Scheme != "https" && base.Scheme != "http" || strings.ToLower(base.Host) != base.Host {
			t.Fatalf("%q became %q", instance, mk.BaseURL())
		}
		if _, err := mk.Ping(t.Context()); err == nil || to == nil {
			t.Fatalf("%q became %q, to which nothing is sent: %v", instance, mk.BaseURL(), err)
		}
		if to.Scheme != base.Scheme || to.Host != base.Host || to.EscapedPath() != base.EscapedPath()+"/api/ping" || to.User != nil || to.RawQuery != "" {
			t.Fatalf("%q: sent to %q, not below %q", instance, to, base)
		}
	})
}

// Whatever a server says of when to come back: nobody waits for longer than the
// policy permits, nor calls more often.
func FuzzRetryAfter(f *testing.F) {
	for _, header := range []string{"", "0", "1", "30", "-1", "1e9", "9223372036854775807", "99999999999999999999", "Sat, 01 Jan 2000 00:00:30 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "soon"} {
		f.Add(header, "946684830000")
	}
	for _, ms := range []string{"-1", "0", "1e300", "1e999", `"x"`, "null", "{}", "253402300800000"} {
		f.Add("", ms)
	}
	f.Fuzz(func(t *testing.T, header, resetMS string) {
		synctest.Test(t, func(t *testing.T) {
			const longest = 40 * time.Second
			calls, waits := 0, []time.Duration(nil)
			mk, err := misskey.New("misskey.example",
				misskey.WithRetry(misskey.RetryPolicy{Attempts: 3, MaxWait: longest}),
				misskey.WithRetryNotify(func(e misskey.RetryEvent) { waits = append(waits, e.Wait) }),
				misskey.WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
					calls++
					return &http.Response{
						StatusCode: http.StatusTooManyRequests, ContentLength: -1,
						Header: http.Header{"Retry-After": {header}, "Content-Type": {"application/json"}},
						Body:   io.NopCloser(strings.NewReader(fmt.Sprintf(`{"error":{"code":"RATE_LIMIT_EXCEEDED","info":{"resetMs":%s}}}`, resetMS))),
					}, nil
				})}))
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			_, err = mk.Ping(t.Context())
			e, ok := errors.AsType[*misskey.Error](err)
			if !ok || e.RetryAfter < 0 {
				t.Fatalf("%q, %s: %v", header, resetMS, err)
			}
			fitForTerminal(t, err)
			var total time.Duration
			for _, wait := range waits {
				if total += wait; wait <= 0 || wait > longest {
					t.Errorf("%q, %s: waited for %v", header, resetMS, wait)
				}
			}
			if took := time.Since(start); took != total || calls != len(waits)+1 || calls > 3 {
				t.Errorf("%q, %s: %d calls and %v in %v", header, resetMS, calls, waits, took)
			}
			if e.RetryAfter > longest && calls == 3 {
				t.Errorf("%q, %s: called too early", header, resetMS)
			}
		})
	})
}
