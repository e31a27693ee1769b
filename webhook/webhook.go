package webhook

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/misskey-go/misskey/event"
	"github.com/misskey-go/misskey/internal/secret"
)

// A Secret is what a webhook sends to prove where it comes from.
type Secret struct {
	// Value is the secret that was entered at the instance, or passed to [Setup].
	Value string

	// Host limits the secret to one instance, such as misskey.example. It is what
	// the header X-Misskey-Host holds: with its port, if that is not the usual
	// one. An empty Host accepts the secret from any instance.
	Host string
}

// String names the instance, but not the secret.
func (s Secret) String() string {
	if s.Host == "" {
		return "webhook secret for any instance"
	}
	return "webhook secret for " + s.Host
}

// GoString is String, so that %#v does not print the secret either.
func (s Secret) GoString() string { return s.String() }

// LogValue is String as a value of package slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// check returns the secret as it arrives: without the blanks around it.
func (s Secret) check() (string, error) {
	value := strings.TrimSpace(s.Value)
	switch {
	case value == "":
		// Every webhook without a secret would match it, and so would every stranger.
		return "", errors.New("it is empty; make one with crypto/rand.Text")
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }):
		return "", errors.New("it has characters that are not printable ASCII; Misskey accepts it, but never delivers with it")
	case len(value) > maxSecret:
		return "", fmt.Errorf("it has %d characters; Misskey accepts at most %d", len(value), maxSecret)
	}
	return value, nil
}

const maxSecret = 1024 // characters, as the endpoints say

// Options say how a [Handler] works. Secrets are required; for the rest the zero value
// is what most programs want. A negative number stands for the default, too.
type Options struct {
	// Secrets are accepted. There must be one at least. To replace a secret, accept
	// both, change it at the instance, and remove the old one a quarter of an hour
	// later, when the last attempts with it have been made. For several instances,
	// give each a secret of its own, with its Host.
	Secrets []Secret

	// RespondFirst responds as soon as an event is in the queue, before it is
	// handled. Handling may then take as long as it likes, but the instance does
	// not deliver again what fails or is lost when the process ends: see Lost.
	// Otherwise the response comes after the handling, and a failure makes the
	// instance deliver the event again.
	RespondFirst bool

	// Lost is called for each event that was accepted and will not be handled: its
	// function returned an error after the response, or the handler was closed
	// before its turn. It is called by several goroutines at once. Without
	// RespondFirst nothing is lost in this way.
	Lost func(ev event.Event, err error)

	// Workers is how many events are handled at once, 1 if it is 0. With one, they
	// are handled in the order in which they arrive, which is not always the order
	// in which they happened.
	Workers int

	// Queue is how many events may wait for a worker, 1,000 if it is 0. No more
	// may wait once they take 64 MiB of memory. When the queue is full the handler
	// responds with 503, and the instance delivers again.
	Queue int

	// Timeout is how long an event may be handled, a minute if it is 0. The context
	// of the function ends then. Misskey itself waits five seconds for a response;
	// when an event takes longer, the next attempt gets the result.
	Timeout time.Duration

	// Remember is how many handled events are remembered, so that they are not
	// handled again when they are delivered again: 10,000 if it is 0.
	Remember int

	// MaxBody is how many bytes a request may have, 4 MiB if it is 0.
	MaxBody int64

	// BodyTimeout is how long a request may take to arrive, 10 seconds if it is 0.
	BodyTimeout time.Duration

	// KeepRaw keeps the body of each event as it came, for what a fork of Misskey
	// sends beside what the types have. See [event.Meta.Raw].
	KeepRaw bool

	// Logger logs what goes wrong: deliveries that are refused, functions that
	// fail, events that are lost. Secrets and bodies are never logged. Without one
	// the handler logs nothing.
	Logger *slog.Logger
}

const (
	defaultQueue       = 1000
	defaultRemember    = 10_000
	defaultMaxBody     = 4 << 20
	defaultTimeout     = time.Minute
	defaultBodyTimeout = 10 * time.Second

	// maxHeld is how many bytes of memory the requests that are being read and the
	// events that wait or are handled may take.
	maxHeld = 64 << 20
)

