package misskeytest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/misskey-go/misskey"
)

// Options change what a server is like. The zero value is what most tests need.
type Options struct {
	// Document is the OpenAPI document of a fork of Misskey, as misskey-spec
	// generate -document writes it, compressed or not. Without one the server
	// has the endpoints of Misskey.
	Document []byte

	// Seed changes the data that endpoints without state respond with. With the
	// same seed it is always the same.
	Seed uint64

	// InMemory connects the clients of the server to it by [net.Pipe] instead
	// of the network, so that it can be used inside a bubble of testing/synctest.
	// Other clients have to use [Server.HTTPClient].
	InMemory bool

	// RateLimits makes the server count calls and refuse those that are too
	// many, as Misskey does in production, by the server's clock. Without it
	// only what [Server.Fail] orders is refused.
	RateLimits bool

	// Version is the version of Misskey whose behaviour the server has where
	// versions differ in more than their endpoints, such as "2026.3.2". It is
	// what meta says. Without one it is the version of the document.
	Version string

	// FailMadeUp fails a test that calls an endpoint for which the server has no
	// state, and whose response would be made up: see the package's
	// documentation. [Server.Answer] gives it one.
	FailMadeUp bool

	// WebhookClient sends the deliveries of webhooks. Without one they go out by
	// the network.
	WebhookClient *http.Client

	// Lenient lets tests pass in which the server was called wrongly. See
	// [Server.Expect].
	Lenient bool
}

// A Server is an instance of Misskey inside this process. [NewServer] and
// [Start] make one. It can be used by several goroutines at once.
type Server struct {
	// URL is the address of the instance, without a slash at the end.
	URL string

	tb       testing.TB // nil outside tests
	options  Options
	document *document

	behaves    version // of which the behaviour is
	client     *http.Client
	deliveries *http.Client    // of webhooks
	running    sync.WaitGroup  // the calls that are being answered, and what goes on beside
	ctx        context.Context // of all calls; ends when the server does
	stop       context.CancelFunc
	wake       chan struct{} // there is something new in the schedule
	closed     sync.Once

	up       sync.Mutex // guards what changes with a restart
	listener net.Listener
	http     *http.Server
	serving  chan struct{} // closed when the listener has ended

	mu       sync.Mutex // guards all that follows
	done     bool
	requests []Request
	expected []expectation
	faults   []*fault
	answers  map[string]answerFunc // by endpoint
	losing   int                   // frames of the stream, negative for all
	sockets  []*socket
	state
}

// NewServer starts a server that ends with the test. An account root, who is the
// administrator, is there already; others come with [Server.Client] and
// [Server.AddUser].
//
// Calls that no correct program makes fail the test: see [Server.Expect].
func NewServer(tb testing.TB, opts Options) *Server {
	tb.Helper()
	s, err := newServer(context.Background(), "127.0.0.1:0", opts)
	if err != nil {
		tb.Fatal(err)
	}
	s.tb = tb
	tb.Cleanup(s.Close)
	s.start()
	return s
}

// Start starts a server outside a test, on an address such as "127.0.0.1:3000",
// or with an empty one on any free port of this machine. It ends with ctx or
// with [Server.Close].
func Start(ctx context.Context, addr string, opts Options) (*Server, error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	s, err := newServer(ctx, addr, opts)
	if err != nil {
		return nil, err
	}
	s.start()
	return s, nil
}

// newServer returns a server that listens, but answers nothing yet.
func newServer(ctx context.Context, addr string, opts Options) (*Server, error) {
	s := &Server{options: opts, wake: make(chan struct{}, 1), answers: map[string]answerFunc{}}
	var err error
	if s.options.Document == nil {
		s.document, err = builtin()
	} else if s.document, err = readDocument(s.options.Document); err == nil {
		err = s.document.check()
	}
	if err != nil {
		return nil, fmt.Errorf("misskeytest: %w", err)
	}
	if s.options.Version != "" {
		if s.behaves, err = parseVersion(s.options.Version); err != nil {
			return nil, fmt.Errorf("misskeytest: Options.Version: %w", err)
		}
	} else if s.behaves, err = parseVersion(s.document.version); err != nil {
		s.behaves = newest // a fork that counts otherwise
	}
	if err := s.listen(addr); err != nil {
		return nil, err
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	if s.options.InMemory {
		s.URL = "http://localhost"
		transport.DialContext = s.dialPipe
	} else {
		s.URL = "http://" + s.listener.Addr().String()
	}
	s.client = &http.Client{Transport: transport}
	if s.deliveries = s.options.WebhookClient; s.deliveries == nil {
		s.deliveries = &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, IdleConnTimeout: time.Minute}}
	}
	s.ctx, s.stop = context.WithCancel(ctx)
	s.state = newState()
	s.addAccount(User{Username: "root", Administrator: true})
	return s, nil
}

