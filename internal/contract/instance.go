package contract

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// call calls an endpoint of which the instance may know more than the bindings.
func call[V any](t *T, by user, endpoint string, params any) (*V, error) {
	t.Helper()
	v, err := misskey.Call[V](t.Context(), by.Client, endpoint, params)
	return &v, err
}

// admin is root, who has all permissions.
func (t *T) admin() user { return user{Client: t.root} }

// administrator makes an account that is a second administrator.
func (t *T) administrator() user {
	t.Helper()
	u := t.user()
	t.assign(u, t.roleWith("administrators of "+u.username, map[string]any{"isAdministrator": true, "isPublic": false}))
	t.eventually("the role", func() bool {
		_, err := u.AdminMeta(t.Context())
		return err == nil
	})
	return u
}

var instanceCases = []testCase{
	{"the instance reports what administrators set", func(t *T) {
		before, err := t.root.AdminMeta(t.Context())
		t.ok(err)
		set := func(ctx context.Context, description any) {
			t.Helper()
			_, err := misskey.Call[json.RawMessage](ctx, t.root, "admin/update-meta", map[string]any{"description": description})
			t.ok(err)
		}
		t.Cleanup(func() { set(context.Background(), before.Description) })
		words := fmt.Sprintf("described by %s", t.user().username)
		set(t.Context(), words)
		reported := func() string {
			meta, err := t.guest().Meta(t.Context(), gen.MetaRequest{})
			t.ok(err)
			if meta.Description == nil {
				return "nothing"
			}
			return *meta.Description
		}
		becomes(t, "description", words, reported)
		set(t.Context(), nil)
		becomes(t, "description", "nothing", reported)
		_, err = call[json.RawMessage](t, t.admin(), "admin/update-meta", nil)
		t.refused(err, gen.ErrInternalError, 500)
	}},
	{"queues are paused and resumed", func(t *T) {
		t.need("2026.7.0")
		type queue struct {
			Name     string
			IsPaused bool
		}
		params := map[string]any{"queue": "systemWebhookDeliver"}
		is := func(paused bool) {
			t.Helper()
			becomes(t, "paused", paused, func() bool {
				q, err := call[queue](t, t.admin(), "admin/queue/queue-stats", params)
				t.ok(err)
				return q.IsPaused
			})
		}
		do := func(ctx context.Context, what string) {
			t.Helper()
			_, err := misskey.Call[json.RawMessage](ctx, t.root, "admin/queue/"+what, params)
			t.ok(err)
		}
		t.Cleanup(func() { do(context.Background(), "resume") })
		do(t.Context(), "pause")
		do(t.Context(), "pause")
		is(true)
		all, err := call[[]queue](t, t.admin(), "admin/queue/queues", nil)
		t.ok(err)
		for _, q := range *all {
			equal(t, q.Name+" paused", q.IsPaused, q.Name == "systemWebhookDeliver")
		}
		do(t.Context(), "resume")
		is(false)
		_, err = call[json.RawMessage](t, t.admin(), "admin/queue/pause", map[string]any{"queue": "weather"})
		t.refused(err, gen.ErrInvalidParam, 400)
	}},
	{"a second factor is unset, but not of administrators", func(t *T) {
		t.need("2026.7.0")
		unset := func(by user, id string) error {
			_, err := call[json.RawMessage](t, by, "admin/unset-mfa", map[string]any{"userId": id})
			return err
		}
		u, other := t.user(), t.administrator()
		root, err := t.root.I(t.Context())
		t.ok(err)
		for range 2 {
			t.ok(unset(t.admin(), u.id))
		}
		t.refused(unset(t.admin(), other.id), gen.ErrorID("cda8f8ce-89a6-4f92-8055-33bbe0c1464d"), 400)
		t.refused(unset(other, root.ID), gen.ErrorID("cda8f8ce-89a6-4f92-8055-33bbe0c1464d"), 400)
		t.refused(unset(t.admin(), "0"), gen.ErrorID("ccafc7fe-5074-4edd-9dc0-8ef9ef6a701d"), 400)
	}},
	{"the password of nobody is not reset", func(t *T) {
		_, err := t.root.AdminResetPassword(t.Context(), gen.AdminResetPasswordRequest{UserID: "0"})
		if t.since("2026.7.0") {
			t.refused(err, gen.ErrNoSuchUser, 400)
		} else {
			t.refused(err, gen.ErrInternalError, 500)
		}
	}},
	{"the password of an administrator is reset by nobody else", func(t *T) {
		t.need("2026.7.0")
		other := t.administrator()
		_, err := t.root.AdminResetPassword(t.Context(), gen.AdminResetPasswordRequest{UserID: other.id})
		t.refused(err, gen.ErrAccessDenied, 400)
		root, err := t.root.I(t.Context())
		t.ok(err)
		_, err = other.AdminResetPassword(t.Context(), gen.AdminResetPasswordRequest{UserID: root.ID})
		t.refused(err, gen.ErrAccessDenied, 400)
	}},
	{"accounts are made by root, and since 2026.7.0 by every administrator", func(t *T) {
		other := t.administrator()
		made, err := call[struct{ ID string }](t, other, "admin/accounts/create", map[string]any{"username": "x" + other.username[1:], "password": "contract"})
		if !t.since("2026.7.0") {
			t.refused(err, gen.ErrIDAdminAccountsCreateAccessDenied, 400)
			return
		}
		t.ok(err)
		t.ok(t.root.AdminAccountsDelete(t.Context(), gen.AdminAccountsDeleteRequest{UserID: made.ID}))
	}},
	{"an antenna forgets a note", func(t *T) {
		t.need("2026.7.0")
		u, v := t.user(), t.user()
		word := "w" + u.username
		a := t.antenna(u, word, nil)
		n, m := t.text(v, "about "+word), t.text(v, "more about "+word)
		list := func() ([]gen.Note, error) {
			return u.AntennasNotes(t.Context(), gen.AntennasNotesRequest{AntennaID: a.ID})
		}
		t.shows("the antenna", list, m, n)
		remove := func(by user, antenna string) error {
			_, err := call[json.RawMessage](t, by, "antennas/remove-note", map[string]any{"antennaId": antenna, "noteId": m.ID})
			return err
		}
		for range 2 {
			t.ok(remove(u, a.ID))
		}
		t.shows("the antenna", list, n)
		t.refused(remove(v, a.ID), gen.ErrNoSuchAntenna, 400)
		t.refused(remove(u, "0"), gen.ErrNoSuchAntenna, 400)
	}},
	{"a search is for a time", func(t *T) {
		t.need("2026.7.0")
		u := t.user()
		t.assign(u, t.roleWith("searchers of "+u.username, map[string]any{"policies": map[string]any{"canSearchNotes": policy(true)}}))
		word := "w" + u.username
		n := t.text(u, "first "+word)
		t.settle()
		m := t.text(u, "second "+word)
		first, second := n.CreatedAt.UnixMilli(), m.CreatedAt.UnixMilli()
		for _, tt := range []struct {
			what   string
			params map[string]any
			want   string
		}{
			{"both ends are included", map[string]any{"rangeStartAt": first, "rangeEndAt": second}, joined(m, n)},
			{"from", map[string]any{"rangeStartAt": first + 1}, joined(m)},
			{"to", map[string]any{"rangeEndAt": second - 1}, joined(n)},
			{"null", map[string]any{"rangeStartAt": nil, "rangeEndAt": nil}, joined(m, n)},
			{"the wrong way round", map[string]any{"rangeStartAt": second, "rangeEndAt": first}, ""},
		} {
			tt.params["query"] = word
			becomes(t, tt.what, tt.want, func() string {
				notes, err := call[[]gen.Note](t, u, "notes/search", tt.params)
				if err != nil {
					return err.Error() // the role is not known yet
				}
				return ids(*notes)
			})
		}
		_, err := call[[]gen.Note](t, u, "notes/search", map[string]any{"query": word, "rangeStartAt": "now"})
		t.refused(err, gen.ErrInvalidParam, 400)
	}},
}
