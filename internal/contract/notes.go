package contract

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// gone waits until a note has been deleted.
func (t *T) gone(u user, n *gen.Note) {
	t.Helper()
	t.becomesRefused("showing the note", gen.ErrNoSuchNote, 400, func() error {
		_, err := u.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: n.ID})
		return err
	})
}

var noteCases = []testCase{
	{"a note is as it was posted", func(t *T) {
		u := t.user()
		n := t.note(u, gen.NotesCreateRequest{Text: new(" words #Tag "), CW: new("careful"), Visibility: new(gen.NoteVisibilityHome)})
		equal(t, "text", *n.Text, "words #Tag")
		equal(t, "cw", *n.CW, "careful")
		equal(t, "visibility", n.Visibility, gen.NoteVisibilityHome)
		equal(t, "user", n.User.ID, u.id)
		equal(t, "tags", len(n.Tags), 1)
		again, err := u.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: n.ID})
		t.ok(err)
		equal(t, "id", again.ID, n.ID)
		equal(t, "time", again.CreatedAt, n.CreatedAt)
	}},
	{"a note that is deleted is gone", func(t *T) {
		u := t.user()
		n := t.text(u, "soon gone")
		t.ok(u.NotesDelete(t.Context(), gen.NotesDeleteRequest{NoteID: n.ID}))
		_, err := u.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: n.ID})
		t.refused(err, gen.ErrIDNotesShowNoSuchNote, 400)
		t.refused(u.NotesDelete(t.Context(), gen.NotesDeleteRequest{NoteID: n.ID}), gen.ErrNoSuchNote, 400)
	}},
	{"nobody deletes the notes of others", func(t *T) {
		u, v := t.user(), t.user()
		n := t.text(u, "mine")
		t.refused(v.NotesDelete(t.Context(), gen.NotesDeleteRequest{NoteID: n.ID}), gen.ErrAccessDenied, 400)
	}},
	{"a reply has what it replies to", func(t *T) {
		u, v := t.user(), t.user()
		n := t.text(u, "question")
		r := t.note(v, gen.NotesCreateRequest{Text: new("answer"), ReplyID: &n.ID})
		equal(t, "replyId", *r.ReplyID, n.ID)
		equal(t, "reply", *r.Reply.Text, "question")
		t.eventually("the count of replies", func() bool {
			n, err := v.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: n.ID})
			return err == nil && n.RepliesCount == 1
		})
		children, err := v.NotesChildren(t.Context(), gen.NotesChildrenRequest{NoteID: n.ID})
		t.ok(err)
		equal(t, "children", ids(children), r.ID)
	}},
	{"what is gone cannot be answered", func(t *T) {
		u, v := t.user(), t.user()
		n := t.text(u, "question")
		t.ok(u.NotesDelete(t.Context(), gen.NotesDeleteRequest{NoteID: n.ID}))
		_, err := v.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("another"), ReplyID: &n.ID})
		t.refused(err, gen.ErrNoSuchReplyTarget, 400)
	}},
	{"a renote is one of a note", func(t *T) {
		u, v := t.user(), t.user()
		n := t.text(u, "look")
		r := t.note(v, gen.NotesCreateRequest{RenoteID: &n.ID})
		equal(t, "text", r.Text, nil)
		equal(t, "renote", *r.Renote.Text, "look")
		_, err := v.NotesCreate(t.Context(), gen.NotesCreateRequest{RenoteID: &r.ID})
		t.refused(err, gen.ErrCannotRenoteToAPureRenote, 400)
		_, err = v.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("x"), ReplyID: &r.ID})
		t.refused(err, gen.ErrCannotReplyToAPureRenote, 400)
	}},
	{"a quote is a renote with words", func(t *T) {
		u, v := t.user(), t.user()
		n := t.text(u, "look")
		q := t.note(v, gen.NotesCreateRequest{RenoteID: &n.ID, Text: new("see")})
		equal(t, "text", *q.Text, "see")
		equal(t, "renote", q.Renote.ID, n.ID)
		r := t.note(u, gen.NotesCreateRequest{RenoteID: &q.ID})
		equal(t, "nested", r.Renote.Renote.ID, n.ID)
	}},
	{"renotes are as visible as what they show", func(t *T) {
		u, v := t.user(), t.user()
		home := t.note(u, gen.NotesCreateRequest{Text: new("h"), Visibility: new(gen.NoteVisibilityHome)})
		equal(t, "home", t.note(v, gen.NotesCreateRequest{RenoteID: &home.ID}).Visibility, gen.NoteVisibilityHome)
		followers := t.note(u, gen.NotesCreateRequest{Text: new("f"), Visibility: new(gen.NoteVisibilityFollowers)})
		equal(t, "followers", t.note(u, gen.NotesCreateRequest{RenoteID: &followers.ID}).Visibility, gen.NoteVisibilityFollowers)
		_, err := v.NotesCreate(t.Context(), gen.NotesCreateRequest{RenoteID: &followers.ID})
		t.refused(err, gen.ErrCannotRenoteDueToVisibility, 400)
	}},
	{"a renote is taken back", func(t *T) {
		u := t.user()
		n := t.text(u, "look")
		r := t.note(u, gen.NotesCreateRequest{RenoteID: &n.ID})
		t.ok(u.NotesUnrenote(t.Context(), gen.NotesUnrenoteRequest{NoteID: n.ID}))
		t.gone(u, r)
	}},
	{"taking renotes back takes quotes back, and counts stay", func(t *T) {
		u, v := t.user(), t.user()
		n := t.text(u, "look")
		quote := t.note(v, gen.NotesCreateRequest{RenoteID: &n.ID, Text: new("my own words")})
		equal(t, "count in the response", quote.Renote.RenoteCount, 0)
		renotes := func() int64 {
			n, err := v.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: n.ID})
			t.ok(err)
			return int64(n.RenoteCount)
		}
		becomes(t, "renotes", 1, renotes)
		t.ok(v.NotesUnrenote(t.Context(), gen.NotesUnrenoteRequest{NoteID: n.ID}))
		t.gone(v, quote)
		equal(t, "renotes afterwards", renotes(), 1)
		me, err := v.I(t.Context())
		t.ok(err)
		equal(t, "notes afterwards", me.NotesCount, 1)
	}},
	{"a reaction of one's own is absent where there is none", func(t *T) {
		u, v := t.user(), t.user()
		n := t.text(u, "nice")
		t.ok(v.NotesReactionsCreate(t.Context(), gen.NotesReactionsCreateRequest{NoteID: n.ID, Reaction: "👍"}))
		t.eventually("the reaction", func() bool { return t.raw(v, "notes/show", gen.NotesShowRequest{NoteID: n.ID})["myReaction"] == "👍" })
		if mine, ok := t.raw(u, "notes/show", gen.NotesShowRequest{NoteID: n.ID})["myReaction"]; ok {
			t.Errorf("the author's reaction is %v", mine)
		}
	}},
	{"there are no reactions to a note that there is not", func(t *T) {
		list, err := t.user().NotesReactions(t.Context(), gen.NotesReactionsRequest{NoteID: "0"})
		t.ok(err)
		equal(t, "reactions", len(list), 0)
	}},
	{"tags in another case are other tags", func(t *T) {
		n := t.text(t.user(), "#Contract #CONTRACT #contract #Contract")
		equal(t, "tags", strings.Join(n.Tags, " "), "contract contract contract")
	}},
	{"a favorite is an achievement of the author", func(t *T) {
		u, v := t.user(), t.user()
		n := t.text(u, "keep")
		t.ok(v.NotesFavoritesCreate(t.Context(), gen.NotesFavoritesCreateRequest{NoteID: n.ID}))
		t.eventually("the achievement", func() bool {
			me, err := u.I(t.Context())
			t.ok(err)
			return len(me.Achievements) == 1 && me.Achievements[0].Name == "myNoteFavorited1"
		})
		t.ok(u.IClaimAchievement(t.Context(), gen.IClaimAchievementRequest{Name: "brainDiver"}))
		t.ok(u.IClaimAchievement(t.Context(), gen.IClaimAchievementRequest{Name: "brainDiver"}))
		becomes(t, "achievements", 2, func() int {
			all, err := v.UsersAchievements(t.Context(), gen.UsersAchievementsRequest{UserID: u.id})
			t.ok(err)
			return len(all)
		})
		becomes(t, "notifications", 2, func() int {
			return len(t.notifications(u, gen.INotificationsRequest{IncludeTypes: []gen.NotificationType{"achievementEarned"}}))
		})
	}},
	{"there is nothing to reply to or to renote", func(t *T) {
		u := t.user()
		_, err := u.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("x"), ReplyID: new("0")})
		t.refused(err, gen.ErrNoSuchReplyTarget, 400)
		_, err = u.NotesCreate(t.Context(), gen.NotesCreateRequest{RenoteID: new("0")})
		t.refused(err, gen.ErrNoSuchRenoteTarget, 400)
		_, err = u.NotesCreate(t.Context(), gen.NotesCreateRequest{FileIDs: []string{"0"}})
		t.refused(err, gen.ErrNoSuchFile, 400)
		_, err = u.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("x"), ChannelID: new("0")})
		t.refused(err, gen.ErrNoSuchChannel, 400)
	}},
	{"specified notes are for those who are named", func(t *T) {
		u, v := t.user(), t.user()
		n := t.note(u, gen.NotesCreateRequest{Text: new("psst"), Visibility: new(gen.NoteVisibilitySpecified), VisibleUserIDs: []string{v.id}})
		_, err := v.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: n.ID})
		t.ok(err)
		_, err = v.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("aloud"), ReplyID: &n.ID})
		t.refused(err, gen.ErrCannotReplyToSpecifiedVisibilityNoteWithExtendedVisibility, 400)
		r := t.note(v, gen.NotesCreateRequest{Text: new("yes?"), ReplyID: &n.ID, Visibility: new(gen.NoteVisibilitySpecified)})
		_, err = u.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: r.ID})
		t.ok(err)
	}},
	{"notes to followers are for followers", func(t *T) {
		u, v := t.user(), t.user()
		_, err := v.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: u.id})
		t.ok(err)
		n := t.note(u, gen.NotesCreateRequest{Text: new("friends"), Visibility: new(gen.NoteVisibilityFollowers)})
		t.eventually("the note", func() bool {
			n, err := v.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: n.ID})
			return err == nil && n.Text != nil && *n.Text == "friends"
		})
	}},
	{"a reply is no more visible than what it replies to", func(t *T) {
		u := t.user()
		for _, tt := range []struct{ to, as, want, before gen.NoteVisibility }{
			{gen.NoteVisibilityPublic, gen.NoteVisibilityPublic, gen.NoteVisibilityPublic, gen.NoteVisibilityPublic},
			{gen.NoteVisibilityHome, gen.NoteVisibilityPublic, gen.NoteVisibilityHome, gen.NoteVisibilityHome},
			{gen.NoteVisibilityFollowers, gen.NoteVisibilityPublic, gen.NoteVisibilityFollowers, gen.NoteVisibilityHome},
			{gen.NoteVisibilityFollowers, gen.NoteVisibilityHome, gen.NoteVisibilityFollowers, gen.NoteVisibilityHome},
			{gen.NoteVisibilityFollowers, gen.NoteVisibilitySpecified, gen.NoteVisibilitySpecified, gen.NoteVisibilitySpecified},
		} {
			to := t.note(u, gen.NotesCreateRequest{Text: new("question"), Visibility: &tt.to})
			reply := t.note(u, gen.NotesCreateRequest{Text: new("answer"), Visibility: &tt.as, ReplyID: &to.ID})
			if !t.since("2026.7.0") {
				tt.want = tt.before
			}
			equal(t, fmt.Sprintf("a reply for %s to one for %s", tt.as, tt.to), reply.Visibility, tt.want)
		}
	}},
	{"a reply of ReplyTo is for those who could see the note", func(t *T) {
		u, v, w, stranger := t.user(), t.user(), t.user(), t.user()
		sees := func(who user, n *gen.Note) bool {
			t.Helper()
			n, err := who.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: n.ID})
			t.ok(err)
			return n.Text != nil
		}
		reply := func(to *gen.Note) *gen.Note {
			t.Helper()
			to, err := v.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: to.ID}) // as v sees it
			t.ok(err)
			req := misskey.ReplyTo(to, v.id)
			req.Text = new("answer")
			return t.note(v, req)
		}
		secret := t.note(u, gen.NotesCreateRequest{
			Text: new("psst"), CW: new("careful"), Visibility: new(gen.NoteVisibilitySpecified), VisibleUserIDs: []string{v.id, w.id}, LocalOnly: new(true),
		})
		r := reply(secret)
		equal(t, "visibility", r.Visibility, gen.NoteVisibilitySpecified)
		equal(t, "warning", *r.CW, "careful")
		equal(t, "local", r.LocalOnly, true)
		for _, tt := range []struct {
			who  string
			user user
			want bool
		}{{"the author", u, true}, {"oneself", v, true}, {"the other recipient", w, true}, {"a stranger", stranger, false}} {
			equal(t, tt.who+" sees it:", sees(tt.user, r), tt.want)
		}
		equal(t, "it mentions oneself:", slices.Contains(r.Mentions, v.id), false)
		to, err := v.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: secret.ID})
		t.ok(err)
		req := misskey.ReplyTo(to, "")
		req.Text = new("answer")
		equal(t, "with me among the recipients it mentions oneself:", slices.Contains(t.note(v, req).Mentions, v.id), true)

		for _, follower := range []user{v, w} {
			_, err := follower.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: u.id})
			t.ok(err)
		}
		friends := t.note(u, gen.NotesCreateRequest{Text: new("friends"), Visibility: new(gen.NoteVisibilityFollowers)})
		t.eventually("the note", func() bool { return sees(v, friends) })
		r = reply(friends)
		equal(t, "visibility", r.Visibility, gen.NoteVisibilityFollowers)
		equal(t, "the author sees it:", sees(u, r), true)
		equal(t, "one who follows the author only sees it:", sees(w, r), false)

		home := t.note(u, gen.NotesCreateRequest{Text: new("quiet"), Visibility: new(gen.NoteVisibilityHome)})
		equal(t, "visibility", reply(home).Visibility, gen.NoteVisibilityHome)
		renote := t.note(w, gen.NotesCreateRequest{RenoteID: &home.ID})
		r = reply(renote)
		equal(t, "a reply to a renote is one to", *r.ReplyID, home.ID)
		equal(t, "visibility", r.Visibility, gen.NoteVisibilityHome)

		channel := t.channel(u)
		r = reply(t.note(u, gen.NotesCreateRequest{Text: new("here"), ChannelID: &channel.ID}))
		equal(t, "channel", gen.Or(r.ChannelID, ""), channel.ID)
		equal(t, "local", r.LocalOnly, true)
	}},
	{"a note with files", func(t *T) {
		u := t.user()
		f := t.upload(u, "a.txt", "content")
		n := t.note(u, gen.NotesCreateRequest{FileIDs: []string{f.ID}})
		equal(t, "text", n.Text, nil)
		equal(t, "files", len(n.Files), 1)
		equal(t, "file", n.Files[0].ID, f.ID)
		equal(t, "owner", *n.Files[0].UserID, u.id)
		notes, err := u.DriveFilesAttachedNotes(t.Context(), gen.DriveFilesAttachedNotesRequest{FileID: f.ID})
		t.ok(err)
		equal(t, "attached", ids(notes), n.ID)
	}},
	{"a poll is voted in once", func(t *T) {
		u, v := t.user(), t.user()
		n := t.note(u, gen.NotesCreateRequest{Text: new("tea?"), Poll: &gen.PollInput{Choices: []string{"yes", "no"}}})
		vote := gen.NotesPollsVoteRequest{NoteID: n.ID, Choice: 1}
		t.ok(v.NotesPollsVote(t.Context(), vote))
		t.refused(v.NotesPollsVote(t.Context(), vote), gen.ErrAlreadyVoted, 400)
		t.refused(v.NotesPollsVote(t.Context(), gen.NotesPollsVoteRequest{NoteID: n.ID, Choice: 0}), gen.ErrAlreadyVoted, 400)
		t.refused(u.NotesPollsVote(t.Context(), gen.NotesPollsVoteRequest{NoteID: n.ID, Choice: 2}), gen.ErrInvalidChoice, 400)
		n, err := v.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: n.ID})
		t.ok(err)
		equal(t, "votes", n.Poll.Choices[1].Votes, 1)
		equal(t, "mine", n.Poll.Choices[1].IsVoted, true)
		equal(t, "not mine", n.Poll.Choices[0].IsVoted, false)
	}},
	{"a poll of several choices", func(t *T) {
		u := t.user()
		n := t.note(u, gen.NotesCreateRequest{Text: new("tea?"), Poll: &gen.PollInput{Choices: []string{"a", "b"}, Multiple: new(true)}})
		t.ok(u.NotesPollsVote(t.Context(), gen.NotesPollsVoteRequest{NoteID: n.ID, Choice: 0}))
		t.ok(u.NotesPollsVote(t.Context(), gen.NotesPollsVoteRequest{NoteID: n.ID, Choice: 1}))
		t.refused(u.NotesPollsVote(t.Context(), gen.NotesPollsVoteRequest{NoteID: n.ID, Choice: 1}), gen.ErrAlreadyVoted, 400)
	}},
	{"polls that cannot be", func(t *T) {
		u := t.user()
		_, err := u.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("x"), Poll: &gen.PollInput{Choices: []string{"a", "b"}, ExpiresAt: new(gen.At(time.Unix(1, 0)))}})
		t.refused(err, gen.ErrCannotCreateAlreadyExpiredPoll, 400)
		n := t.text(u, "none")
		t.refused(u.NotesPollsVote(t.Context(), gen.NotesPollsVoteRequest{NoteID: n.ID}), gen.ErrNoPoll, 400)
	}},
	{"reactions are counted and replaced", func(t *T) {
		u, v := t.user(), t.user()
		n := t.text(u, "nice")
		react := func(r string) error {
			return v.NotesReactionsCreate(t.Context(), gen.NotesReactionsCreateRequest{NoteID: n.ID, Reaction: r})
		}
		t.ok(react("👍"))
		t.refused(react("👍"), gen.ErrAlreadyReacted, 400)
		t.ok(react("🎉"))
		shown, err := v.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: n.ID})
		t.ok(err)
		equal(t, "kinds", len(shown.Reactions), 1)
		equal(t, "count", shown.Reactions["🎉"], 1)
		equal(t, "mine", *shown.MyReaction, "🎉")
		list, err := u.NotesReactions(t.Context(), gen.NotesReactionsRequest{NoteID: n.ID})
		t.ok(err)
		if len(list) != 1 || list[0].Type != "🎉" || list[0].User.ID != v.id {
			t.Errorf("%+v", list)
		}
		t.ok(v.NotesReactionsDelete(t.Context(), gen.NotesReactionsDeleteRequest{NoteID: n.ID}))
		t.refused(v.NotesReactionsDelete(t.Context(), gen.NotesReactionsDeleteRequest{NoteID: n.ID}), gen.ErrNotReacted, 400)
	}},
	{"an unknown reaction is a heart", func(t *T) {
		u := t.user()
		n := t.text(u, "nice")
		t.ok(u.NotesReactionsCreate(t.Context(), gen.NotesReactionsCreateRequest{NoteID: n.ID, Reaction: ":there_is_no_such_emoji:"}))
		n, err := u.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: n.ID})
		t.ok(err)
		equal(t, "hearts", n.Reactions["❤"], 1)
	}},
	{"renotes get no reactions", func(t *T) {
		u := t.user()
		n := t.text(u, "look")
		r := t.note(u, gen.NotesCreateRequest{RenoteID: &n.ID})
		t.refused(u.NotesReactionsCreate(t.Context(), gen.NotesReactionsCreateRequest{NoteID: r.ID, Reaction: "👍"}), gen.ErrCannotReactToRenote, 400)
	}},
	{"favorites", func(t *T) {
		u, v := t.user(), t.user()
		n := t.text(u, "keep")
		t.ok(v.NotesFavoritesCreate(t.Context(), gen.NotesFavoritesCreateRequest{NoteID: n.ID}))
		t.refused(v.NotesFavoritesCreate(t.Context(), gen.NotesFavoritesCreateRequest{NoteID: n.ID}), gen.ErrAlreadyFavorited, 400)
		state, err := v.NotesState(t.Context(), gen.NotesStateRequest{NoteID: n.ID})
		t.ok(err)
		equal(t, "favorited", state.IsFavorited, true)
		list, err := v.IFavorites(t.Context(), gen.IFavoritesRequest{})
		t.ok(err)
		equal(t, "favorites", len(list), 1)
		equal(t, "note", list[0].Note.ID, n.ID)
		t.ok(v.NotesFavoritesDelete(t.Context(), gen.NotesFavoritesDeleteRequest{NoteID: n.ID}))
		t.refused(v.NotesFavoritesDelete(t.Context(), gen.NotesFavoritesDeleteRequest{NoteID: n.ID}), gen.ErrNotFavorited, 400)
	}},
	{"a conversation goes back", func(t *T) {
		u := t.user()
		a := t.text(u, "a")
		b := t.note(u, gen.NotesCreateRequest{Text: new("b"), ReplyID: &a.ID})
		c := t.note(u, gen.NotesCreateRequest{Text: new("c"), ReplyID: &b.ID})
		notes, err := u.NotesConversation(t.Context(), gen.NotesConversationRequest{NoteID: c.ID})
		t.ok(err)
		equal(t, "conversation", ids(notes), joined(b, a))
	}},
	{"notes and accounts are found by their addresses", func(t *T) {
		u, v := t.user(), t.user()
		n := t.text(u, "here")
		type found struct {
			Type   string
			Object struct{ ID string }
		}
		for path, want := range map[string]string{"/notes/" + n.ID: "Note " + n.ID, "/users/" + u.id: "User " + u.id} {
			res, err := call[found](t, v, "ap/show", map[string]any{"uri": t.root.BaseURL() + path})
			t.ok(err)
			equal(t, path, res.Type+" "+res.Object.ID, want)
		}
	}},
	{"hidden from guests", func(t *T) {
		u := t.user()
		_, err := u.IUpdate(t.Context(), gen.IUpdateRequest{RequireSigninToViewContents: new(true)})
		t.ok(err)
		n := t.text(u, "members only")
		_, err = t.guest().NotesShow(t.Context(), gen.NotesShowRequest{NoteID: n.ID})
		t.refused(err, gen.ErrContentRestrictedByUser, 400)
	}},
}
