package misskeytest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// A Delivery is an event for [Server.Deliver] to post.
type Delivery struct {
	// URL is where it goes, and Secret what goes with it.
	URL, Secret string

	// Type is the type of the event, such as "mention".
	Type string

	// Body is the body of the event, such as map[string]any{"note": note}, where
	// note is a gen.Note. Without one it is what the test buttons of Misskey send.
	Body any

	// UserID is the account that the event is for; empty for one of the instance.
	// HookID is the id of the webhook.
	UserID, HookID string

	// EventID is the id of the event, a new one if it is empty. To post the same
	// event again, as Misskey does after a failure, give it the same id.
	EventID string

	// CreatedAt is when it happened; now, by the clock of the server, if it is zero.
	CreatedAt time.Time
}

// Deliver posts an event once, with the headers and in the form that webhooks of the
// server have, and returns the status of the response. No webhook needs to exist. It
// goes by [Options].WebhookClient, if there is one.
func (s *Server) Deliver(ctx context.Context, d Delivery) (status int, err error) {
	s.mu.Lock()
	body := d.Body
	if body == nil {
		if body = s.testBody(d.Type); body == nil {
			s.mu.Unlock()
			return 0, fmt.Errorf("misskeytest: Deliver: the test buttons send nothing for the type %q; give it a body", d.Type)
		}
	}
	if d.CreatedAt.IsZero() {
		d.CreatedAt = s.now()
	}
	s.mu.Unlock()
	if !deliverable(d.Secret) {
		return 0, errors.New("misskeytest: Deliver: the secret cannot be put into a header")
	}
	if d.EventID == "" {
		d.EventID = uuid.NewString()
	}
	data, err := json.Marshal(s.envelope(d, body))
	if err != nil {
		return 0, fmt.Errorf("misskeytest: Deliver: %w", err)
	}
	if status, err = s.post(ctx, webhook{id: d.HookID, url: d.URL, secret: d.Secret}, data); err != nil {
		return 0, fmt.Errorf("misskeytest: Deliver: %w", err)
	}
	return status, nil
}

// envelope is what is posted.
func (s *Server) envelope(d Delivery, body any) object {
	all := object{"server": s.URL, "hookId": d.HookID, "eventId": d.EventID, "createdAt": d.CreatedAt.UnixMilli(), "type": d.Type, "body": body}
	if d.UserID != "" {
		all["userId"] = d.UserID
	}
	return all
}

// hook sends what has happened to the webhooks of an account that want it.
func (s *Server) hook(owner *account, kind string, body func() object) {
	s.sendHooks(&s.webhooks, owner, kind, body)
}

// systemHook sends what has happened to the webhooks of the instance that want it.
func (s *Server) systemHook(kind string, body func() object) {
	s.sendHooks(&s.systemWebhooks, nil, kind, body)
}

func (s *Server) sendHooks(hooks *list[*webhook], owner *account, kind string, body func() object) {
	for _, w := range hooks.items {
		if w.owner == owner && w.active && slices.Contains(w.on, any(kind)) {
			s.sendHook(w, *w, s.newDelivery(*w, kind, body()), 0)
		}
	}
}

// testDelivery delivers something made up, once, also to another place.
func (c *call) testDelivery(w *webhook) error {
	to := *w
	if url, ok := at(c.params, "override", "url").(string); ok {
		to.url = url
	}
	if secret, ok := at(c.params, "override", "secret").(string); ok {
		to.secret = secret
	}
	kind := c.text("type")
	if body := c.s.testBody(kind); body != nil {
		c.s.sendHook(w, to, c.s.newDelivery(to, kind, body), len(retries))
	}
	return nil
}

// newDelivery is what is sent, the same in each attempt.
func (s *Server) newDelivery(to webhook, kind string, body any) []byte {
	d := Delivery{Type: kind, HookID: to.id, EventID: uuid.NewString(), CreatedAt: s.now()}
	if to.owner != nil {
		d.UserID = to.owner.id
	}
	return encode(s.envelope(d, body))
}

// testBody is what the test buttons send, or nil where they send nothing.
func (s *Server) testBody(kind string) any {
	switch kind {
	case "note":
		return object{"note": s.testNote("dummy-note-1", 1, testText)}
	case "mention":
		n := s.testNote("dummy-mention-1", 1, testText)
		n["mentions"] = []any{"dummy-user-2"}
		return object{"note": n}
	case "reply":
		n := s.testNote("dummy-reply-1", 1, testText)
		n["replyId"], n["reply"] = "dummy-note-1", s.testNote("dummy-note-1", 1, testText)
		return object{"note": n}
	case "renote":
		n := s.testNote("dummy-renote-1", 2, nil)
		n["renoteId"], n["renote"] = "dummy-note-1", s.testNote("dummy-note-1", 1, testText)
		return object{"note": n}
	case "follow":
		return object{"user": s.testUserDetailed(1)}
	case "unfollow":
		return object{"user": s.testUserDetailed(3)}
	case "followed":
		return object{"user": testUser(2)}
	case "abuseReport", "abuseReportResolved":
		r := object{
			"id": "dummy-abuse-report1", "targetUserId": "dummy-user-1", "targetUser": testUser(1), "reporterId": "dummy-user-2", "reporter": testUser(2),
			"assigneeId": nil, "assignee": nil, "resolved": false, "forwarded": false, "comment": testText, "targetUserHost": nil, "reporterHost": nil,
			"resolvedAs": nil, "moderationNote": testText,
		}
		if kind == "abuseReportResolved" {
			r["resolved"], r["assigneeId"], r["assignee"] = true, "dummy-user-3", testUser(3)
		}
		return r
	case "userCreated":
		return testUser(1)
	case "inactiveModeratorsWarning":
		return object{"remainingTime": object{"time": 100000, "asDays": 1, "asHours": 24}}
	case "inactiveModeratorsInvitationOnlyChanged":
		return object{}
	}
	return nil // a reaction is never sent
}