// A Handler is an [http.Handler] for the deliveries of webhooks. [New] makes one. It
// can be used by several servers at once.
type Handler struct {
	handle  func(context.Context, event.Event) error
	opts    Options
	secrets []accepted
	decoder decoder

	ctx    context.Context // of all functions; ends when Close gives up
	cancel context.CancelFunc

	mu      sync.Mutex // guards what follows
	closed  bool
	idle    chan struct{} // closed when the handler is closed and nothing waits or is handled
	waiting []*job
	working int
	held    int64 // bytes of memory
	jobs    map[key]*job
	done    remembered
	stats   Stats
	warned  time.Time // when a refusal was last logged
}

// An accepted secret is kept as a hash, so that all comparisons take the same time
// whatever their length, and that printing a Handler does not show it.
type accepted struct {
	hash [sha256.Size]byte
	host string
}

// New returns a handler that calls handle for each event. A nil handle, no secrets,
// or one that is empty or could never arrive is an error.
//
// An event that handle returns nil for has been handled. For an error, the handler
// responds with 503, and the instance delivers the event again, up to three times
// within a quarter of an hour; with [Options].RespondFirst it is lost. A panic is
// an error, too.
func New(handle func(ctx context.Context, ev event.Event) error, opts Options) (*Handler, error) {
	if handle == nil {
		return nil, errors.New("webhook: New: the function is nil")
	}
	if len(opts.Secrets) == 0 {
		return nil, errors.New("webhook: New: Options.Secrets is empty; anyone could send events")
	}
	h := &Handler{
		handle: handle, opts: opts.filled(), decoder: decoder{opts.KeepRaw},
		jobs: map[key]*job{}, idle: make(chan struct{}),
	}
	for i, s := range opts.Secrets {
		value, err := s.check()
		if err != nil {
			return nil, fmt.Errorf("webhook: New: secret %d: %w", i+1, err)
		}
		h.secrets = append(h.secrets, accepted{sha256.Sum256([]byte(value)), strings.ToLower(s.Host)})
	}
	h.opts.Secrets = nil
	h.done.size = h.opts.Remember
	h.ctx, h.cancel = context.WithCancel(context.Background())
	return h, nil
}

func (o Options) filled() Options {
	positive(&o.Workers, 1)
	positive(&o.Queue, defaultQueue)
	positive(&o.Remember, defaultRemember)
	positive(&o.MaxBody, defaultMaxBody)
	positive(&o.Timeout, defaultTimeout)
	positive(&o.BodyTimeout, defaultBodyTimeout)
	return o
}

func positive[T int | int64 | time.Duration](v *T, otherwise T) {
	if *v <= 0 {
		*v = otherwise
	}
}

// A refusal is a request that is not accepted. Misskey tries again only after 304,
// 429 and 5xx (protocol K). Any other status of 4xx ends the delivery, so that only
// what would fail again gets one.
type refusal struct {
	status int
	reason string
	err    error // for the log
}

func (r *refusal) Error() string {
	if r.err != nil {
		return r.reason + ": " + r.err.Error()
	}
	return r.reason
}

// ServeHTTP takes a delivery.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	status, err := h.serve(w, r)
	if err == nil {
		w.WriteHeader(status)
		return
	}
	no, ok := errors.AsType[*refusal](err)
	if !ok { // of the function, which is logged where it is called
		no = &refusal{status: http.StatusServiceUnavailable, reason: "the event was not handled"}
	}
	h.count(no)
	if ok {
		h.warn(r, no)
	}
	if no.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "60")
	}
	http.Error(w, no.reason, no.status)
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request) (status int, err error) {
	host, err := h.check(w, r)
	if err != nil {
		return 0, err
	}
	ev, err := h.receive(w, r, host)
	if err != nil {
		return 0, err
	}
	return h.take(r.Context(), ev)
}

// receive reads a request, and counts it as held meanwhile.
func (h *Handler) receive(w http.ResponseWriter, r *http.Request, host string) (event.Event, error) {
	size := r.ContentLength
	if size < 0 {
		size = h.opts.MaxBody
	}
	if !h.hold(size) {
		return nil, &refusal{status: http.StatusServiceUnavailable, reason: "too much waits already"}
	}
	defer h.release(size)
	data, err := h.read(w, r)
	if err != nil {
		return nil, err
	}
	ev, err := h.decoder.decode(host, data)
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, "the body is not a delivery of Misskey", err}
	}
	return ev, nil
}

