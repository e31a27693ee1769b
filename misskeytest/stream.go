package misskeytest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/misskey-go/misskey/gen"
)

const (
	// maxSubscriptions is how many channels a connection may be subscribed to.
	maxSubscriptions = 32

	// maxMessage is the size of a message that ends the connection.
	maxMessage = 100 << 20

	// maxQueued is how many bytes may wait for a client that does not read,
	// before the connection to it is cut.
	maxQueued = 64 << 20

	// Connections are sent a ping that often, and cut when the last response
	// is older than the grace.
	pingInterval = time.Minute
	pongGrace    = 2 * time.Minute
)

// A socket is a connection to the stream.
type socket struct {
	s       *Server
	account *account           // nil for nobody
	app     *appToken          // nil for an account's own token
	cut     context.CancelFunc // ends the connection without a word

	// What follows is guarded by the server's mutex.
	subscriptions []*subscription
	captured      map[string]int // how often, by id of the note
	captures      []string       // ids of these notes, the one captured last at the end
	lastPong      time.Time
	queue         [][]byte // frames to be written
	queued        int      // bytes of them
	ready         chan struct{}
}

// A subscription is one to a channel.
type subscription struct {
	socket      *socket
	id, channel string
	topic       topic
	shows       func(*note) bool // which notes, on timelines
	params      object

	// left is what has been disconnected, but is served on: Misskey forgets to
	// clean up after some channels.
	left bool
}

// send queues a frame. Those that are to be lost are.
func (k *socket) send(frame []byte) {
	if k.s.frameLost() {
		return
	}
	k.queued += len(frame)
	if k.queued > maxQueued {
		k.cut()
		return
	}
	k.queue = append(k.queue, frame)
	select {
	case k.ready <- struct{}{}:
	default: // the writer is about to look
	}
}

func (sub *subscription) send(event string, body []byte) {
	frame := make([]byte, 0, len(body)+len(sub.id)+len(event)+64)
	frame = append(frame, `{"type":"channel","body":{"id":`...)
	frame = append(frame, encode(sub.id)...)
	frame = append(frame, `,"type":`...)
	frame = append(frame, encode(event)...)
	frame = append(frame, `,"body":`...)
	frame = append(frame, body...)
	sub.socket.send(append(frame, "}}"...))
}

