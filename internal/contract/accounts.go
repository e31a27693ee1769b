package contract

import (
	"encoding/json"
	"strings"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

var accountCases = []testCase{
	{"a new account has nothing", func(t *T) {
		u := t.user()
		me, err := u.I(t.Context())
		t.ok(err)
		equal(t, "id", me.ID, u.id)
		equal(t, "username", me.Username, u.username)
		equal(t, "name", me.Name, nil)
		equal(t, "notes", me.NotesCount, 0)
		equal(t, "followers", me.FollowersCount, 0)
		equal(t, "following", me.FollowingCount, 0)
		equal(t, "bot", me.IsBot, false)
		equal(t, "kinds of mail", len(me.EmailNotificationTypes), 2)
	}},
	{"i with the token of an app has no secrets", func(t *T) {
		u := t.user()
		own := t.raw(u, "i", nil)
		if _, ok := own["emailVerified"]; !ok {
			t.Error("with the own token there is no emailVerified")
		}
		app := user{Client: u.As(t.app(u, gen.PermissionReadAccount))}
		if v, ok := t.raw(app, "i", nil)["emailVerified"]; ok {
			t.Errorf("an app gets emailVerified %v", v)
		}
	}},
	{"i/update changes what is given and nothing else", func(t *T) {
		u := t.user()
		_, err := u.IUpdate(t.Context(), gen.IUpdateRequest{Name: gen.Value("Name"), Description: gen.Value("words"), IsCat: new(true)})
		t.ok(err)
		me, err := u.IUpdate(t.Context(), gen.IUpdateRequest{Name: gen.Value("Other")})
		t.ok(err)
		equal(t, "name", *me.Name, "Other")
		equal(t, "description", *me.Description, "words")
		equal(t, "cat", me.IsCat, true)
	}},
	{"i/update clears with null", func(t *T) {
		u := t.user()
		_, err := u.IUpdate(t.Context(), gen.IUpdateRequest{Name: gen.Value("Name"), Description: gen.Value("words"), Birthday: gen.Value("2000-01-02")})
		t.ok(err)
		me, err := u.IUpdate(t.Context(), gen.IUpdateRequest{Name: gen.Null[string](), Birthday: gen.Null[string]()})
		t.ok(err)
		equal(t, "name", me.Name, nil)
		equal(t, "birthday", me.Birthday, nil)
		equal(t, "description", *me.Description, "words")
	}},
	{"i/update trims a name, and none is left of blanks", func(t *T) {
		u := t.user()
		me, err := u.IUpdate(t.Context(), gen.IUpdateRequest{Name: gen.Value("  Name ")})
		t.ok(err)
		equal(t, "name", *me.Name, "Name")
		me, err = u.IUpdate(t.Context(), gen.IUpdateRequest{Name: gen.Value("  ")})
		t.ok(err)
		equal(t, "name", me.Name, nil)
	}},
	{"i/update empties lists", func(t *T) {
		u := t.user()
		me, err := u.IUpdate(t.Context(), gen.IUpdateRequest{Fields: []gen.UserField{{Name: "a", Value: "b"}}})
		t.ok(err)
		equal(t, "fields", len(me.Fields), 1)
		me, err = u.IUpdate(t.Context(), gen.IUpdateRequest{Fields: []gen.UserField{{}, {Name: "a", Value: "b"}, {Name: " ", Value: " "}}})
		t.ok(err)
		equal(t, "fields that are filled", len(me.Fields), 1)
		me, err = u.IUpdate(t.Context(), gen.IUpdateRequest{Fields: []gen.UserField{}})
		t.ok(err)
		equal(t, "fields", len(me.Fields), 0)
	}},
	{"i/update wants files that there are, and pictures", func(t *T) {
		u := t.user()
		_, err := u.IUpdate(t.Context(), gen.IUpdateRequest{AvatarID: gen.Value(u.id)})
		t.refused(err, gen.ErrNoSuchAvatar, 400)
		_, err = u.IUpdate(t.Context(), gen.IUpdateRequest{BannerID: gen.Value(u.id)})
		t.refused(err, gen.ErrNoSuchBanner, 400)
		f := t.upload(u, "a.txt", "no picture")
		_, err = u.IUpdate(t.Context(), gen.IUpdateRequest{AvatarID: gen.Value(f.ID)})
		t.refused(err, gen.ErrAvatarNotAnImage, 400)
	}},
	{"i/update sets an avatar and takes it away", func(t *T) {
		u := t.user()
		f := t.upload(u, "a.png", picture)
		me, err := u.IUpdate(t.Context(), gen.IUpdateRequest{AvatarID: gen.Value(f.ID)})
		t.ok(err)
		equal(t, "avatarId", *me.AvatarID, f.ID)
		me, err = u.IUpdate(t.Context(), gen.IUpdateRequest{AvatarID: gen.Null[string]()})
		t.ok(err)
		equal(t, "avatarId", me.AvatarID, nil)
		if !strings.Contains(me.AvatarURL, "/identicon/") {
			t.Errorf("the avatar is at %v", me.AvatarURL)
		}
	}},
	{"users/show by id and by name, in any case", func(t *T) {
		u, v := t.user(), t.user()
		for _, req := range []gen.UsersShowRequest{
			{UserID: &u.id}, {Username: &u.username}, {Username: new(strings.ToUpper(u.username))},
		} {
			res, err := v.UsersShow(t.Context(), req)
			t.ok(err)
			equal(t, "id", res.ID, u.id)
		}
	}},
	{"users/show of several skips who is not there and keeps the order", func(t *T) {
		u, v := t.user(), t.user()
		all, err := u.UsersShowMany(t.Context(), gen.UsersShowManyRequest{UserIDs: []string{v.id, "0", u.id}})
		t.ok(err)
		if len(all) != 2 || all[0].ID != v.id || all[1].ID != u.id {
			t.Errorf("%d accounts", len(all))
		}
		all, err = u.UsersShowMany(t.Context(), gen.UsersShowManyRequest{UserIDs: []string{}})
		t.ok(err)
		equal(t, "accounts", len(all), 0)
	}},
	{"users/show of nobody", func(t *T) {
		u := t.user()
		_, err := u.UsersShow(t.Context(), gen.UsersShowRequest{UserID: new("0")})
		t.refused(err, gen.ErrIDUsersShowNoSuchUser, 404)
		_, err = u.UsersShow(t.Context(), gen.UsersShowRequest{Username: new("nobody_at_all")})
		t.refused(err, gen.ErrNoSuchUser, 404)
	}},
	{"an account sees more of itself than others do", func(t *T) {
		u, v := t.user(), t.user()
		own, other := t.raw(u, "users/show", gen.UsersShowRequest{UserID: &u.id}), t.raw(v, "users/show", gen.UsersShowRequest{UserID: &u.id})
		for _, name := range []string{"policies", "mutedWords", "unreadNotificationsCount"} {
			if own[name] == nil || other[name] != nil {
				t.Errorf("%s: own %v, other's %v", name, own[name], other[name])
			}
		}
		if other["isFollowing"] != false || own["isFollowing"] != nil {
			t.Errorf("isFollowing: own %v, other's %v", own["isFollowing"], other["isFollowing"])
		}
	}},
	{"MiAuth gives the token once", func(t *T) {
		u := t.user()
		session := "contract-" + u.username
		check := func() *gen.MiAuthCheckResponse {
			res, err := t.root.MiAuthCheck(t.Context(), session)
			t.ok(err)
			return res
		}
		equal(t, "before", check().OK, false)
		made, err := u.MiAuthGenToken(t.Context(), gen.MiAuthGenTokenRequest{Session: &session, Permission: []string{"read:account"}})
		t.ok(err)
		first := check()
		equal(t, "then", first.OK, true)
		equal(t, "token", *first.Token, made.Token)
		equal(t, "user", first.User.ID, u.id)
		becomes(t, "after", false, func() bool { return check().OK })
		me, err := u.As(made.Token).I(t.Context())
		t.ok(err)
		equal(t, "who", me.ID, u.id)
	}},
	{"keys of a second factor that there are not", func(t *T) {
		u := t.user()
		key := map[string]any{"credentialId": "0", "name": "key", "password": "contract"}
		_, err := misskey.Call[json.RawMessage](t.Context(), u.Client, "i/2fa/update-key", key)
		t.refused(err, gen.ErrNoSuchKey, 400)
		data, err := misskey.Call[json.RawMessage](t.Context(), u.Client, "i/2fa/remove-key", key)
		t.ok(err)
		equal(t, "response", string(data), "{}")
		key["password"] = "wrong"
		_, err = misskey.Call[json.RawMessage](t.Context(), u.Client, "i/2fa/remove-key", key)
		t.refused(err, gen.ErrIncorrectPassword, 400)
	}},
	{"a revoked token is none", func(t *T) {
		u := t.user()
		token := t.app(u, gen.PermissionReadAccount)
		_, err := u.As(token).I(t.Context())
		t.ok(err)
		t.ok(u.IRevokeToken(t.Context(), gen.IRevokeTokenRequest{Token: &token}))
		t.becomesRefused("the token", gen.ErrAuthenticationFailed, 401, func() error {
			_, err := u.As(token).I(t.Context())
			return err
		})
	}},
}

// app returns a token of an app.
func (t *T) app(u user, permissions ...gen.Permission) string {
	t.Helper()
	req := gen.MiAuthGenTokenRequest{Name: new("contract"), Permission: []string{}}
	for _, p := range permissions {
		req.Permission = append(req.Permission, string(p))
	}
	res, err := u.MiAuthGenToken(t.Context(), req)
	t.ok(err)
	return res.Token
}