// check returns the instance that a request comes from, or why it is refused.
func (h *Handler) check(w http.ResponseWriter, r *http.Request) (host string, err error) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return "", &refusal{status: http.StatusMethodNotAllowed, reason: "a delivery is a POST"}
	}
	host, hostOK := single(r.Header, "X-Misskey-Host")
	value, ok := single(r.Header, "X-Misskey-Hook-Secret")
	if !ok || !hostOK || !h.authentic(host, value) {
		return "", &refusal{status: http.StatusForbidden, reason: "the secret is wrong"}
	}
	contentType, ok := single(r.Header, "Content-Type")
	media, _, err := mime.ParseMediaType(contentType)
	if !ok || err != nil || media != "application/json" {
		return "", &refusal{status: http.StatusUnsupportedMediaType, reason: "a delivery is application/json"}
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return "", &refusal{status: http.StatusUnsupportedMediaType, reason: "a delivery is not compressed"}
	}
	if r.ContentLength > h.opts.MaxBody {
		return "", h.tooLong()
	}
	return host, nil
}

// single returns a header that is there at most once.
func single(header http.Header, name string) (value string, ok bool) {
	switch values := header[name]; len(values) {
	case 0:
		return "", true
	case 1:
		return values[0], true
	}
	return "", false
}

// authentic compares a secret with all that are accepted. How long it takes does not
// depend on what is in them.
func (h *Handler) authentic(host, value string) bool {
	hash := sha256.Sum256([]byte(strings.TrimSpace(value)))
	match := 0
	for _, s := range h.secrets {
		equal := subtle.ConstantTimeCompare(hash[:], s.hash[:])
		if s.host == "" || s.host == strings.ToLower(host) {
			match |= equal
		}
	}
	return match == 1
}

func (h *Handler) tooLong() error {
	return &refusal{status: http.StatusRequestEntityTooLarge, reason: fmt.Sprintf("the body has more than %d bytes", h.opts.MaxBody)}
}

// read reads the body of a request. What keeps it from arriving may be gone the next
// time.
func (h *Handler) read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(h.opts.BodyTimeout)) // not all writers can
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, h.opts.MaxBody))
	if _, long := errors.AsType[*http.MaxBytesError](err); long {
		return nil, h.tooLong()
	}
	if err != nil {
		w.Header().Set("Connection", "close")
		return nil, &refusal{http.StatusServiceUnavailable, "the body did not arrive", err}
	}
	// The server would take the end of the time for the end of the connection.
	_ = control.SetReadDeadline(time.Time{})
	return data, nil
}

// logEvery is how often refusals are logged: strangers cause them.
const logEvery = time.Minute

// count counts a request that was not accepted.
func (h *Handler) count(no *refusal) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if no.status == http.StatusServiceUnavailable {
		h.stats.Unavailable++
	} else {
		h.stats.Refused++
	}
}

// warn logs a request that was not accepted. Strangers can cause any number of them,
// so that most are for debugging only.
func (h *Handler) warn(r *http.Request, no *refusal) {
	level := slog.LevelDebug
	h.mu.Lock()
	if h.warned.IsZero() || time.Since(h.warned) >= logEvery {
		h.warned, level = time.Now(), slog.LevelWarn
	}
	h.mu.Unlock()
	h.log(level, "webhook: delivery not accepted", slog.Int("status", no.status), slog.String("reason", no.Error()),
		slog.String("host", secret.Hide(clip(r.Header.Get("X-Misskey-Host")), r.Header.Get("X-Misskey-Hook-Secret"))))
}

func (h *Handler) log(level slog.Level, message string, attrs ...slog.Attr) {
	if h.opts.Logger != nil {
		h.opts.Logger.LogAttrs(context.Background(), level, message, attrs...)
	}
}

// clip shortens what a stranger has sent.
func clip(s string) string {
	const most = 100
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