const testText = "made up by a test button"

// testUser, testUserDetailed and testNote have the properties that they have in
// deliveries of Misskey 2026.7.0, which are not those that it otherwise sends.
func testUser(n int) object {
	return object{
		"id": fmt.Sprintf("dummy-user-%d", n), "name": fmt.Sprintf("DummyUser%d", n), "username": fmt.Sprintf("dummy%d", n), "host": nil,
		"avatarUrl": "", "avatarBlurhash": nil, "avatarDecorations": []any{}, "isBot": false, "isCat": true, "emojis": object{}, "onlineStatus": "active",
		"badgeRoles": []any{},
	}
}

func (s *Server) testUserDetailed(n int) object {
	user := s.userDetailed(&account{profile: newProfile()}, nil)
	maps.Copy(user, testUser(n))
	maps.Copy(user, object{
		"createdAt": stamp(s.now()), "twoFactorEnabled": false, "usePasswordLessLogin": false, "securityKeys": false, "memo": nil,
		"isFollowing": false, "isFollowed": false, "hasPendingFollowRequestFromYou": false, "hasPendingFollowRequestToYou": false, "isBlocking": false,
		"isBlocked": false, "isMuted": false, "isRenoteMuted": false, "notify": "none", "withReplies": true,
	})
	return user
}

func (s *Server) testNote(id string, by int, words any) object {
	return object{
		"id": id, "createdAt": stamp(s.now()), "deletedAt": nil, "text": words, "cw": nil, "userId": fmt.Sprintf("dummy-user-%d", by), "user": testUser(by),
		"replyId": nil, "renoteId": nil, "isHidden": false, "visibility": "public", "mentions": []any{}, "visibleUserIds": []any{}, "fileIds": []any{},
		"files": []any{}, "tags": []any{}, "poll": nil, "emojis": object{}, "channelId": nil, "channel": nil, "localOnly": true,
		"reactionAcceptance": "likeOnly", "reactionEmojis": object{}, "reactions": object{}, "reactionCount": 0, "renoteCount": 10, "repliesCount": 5,
		"reactionAndUserPairCache": []any{}, "clippedCount": 0, "reply": nil, "renote": nil, "myReaction": nil,
	}
}

// retries are how long the server waits before further attempts.
var retries = []time.Duration{time.Minute, 3 * time.Minute, 7 * time.Minute}

// deliveryTimeout is how long a receiver may take.
const deliveryTimeout = 5 * time.Second

// deliverable reports whether a secret can be put into a header. Misskey accepts
// others, and never delivers with them.
func deliverable(secret string) bool {
	return !strings.ContainsFunc(secret, func(r rune) bool { return r == '\r' || r == '\n' || r > '~' })
}

// sendHook sends to a webhook as it was when something happened. The first attempt
// has the number 0.
func (s *Server) sendHook(w *webhook, to webhook, data []byte, attempt int) {
	if !deliverable(to.secret) {
		return
	}
	s.running.Go(func() {
		status, _ := s.post(s.ctx, to, data)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.done {
			return
		}
		w.sent, w.status = s.now(), status
		retry := status == 0 || status == http.StatusNotModified || status == http.StatusTooManyRequests || status > 499
		if retry && attempt < len(retries) {
			s.later(retries[attempt], func() { s.sendHook(w, to, data, attempt+1) })
		}
	})
}

// post makes one attempt at a delivery and returns the status of the response, 0
// where there is none.
func (s *Server) post(ctx context.Context, to webhook, data []byte) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.url, bytes.NewReader(data))
	if err != nil {
		return 0, err
	}
	for name, v := range map[string]string{
		"User-Agent": "Misskey-Hooks", "X-Misskey-Host": s.host(), "X-Misskey-Hook-Id": to.id,
		"X-Misskey-Hook-Secret": strings.TrimSpace(to.secret), "Content-Type": "application/json",
	} {
		r.Header.Set(name, v)
	}
	resp, err := s.deliveries.Do(r)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxJSON)) // so that the connection can be used again
	return resp.StatusCode, nil
}