// listen makes the listener, on an address that only matters on the network.
func (s *Server) listen(addr string) (err error) {
	if s.options.InMemory {
		s.listener = newPipeListener()
		return nil
	}
	if s.listener, err = net.Listen("tcp", addr); err != nil {
		return fmt.Errorf("misskeytest: %w", err)
	}
	return nil
}

// answer begins to answer what the listener accepts.
func (s *Server) answer() {
	server := &http.Server{
		Handler:           http.HandlerFunc(s.serve),
		BaseContext:       func(net.Listener) context.Context { return s.ctx },
		ReadHeaderTimeout: time.Minute,
	}
	listener, serving := s.listener, make(chan struct{})
	s.http, s.serving = server, serving
	go func() {
		defer close(serving)
		_ = server.Serve(listener) // ends with hangUp
	}()
}

// hangUp closes the listener and all connections.
func (s *Server) hangUp() {
	_ = s.http.Close() // what it says is of no use to anybody
	_ = s.listener.Close()
	<-s.serving
	s.CutStreams()
}

// Restart lets the server be down for a while: all connections to it are cut,
// and new ones fail until while, which may be nil, has returned. After that it
// is at the same address again, with all that it remembers.
func (s *Server) Restart(while func()) {
	s.up.Lock()
	addr := s.listener.Addr().String()
	s.hangUp()
	s.up.Unlock()
	if while != nil {
		while()
	}
	s.up.Lock()
	defer s.up.Unlock()
	if s.ctx.Err() != nil {
		return // it has been closed meanwhile
	}
	if err := s.listen(addr); err != nil {
		s.fatal(err)
	}
	s.answer()
}

// dialPipe connects to the server in memory.
func (s *Server) dialPipe(ctx context.Context, network, addr string) (net.Conn, error) {
	s.up.Lock()
	pipe := s.listener.(*pipeListener)
	s.up.Unlock()
	return pipe.dial(ctx, network, addr)
}

func (s *Server) start() {
	s.answer()
	s.running.Go(s.keepSchedule)
	context.AfterFunc(s.ctx, s.Close)
}

// Close ends the server and all connections to it. Calls that are being answered
// are cut off.
func (s *Server) Close() {
	s.closed.Do(func() {
		s.mu.Lock()
		s.done = true
		s.mu.Unlock()
		s.stop()
		s.up.Lock()
		s.hangUp()
		s.up.Unlock()
		s.client.CloseIdleConnections()
		s.running.Wait()
		if s.options.WebhookClient == nil {
			s.deliveries.CloseIdleConnections()
		}
	})
}

// HTTPClient returns a client whose connections reach the server also where it
// is [Options].InMemory.
func (s *Server) HTTPClient() *http.Client { return s.client }

// Client returns a client that is logged in as an account, which comes into being
// if there is none of that name, and with an empty name one that is nobody.
//
// A name such as bob@remote.example is that of an account of another server. A
// client that is logged in as it stands for that server: what it does is what
// comes from there, such as a reply to a note of this server.
func (s *Server) Client(username string) *misskey.Client {
	if username == "" {
		return s.clientOf(misskey.WithHTTPClient(s.client))
	}
	return s.ClientWithToken(s.Token(username))
}

// ClientWithToken returns a client with a token, such as that of an app: see
// [Server.AppToken].
func (s *Server) ClientWithToken(token string) *misskey.Client {
	return s.clientOf(misskey.WithHTTPClient(s.client), misskey.WithToken(token))
}

func (s *Server) clientOf(opts ...misskey.Option) *misskey.Client {
	mk, err := misskey.New(s.URL, append(opts, misskey.WithPlainHTTP())...)
	if err != nil {
		s.fatal(err)
	}
	return mk
}

// fatal ends the test, or outside of one panics: what was asked of the server
// makes no sense.
func (s *Server) fatal(err error) {
	if s.tb == nil {
		panic(err)
	}
	s.tb.Helper()
	s.tb.Fatal(err)
}

// Now is what the clock of the server says.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

// Advance moves the clock of the server forward: what was to happen meanwhile
// has happened when it returns, and what comes into being after is so much
// younger than what is there.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset += max(d, 0)
	s.doTasks()
	s.reschedule()
}
