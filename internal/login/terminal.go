package login

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/misskey-go/misskey"
)

// lastPage is how long a login waits for the browser to come back when it has the
// token already, so that the user sees a page that says so.
const lastPage = 3 * time.Second

// A Terminal logs in the user of a program with a terminal: it opens the page of the
// instance in the browser, or prints its URL where there is none.
type Terminal struct {
	// Name is that of the package, for errors.
	Name string

	// Open opens a URL in the browser; nil for that of the system.
	Open func(url string) error

	// Output is where the URL is printed; nil for the standard error.
	Output io.Writer

	// Address and Path are where the browser comes back to. Without an address it
	// does not come back.
	Address, Path string

	// Needed says that the login cannot end unless the browser comes back.
	Needed bool

	// Page is the page of the instance, which sends the browser to a callback
	// unless that is empty.
	Page func(callback string) string

	// Mine reports whether a callback is of this login. A page of somebody else's
	// that guesses the port does not know how to make one.
	Mine func(query url.Values) bool

	// Finish is called with each callback that is mine.
	Finish func(ctx context.Context, query url.Values) (*misskey.Grant, error)

	// Wait waits for the grant. After each callback there is something on wake.
	Wait func(ctx context.Context, wake <-chan struct{}) (*misskey.Grant, error)
}

// Login returns what Wait does, after the user has been shown the page.
func (t *Terminal) Login(ctx context.Context) (*misskey.Grant, error) {
	open := t.Open
	if open == nil {
		open = systemBrowser()
	}
	if t.Address == "" || open == nil && !t.Needed {
		return t.show(ctx, open, "", nil)
	}
	r, err := listen(t)
	if err != nil && t.Needed {
		return nil, fmt.Errorf("%s: listening for the browser to come back: %w", t.Name, err)
	} else if err != nil {
		return t.show(ctx, nil, "", nil) // this machine has no loopback to come back to
	}
	defer r.close()
	grant, err := t.show(ctx, open, r.address(), r.called)
	if err == nil {
		r.sayGoodbye(ctx)
	}
	return grant, err
}

// show opens the page, or prints its address, and waits.
func (t *Terminal) show(ctx context.Context, open func(string) error, callback string, wake <-chan struct{}) (*misskey.Grant, error) {
	if open != nil && open(t.Page(callback)) == nil {
		return t.Wait(ctx, wake)
	}
	if !t.Needed {
		callback = "" // the browser of another machine cannot come back to this one
	}
	output := t.Output
	if output == nil {
		output = os.Stderr
	}
	if _, err := fmt.Fprintf(output, "Open this page in a browser and approve:\n\n  %s\n\n", t.Page(callback)); err != nil {
		return nil, fmt.Errorf("%s: printing the page for the user to open: %w", t.Name, err)
	}
	return t.Wait(ctx, wake)
}

// A receiver waits on this machine for the browser to come back.
type receiver struct {
	login  *Terminal
	server *http.Server
	host   string
	called chan struct{} // the browser has come back; holds one
	served chan struct{} // closed when it has got the last page
	once   sync.Once
	ended  chan struct{} // closed when the server has ended
}

func listen(t *Terminal) (*receiver, error) {
	l, err := net.Listen("tcp", t.Address)
	if err != nil {
		return nil, err
	}
	r := &receiver{
		login: t, host: l.Addr().String(), called: make(chan struct{}, 1), served: make(chan struct{}), ended: make(chan struct{}),
	}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 1 << 16}
	go func() {
		defer close(r.ended)
		_ = r.server.Serve(l) // ends with close
	}()
	return r, nil
}

func (r *receiver) address() string { return "http://" + r.host + r.login.Path }

// ServeHTTP responds to the browser.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	words := wordsFor(req)
	switch {
	case req.Method != http.MethodGet || req.URL.Path != r.login.Path:
		http.NotFound(w, req)
		return
	case req.Host != r.host || !r.login.Mine(req.URL.Query()):
		writePage(w, http.StatusBadRequest, words.Lang, words.Failed, words.OtherSession)
		return
	}
	grant, err := r.login.Finish(req.Context(), req.URL.Query())
	switch {
	case grant != nil:
		welcome := words.LoggedIn
		if grant.User != nil {
			welcome = fmt.Sprintf(words.Welcome, grant.User.Username)
		}
		writePage(w, http.StatusOK, words.Lang, welcome, words.Close)
		r.once.Do(func() { close(r.served) })
	case errors.Is(err, misskey.ErrNotGranted):
		writePage(w, http.StatusForbidden, words.Lang, words.Failed, words.NotGranted)
	default:
		writePage(w, http.StatusBadGateway, words.Lang, words.Failed, words.Unreachable)
	}
	select {
	case r.called <- struct{}{}: // what Finish has got is kept
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
