package miauth

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// callbackPath is where the browser comes back to.
const callbackPath = "/callback"

// lastPage is how long Login waits for the browser to come back when it has the
// token already, so that the user sees a page that says so.
const lastPage = 3 * time.Second

// Login logs in the user of a program with a terminal. It opens the page of the
// instance in the browser, which comes back to an address on this machine, and
// ends when the user has approved. Where there is no browser, over SSH for
// instance, it prints the URL of the page, which can be opened on another
// machine. It ends without a token as [Session.Wait] does.
func Login(ctx context.Context, instance string, opts Options) (*Grant, error) {
	if opts.Callback != "" {
		return nil, errors.New("miauth: Login has a callback of its own: leave it out")
	}
	s, err := New(instance, opts)
	if err != nil {
		return nil, err
	}
	// A mistake in the name of the instance shows before a browser opens.
	if _, err := s.Check(ctx); !errors.Is(err, ErrNotGranted) {
		return nil, err
	}
	output := opts.Output
	if output == nil {
		output = os.Stderr
	}
	open := opts.OpenBrowser
	if open == nil {
		open = systemBrowser()
	}
	if open == nil {
		return s.loginByHand(ctx, output)
	}
	r, err := listen(s)
	if err != nil {
		return s.loginByHand(ctx, output) // this machine has no loopback to come back to
	}
	defer r.close()
	if err := open(s.urlWith(r.address())); err != nil {
		return s.loginByHand(ctx, output)
	}
	grant, err := s.wait(ctx, r.called)
	if err == nil {
		r.sayGoodbye(ctx)
	}
	return grant, err
}

func (s *Session) loginByHand(ctx context.Context, output io.Writer) (*Grant, error) {
	if _, err := fmt.Fprintf(output, "Open this page in a browser and approve:\n\n  %s\n\n", s.urlWith("")); err != nil {
		return nil, fmt.Errorf("miauth: printing the page for the user to open: %w", err)
	}
	return s.Wait(ctx)
}

// A receiver waits on this machine for the browser to come back.
type receiver struct {
	session *Session
	server  *http.Server
	host    string
	called  chan struct{} // the browser has come back; holds one
	served  chan struct{} // closed when it has got the last page
	once    sync.Once
	ended   chan struct{} // closed when the server has ended
}

func listen(s *Session) (*receiver, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receiver{
		session: s, host: l.Addr().String(), called: make(chan struct{}, 1), served: make(chan struct{}), ended: make(chan struct{}),
	}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 1 << 16}
	go func() {
		defer close(r.ended)
		_ = r.server.Serve(l) // ends with close
	}()
	return r, nil
}

func (r *receiver) address() string { return "http://" + r.host + callbackPath }

// ServeHTTP answers the browser. Only the session that this is about counts; a
// page of somebody else's that guesses the port knows it not.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	words := wordsFor(req)
	switch {
	case req.Method != http.MethodGet || req.URL.Path != callbackPath:
		http.NotFound(w, req)
		return
	case req.Host != r.host, subtle.ConstantTimeCompare([]byte(req.URL.Query().Get("session")), []byte(r.session.id.Reveal())) != 1:
		writePage(w, http.StatusBadRequest, words.Lang, words.Failed, words.OtherSession)
		return
	}
	grant, err := r.session.Check(req.Context())
	switch {
	case grant != nil:
		writePage(w, http.StatusOK, words.Lang, fmt.Sprintf(words.Welcome, grant.User.Username), words.Close)
		r.once.Do(func() { close(r.served) })
	case errors.Is(err, ErrNotGranted):
		writePage(w, http.StatusForbidden, words.Lang, words.Failed, words.NotGranted)
	default:
		writePage(w, http.StatusBadGateway, words.Lang, words.Failed, words.Unreachable)
	}
	select {
	case r.called <- struct{}{}: // what Check has got is kept
	default:
	}
}

// sayGoodbye gives the browser the time to fetch the last page.
func (r *receiver) sayGoodbye(ctx context.Context) {
	timer := time.NewTimer(lastPage)
	defer timer.Stop()
	select {
	case <-r.served:
	case <-timer.C:
		return
	case <-ctx.Done():
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lastPage)
	defer cancel()
	_ = r.server.Shutdown(ctx) // after the answer that is being sent
}

func (r *receiver) close() {
	_ = r.server.Close()
	<-r.ended
}