// encode writes JSON of what is known to be fit for it.
func encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// serveStream answers a request for a WebSocket, whatever its path. It ends with
// the connection.
func (s *Server) serveStream(w http.ResponseWriter, r *http.Request) {
	k, err := s.openSocket(r)
	record := Request{Endpoint: streamEndpoint, Method: r.Method, Status: http.StatusSwitchingProtocols, Code: codeOf(err)}
	if err != nil {
		record.Status = statusOf(nil, err)
	} else if k.account != nil {
		record.Username = k.account.username
	}
	s.note(record, err)
	if err != nil {
		if errors.Is(err, ErrDropped) {
			panic(http.ErrAbortHandler)
		}
		if record.Status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Bearer realm="Misskey", error="invalid_token", error_description="authentication failed"`)
		}
		w.Header().Set("Connection", "close")
		w.WriteHeader(record.Status)
		return
	}
	var ctx context.Context
	ctx, k.cut = context.WithCancel(s.ctx)
	defer k.cut()
	var protocols []string
	if first, _, _ := strings.Cut(r.Header.Get("Sec-WebSocket-Protocol"), ","); first != "" {
		protocols = []string{strings.TrimSpace(first)}
	}
	s.addSocket(k) // before the client knows that it is connected
	defer s.removeSocket(k)
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // of where a browser comes from; Misskey takes all
		Subprotocols:       protocols,
		OnPongReceived: func(context.Context, []byte) {
			s.mu.Lock()
			defer s.mu.Unlock()
			k.lastPong = time.Now()
		},
	})
	if err != nil {
		return // it has been answered
	}
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(maxMessage)
	s.running.Go(func() { k.keepAlive(ctx, conn) })
	s.running.Go(func() { k.write(ctx, conn) })
	for {
		_, message, err := conn.Read(ctx)
		if err != nil {
			return
		}
		s.mu.Lock()
		k.receive(message)
		s.mu.Unlock()
	}
}

// streamEndpoint is what the stream is called where endpoints are named.
const streamEndpoint = "streaming"

// openSocket finds out who wants to open a connection, and whether they may.
func (s *Server) openSocket(r *http.Request) (*socket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fault(&operation{endpoint: streamEndpoint}); err != nil && !afterwards(err) {
		return nil, err
	}
	token, hasToken := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !hasToken || token == "" {
		token, hasToken = r.URL.Query().Get("i"), r.URL.Query().Has("i")
	}
	c := &call{s: s}
	switch {
	case !hasToken:
	case !c.authenticate(token):
		return nil, errAuthenticationFailed.with(nil)
	case c.app != nil && !c.app.permissions["read:account"]:
		return nil, errNoReadAccount
	case c.account.suspended:
		return nil, errSuspended.with(nil)
	}
	return &socket{
		s: s, account: c.account, app: c.app, captured: map[string]int{}, lastPong: time.Now(), ready: make(chan struct{}, 1),
	}, nil
}

// errNoReadAccount looks like an unknown token to clients, but is not a mistake of
// theirs.
var errNoReadAccount = emptyError(http.StatusUnauthorized)

func (s *Server) addSocket(k *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sockets = append(s.sockets, k)
}

func (s *Server) removeSocket(k *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sockets = slices.DeleteFunc(s.sockets, func(other *socket) bool { return other == k })
}

// write sends what is queued, until the connection ends.
func (k *socket) write(ctx context.Context, conn *websocket.Conn) {
	defer k.cut()
	for {
		select {
		case <-k.ready:
		case <-ctx.Done():
			return
		}
		k.s.mu.Lock()
		batch := k.queue
		k.queue, k.queued = nil, 0
		k.s.mu.Unlock()
		for _, frame := range batch {
			if err := conn.Write(ctx, websocket.MessageText, frame); err != nil {
				return
			}
		}
	}
}

// keepAlive sends pings and cuts the connection where they are not answered.
func (k *socket) keepAlive(ctx context.Context, conn *websocket.Conn) {
	defer k.cut()
	ticker := time.NewTicker(pingInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		k.s.mu.Lock()
		silent := time.Since(k.lastPong)
		k.s.mu.Unlock()
		if silent > pongGrace {
			return
		}
		wait, cancel := context.WithTimeout(ctx, pingInterval/2)
		_ = conn.Ping(wait) // whether it was answered is seen at the next tick
		cancel()
	}
}

// receive does what a client asks for. Whatever is wrong about it is passed over
// in silence, as Misskey does, but for tests that are strict.
func (k *socket) receive(data []byte) {
	message, err := decodeJSON(data)
	if err != nil {
		k.mistake(data, "it is not JSON")
		return
	}
	body, _ := at(message, "body").(object)
	id, hasID := body["id"].(string)
	kind := text(at(message, "type"))
	switch {
	case kind == "readNotification":
		if k.account != nil {
			k.s.readAll(k.account, false)
		}
	case kind == "connect", kind == "disconnect", kind == "channel", kind == "ch",
		kind == "subNote", kind == "s", kind == "sr", kind == "unsubNote", kind == "un":
		if !hasID {
			k.mistake(data, "its body has no id")
			return
		}
		switch kind {
		case "connect":
			k.connect(data, id, body)
		case "disconnect":
			k.disconnect(id)
		case "channel", "ch":
			k.dispatch(id, body)
		case "unsubNote", "un":
			if k.captured[id]--; k.captured[id] <= 0 {
				k.forget(id)
			}
		default:
			k.capture(id)
		}
	default:
		k.mistake(data, "there is no such message")
	}
}

// maxCaptures is how many notes a connection captures since 2026.9.1. The one that
// was captured longest ago is forgotten in silence.
const maxCaptures = 1536

func (k *socket) capture(id string) {
	n := k.captured[id] + 1
	if !k.s.since("2026.9.1") {
		k.captured[id] = n
		return
	}
	k.forget(id)
	if len(k.captures) == maxCaptures {
		k.forget(k.captures[0])
	}
	k.captured[id], k.captures = n, append(k.captures, id)
}

func (k *socket) forget(id string) {
	delete(k.captured, id)
	if i := slices.Index(k.captures, id); i >= 0 {
		k.captures = slices.Delete(k.captures, i, i+1)
	}
}

// mistake fails the test because of a message that no correct program sends.
func (k *socket) mistake(message []byte, why string) {
	r := Request{Endpoint: streamEndpoint, Method: "message", Params: message, Code: gen.ErrInvalidParam}
	if !json.Valid(message) {
		r.Params = encode(string(message))
	}
	if k.account != nil {
		r.Username = k.account.username
	}
	k.s.blame(r, why)
}

// connect subscribes to a channel.
func (k *socket) connect(message []byte, id string, body object) {
	name, ok := body["channel"].(string)
	channel := streamChannels[name]
	params, hasParams := body["params"]
	p, isObject := params.(object)
	pong, hasPong := body["pong"]
	wantsPong, isBool := pong.(bool)
	switch {
	case !ok || channel == nil:
		k.mistake(message, "there is no such channel")
		return
	case hasParams && !isObject, hasPong && pong != nil && !isBool:
		k.mistake(message, "params has to be an object, and pong true or false")
		return
	}
	old := k.subscription(id)
	switch {
	case old == nil && k.count() >= maxSubscriptions:
		return
	case channel.credential && k.account == nil:
		return
	case k.app != nil && channel.permission != "" && !k.app.permissions[channel.permission]:
		return
	case channel.shared && slices.ContainsFunc(k.subscriptions, func(o *subscription) bool {
		return o.channel == name && o.id != id && !o.left
	}):
		return
	}
	sub := &subscription{socket: k, id: id, channel: name, topic: topic{channel: name}, params: p}
	if !channel.open(sub) {
		return
	}
	if old != nil {
		k.disconnect(id)
	}
	k.subscriptions = append(k.subscriptions, sub)
	if wantsPong {
		k.send(encode(object{"type": "connected", "body": object{"id": id}}))
	}
}

// subscription returns the one that has an id, or nil.
func (k *socket) subscription(id string) *subscription {
	for _, sub := range k.subscriptions {
		if sub.id == id && !sub.left {
			return sub
		}
	}
	return nil
}

// count returns how many subscriptions there are.
func (k *socket) count() (n int) {
	for _, sub := range k.subscriptions {
		if !sub.left {
			n++
		}
	}
	return n
}

// disconnect ends a subscription.
func (k *socket) disconnect(id string) {
	k.subscriptions = slices.DeleteFunc(k.subscriptions, func(sub *subscription) bool {
		if sub.id != id || sub.left {
			return false
		}
		sub.left = streamChannels[sub.channel].leaks
		return !sub.left
	})
}

// dispatch passes a message to a channel. A message without a body is ignored.
func (k *socket) dispatch(id string, message object) {
	sub := k.subscription(id)
	body, ok := message["body"]
	if sub == nil || !ok {
		return
	}
	if receive := streamChannels[sub.channel].receive; receive != nil {
		receive(sub, text(message["type"]), body)
	}
}
