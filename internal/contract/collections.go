package contract

import (
	"slices"
	"strings"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

var collectionCases = []testCase{
	{"a list and its timeline", func(t *T) {
		u, v, w := t.user(), t.user(), t.user()
		l, err := u.UsersListsCreate(t.Context(), gen.UsersListsCreateRequest{Name: "friends"})
		t.ok(err)
		push := gen.UsersListsPushRequest{ListID: l.ID, UserID: v.id}
		t.ok(u.UsersListsPush(t.Context(), push))
		t.refused(u.UsersListsPush(t.Context(), push), gen.ErrAlreadyAdded, 400)
		n := t.text(v, "on the list")
		t.text(w, "not on it")
		t.eventually("timeline", func() bool {
			notes, err := u.NotesUserListTimeline(t.Context(), gen.NotesUserListTimelineRequest{ListID: l.ID})
			t.ok(err)
			return ids(notes) == n.ID
		})
		members, err := u.UsersListsGetMemberships(t.Context(), gen.UsersListsGetMembershipsRequest{ListID: l.ID})
		t.ok(err)
		equal(t, "members", len(members), 1)
		equal(t, "member", members[0].UserID, v.id)
		t.ok(u.UsersListsPull(t.Context(), gen.UsersListsPullRequest{ListID: l.ID, UserID: v.id}))
		shown, err := u.UsersListsShow(t.Context(), gen.UsersListsShowRequest{ListID: l.ID})
		t.ok(err)
		equal(t, "members", len(shown.UserIDs), 0)
	}},
	{"lists are renamed, shown and deleted", func(t *T) {
		u, v := t.user(), t.user()
		l, err := u.UsersListsCreate(t.Context(), gen.UsersListsCreateRequest{Name: "a"})
		t.ok(err)
		_, err = v.UsersListsShow(t.Context(), gen.UsersListsShowRequest{ListID: l.ID})
		t.refused(err, gen.ErrIDUsersListsGetMembershipsNoSuchList, 400)
		l, err = u.UsersListsUpdate(t.Context(), gen.UsersListsUpdateRequest{ListID: l.ID, Name: new("b"), IsPublic: new(true)})
		t.ok(err)
		equal(t, "name", l.Name, "b")
		shown, err := v.UsersListsShow(t.Context(), gen.UsersListsShowRequest{ListID: l.ID, ForPublic: new(true)})
		t.ok(err)
		equal(t, "likes", *shown.LikedCount, 0)
		lists, err := v.UsersListsList(t.Context(), gen.UsersListsListRequest{UserID: &u.id})
		t.ok(err)
		equal(t, "lists", len(lists), 1)
		t.ok(u.UsersListsDelete(t.Context(), gen.UsersListsDeleteRequest{ListID: l.ID}))
		t.refused(u.UsersListsDelete(t.Context(), gen.UsersListsDeleteRequest{ListID: l.ID}), gen.ErrNoSuchList, 400)
	}},
	{"lists that there are not", func(t *T) {
		u := t.user()
		_, err := u.NotesUserListTimeline(t.Context(), gen.NotesUserListTimelineRequest{ListID: "0"})
		t.refused(err, gen.ErrIDNotesUserListTimelineNoSuchList, 400)
		t.refused(u.UsersListsPush(t.Context(), gen.UsersListsPushRequest{ListID: "0", UserID: u.id}), gen.ErrIDUsersListsPushNoSuchList, 400)
		_, err = t.guest().UsersListsList(t.Context(), gen.UsersListsListRequest{})
		t.refused(err, gen.ErrorID("ab36de0e-29e9-48cb-9732-d82f1281620d"), 400)
	}},
	{"the registry keeps values", func(t *T) {
		u := t.user()
		scope := []string{"contract", "a"}
		t.ok(u.IRegistrySet(t.Context(), gen.IRegistrySetRequest{Scope: scope, Key: "k", Value: map[string]any{"x": 1}}))
		t.ok(u.IRegistrySet(t.Context(), gen.IRegistrySetRequest{Scope: scope, Key: "n", Value: 2}))
		t.ok(u.IRegistrySet(t.Context(), gen.IRegistrySetRequest{Scope: scope, Key: "n", Value: 3}))
		v, err := u.IRegistryGet(t.Context(), gen.IRegistryGetRequest{Scope: scope, Key: "n"})
		t.ok(err)
		equal(t, "value", string(v), "3")
		keys, err := u.IRegistryKeys(t.Context(), gen.IRegistryKeysRequest{Scope: scope})
		t.ok(err)
		slices.Sort(keys)
		equal(t, "keys", strings.Join(keys, " "), "k n")
		kinds, err := u.IRegistryKeysWithType(t.Context(), gen.IRegistryKeysWithTypeRequest{Scope: scope})
		t.ok(err)
		equal(t, "kinds", kinds["k"]+" "+kinds["n"], "object number")
		all, err := u.IRegistryGetAll(t.Context(), gen.IRegistryGetAllRequest{Scope: scope})
		t.ok(err)
		equal(t, "all", len(all), 2)
		t.ok(u.IRegistryRemove(t.Context(), gen.IRegistryRemoveRequest{Scope: scope, Key: "n"}))
		_, err = u.IRegistryGet(t.Context(), gen.IRegistryGetRequest{Scope: scope, Key: "n"})
		t.refused(err, gen.ErrIDIRegistryGetNoSuchKey, 400)
		t.ok(u.IRegistryRemove(t.Context(), gen.IRegistryRemoveRequest{Scope: scope, Key: "n"}))
	}},
	{"null in the registry is a value without a response", func(t *T) {
		u := t.user()
		t.ok(u.IRegistrySet(t.Context(), gen.IRegistrySetRequest{Scope: []string{"contract"}, Key: "none"}))
		v, err := u.IRegistryGet(t.Context(), gen.IRegistryGetRequest{Scope: []string{"contract"}, Key: "none"})
		t.ok(err)
		equal(t, "length", len(v), 0)
	}},
	{"an app has a registry of its own", func(t *T) {
		u := t.user()
		t.ok(u.IRegistrySet(t.Context(), gen.IRegistrySetRequest{Key: "k", Value: 1}))
		app := u.As(t.app(u, gen.PermissionReadAccount, gen.PermissionWriteAccount))
		_, err := app.IRegistryGet(t.Context(), gen.IRegistryGetRequest{Key: "k"})
		t.refused(err, gen.ErrNoSuchKey, 400)
		t.ok(app.IRegistrySet(t.Context(), gen.IRegistrySetRequest{Key: "k", Value: 2}))
		v, err := u.IRegistryGet(t.Context(), gen.IRegistryGetRequest{Key: "k"})
		t.ok(err)
		equal(t, "value", string(v), "1")
		scopes, err := misskey.Call[[]struct{ Domain *string }](t.Context(), u.Client, "i/registry/scopes-with-domain", nil)
		t.ok(err)
		equal(t, "domains", len(scopes), 2)
	}},
	{"notes are pinned, the last one first", func(t *T) {
		u := t.user()
		a, b := t.text(u, "a"), t.text(u, "b")
		_, err := u.IPin(t.Context(), gen.IPinRequest{NoteID: a.ID})
		t.ok(err)
		me, err := u.IPin(t.Context(), gen.IPinRequest{NoteID: b.ID})
		t.ok(err)
		equal(t, "pinned", strings.Join(me.PinnedNoteIDs, " "), joined(b, a))
		equal(t, "notes", ids(me.PinnedNotes), joined(b, a))
		_, err = u.IPin(t.Context(), gen.IPinRequest{NoteID: a.ID})
		t.refused(err, gen.ErrAlreadyPinned, 400)
		_, err = u.IPin(t.Context(), gen.IPinRequest{NoteID: "0"})
		t.refused(err, gen.ErrIDIPinNoSuchNote, 400)
		_, err = u.IUnpin(t.Context(), gen.IUnpinRequest{NoteID: b.ID})
		t.ok(err)
		becomes(t, "pinned", a.ID, func() string {
			me, err := u.I(t.Context())
			t.ok(err)
			return strings.Join(me.PinnedNoteIDs, " ")
		})
	}},
	{"notes by tags", func(t *T) {
		u := t.user()
		tag := "t" + u.username
		a, b := t.text(u, "#"+tag+" #other"), t.text(u, "#"+strings.ToUpper(tag))
		notes, err := u.NotesSearchByTag(t.Context(), gen.NotesSearchByTagRequest{Tag: &tag})
		t.ok(err)
		equal(t, "one tag", ids(notes), joined(b, a))
		notes, err = u.NotesSearchByTag(t.Context(), gen.NotesSearchByTagRequest{Query: [][]string{{tag, "other"}}})
		t.ok(err)
		equal(t, "both tags", ids(notes), a.ID)
	}},
	{"names that are taken", func(t *T) {
		u := t.user()
		res, err := t.guest().UsernameAvailable(t.Context(), gen.UsernameAvailableRequest{Username: u.username})
		t.ok(err)
		equal(t, "taken", res.Available, false)
		res, err = t.guest().UsernameAvailable(t.Context(), gen.UsernameAvailableRequest{Username: "x" + u.username[1:]})
		t.ok(err)
		equal(t, "free", res.Available, true)
		res, err = t.guest().UsernameAvailable(t.Context(), gen.UsernameAvailableRequest{Username: "admin"})
		t.ok(err)
		equal(t, "reserved", res.Available, false)
	}},
}
