package contract

import (
	"encoding/json"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// isHidden reports a note that is not shown without what it says.
func (t *T) isHidden(what string, n map[string]any) {
	t.Helper()
	if _, ok := n["visibleUserIds"]; n["isHidden"] != true || n["text"] != nil || n["cw"] != nil || n["poll"] != nil || ok {
		t.Errorf("%s is not hidden: isHidden %v, text %v, cw %v, poll %v, visibleUserIds %v",
			what, n["isHidden"], n["text"], n["cw"], n["poll"], n["visibleUserIds"])
	}
}

var hiddenCases = []testCase{
	{"a note that is for others is shown without what it says", func(t *T) {
		u, v := t.user(), t.user()
		for _, visibility := range []gen.NoteVisibility{gen.NoteVisibilitySpecified, gen.NoteVisibilityFollowers} {
			n := t.note(u, gen.NotesCreateRequest{
				Text: new("psst"), CW: new("secret"), Visibility: &visibility,
				Poll: &gen.PollInput{Choices: []string{"yes", "no"}},
			})
			shown := t.raw(v, "notes/show", gen.NotesShowRequest{NoteID: n.ID})
			t.isHidden(string(visibility), shown)
			equal(t, "poll", shown["hasPoll"] == true, true)
			for _, endpoint := range []string{"notes/reactions", "notes/renotes", "notes/conversation", "notes/clips"} {
				_, err := misskey.Call[json.RawMessage](t.Context(), v.Client, endpoint, map[string]any{"noteId": n.ID})
				t.ok(err)
			}
			t.ok(v.NotesFavoritesCreate(t.Context(), gen.NotesFavoritesCreateRequest{NoteID: n.ID}))
			t.ok(v.NotesPollsVote(t.Context(), gen.NotesPollsVoteRequest{NoteID: n.ID}))
			t.ok(v.NotesThreadMutingCreate(t.Context(), gen.NotesThreadMutingCreateRequest{NoteID: n.ID}))
			some, err := v.NotesShowPartialBulk(t.Context(), gen.NotesShowPartialBulkRequest{NoteIDs: []string{n.ID}})
			t.ok(err)
			equal(t, "notes in bulk", len(some), 1)
			_, err = v.NotesTranslate(t.Context(), gen.NotesTranslateRequest{NoteID: n.ID, TargetLang: "en"})
			t.refused(err, gen.ErrCannotTranslateInvisibleNote, 400)
		}
	}},
	{"a direct message is not for those whom it mentions", func(t *T) {
		u, v := t.user(), t.user()
		n := t.note(u, gen.NotesCreateRequest{Text: new("@" + v.username + " psst"), Visibility: new(gen.NoteVisibilitySpecified)})
		equal(t, "who may see it", len(n.VisibleUserIDs), 0)
		t.eventually("a notification", func() bool { return len(t.kinds(v)) == 1 })
		all, err := misskey.Call[[]map[string]any](t.Context(), v.Client, "i/notifications", map[string]any{"includeTypes": []string{"mention"}})
		t.ok(err)
		equal(t, "notifications", len(all), 1)
		about, _ := all[0]["note"].(map[string]any)
		t.isHidden("the note", about)
		_, err = v.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("what?"), ReplyID: &n.ID, Visibility: new(gen.NoteVisibilitySpecified)})
		t.refused(err, gen.ErrCannotReplyToAnInvisibleNote, 400)
	}},
	{"a direct message is for the author of what it replies to, also oneself", func(t *T) {
		u, v := t.user(), t.user()
		n := t.note(u, gen.NotesCreateRequest{Text: new("psst"), Visibility: new(gen.NoteVisibilitySpecified), VisibleUserIDs: []string{v.id}})
		reply := func(by user) string {
			t.Helper()
			n := t.note(by, gen.NotesCreateRequest{Text: new("yes?"), ReplyID: &n.ID, Visibility: new(gen.NoteVisibilitySpecified)})
			if len(n.VisibleUserIDs) != 1 {
				t.Fatalf("it is for %d accounts", len(n.VisibleUserIDs))
			}
			return n.VisibleUserIDs[0]
		}
		equal(t, "the other's answer is for", reply(v), u.id)
		equal(t, "one's own answer is for", reply(u), u.id)
	}},
	{"old notes are hidden, or for followers, where their author wants that", func(t *T) {
		u, v := t.user(), t.user()
		n := t.text(u, "once upon a time")
		later := time.Now().Add(time.Hour).Unix()
		set := func(name string, to any) {
			t.Helper()
			_, err := misskey.Call[json.RawMessage](t.Context(), u.Client, "i/update", map[string]any{name: to})
			t.ok(err)
		}
		shown := func(by user) map[string]any { return t.raw(by, "notes/show", gen.NotesShowRequest{NoteID: n.ID}) }
		set("makeNotesHiddenBefore", later)
		t.eventually("it is hidden", func() bool { return shown(v)["isHidden"] == true })
		t.isHidden("the note", shown(v))
		equal(t, "visibility", shown(v)["visibility"] == "public", true)
		equal(t, "the author's view", shown(u)["text"] == "once upon a time", true)
		set("makeNotesHiddenBefore", nil)
		set("makeNotesFollowersOnlyBefore", later)
		t.eventually("it is for followers", func() bool { return shown(v)["visibility"] == "followers" })
		t.isHidden("the note", shown(v))
		t.ok(failure(v.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: u.id})))
		t.eventually("a follower's view", func() bool { return shown(v)["text"] == "once upon a time" })
		set("makeNotesFollowersOnlyBefore", -3600)
		t.eventually("it is not old enough", func() bool { return shown(v)["visibility"] == "public" })
	}},
}
