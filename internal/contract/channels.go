package contract

import (
	"encoding/json"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// channel makes a channel.
func (t *T) channel(u user) *gen.Channel {
	t.Helper()
	ch, err := u.ChannelsCreate(t.Context(), gen.ChannelsCreateRequest{Name: "channel of " + u.username})
	t.ok(err)
	return ch
}

// shows waits until a list of notes is what it should be.
func (t *T) shows(what string, list func() ([]gen.Note, error), want ...*gen.Note) {
	t.Helper()
	becomes(t, what, joined(want...), func() string {
		notes, err := list()
		t.ok(err)
		return ids(notes)
	})
}

var channelCases = []testCase{
	{"a channel is as it was made", func(t *T) {
		u := t.user()
		ch, err := u.ChannelsCreate(t.Context(), gen.ChannelsCreateRequest{Name: "tea", Description: new("leaves"), Color: new("#00ff00"), IsSensitive: new(true)})
		t.ok(err)
		equal(t, "name", ch.Name, "tea")
		equal(t, "description", *ch.Description, "leaves")
		equal(t, "color", ch.Color, "#00ff00")
		equal(t, "sensitive", ch.IsSensitive, true)
		equal(t, "owner", *ch.UserID, u.id)
		equal(t, "last note", ch.LastNotedAt, nil)
		shown, err := t.guest().ChannelsShow(t.Context(), gen.ChannelsShowRequest{ChannelID: ch.ID})
		t.ok(err)
		equal(t, "shown", shown.ID, ch.ID)
		owned, err := u.ChannelsOwned(t.Context(), gen.ChannelsOwnedRequest{})
		t.ok(err)
		equal(t, "owned", len(owned), 1)
	}},
	{"a channel is changed by its owner", func(t *T) {
		u, v := t.user(), t.user()
		ch := t.channel(u)
		_, err := v.ChannelsUpdate(t.Context(), gen.ChannelsUpdateRequest{ChannelID: ch.ID, Name: new("mine")})
		t.refused(err, gen.ErrIDChannelsUpdateAccessDenied, 400)
		ch, err = u.ChannelsUpdate(t.Context(), gen.ChannelsUpdateRequest{ChannelID: ch.ID, Name: new("other"), Description: gen.Value("words")})
		t.ok(err)
		equal(t, "name", ch.Name, "other")
		ch, err = u.ChannelsUpdate(t.Context(), gen.ChannelsUpdateRequest{ChannelID: ch.ID, Description: gen.Null[string]()})
		t.ok(err)
		equal(t, "name", ch.Name, "other")
		equal(t, "description", ch.Description, nil)
	}},
	{"notes in a channel are there and nowhere else", func(t *T) {
		u, v := t.user(), t.user()
		_, err := v.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: u.id})
		t.ok(err)
		ch := t.channel(u)
		n := t.note(u, gen.NotesCreateRequest{Text: new("inside"), ChannelID: &ch.ID})
		equal(t, "channel", *n.ChannelID, ch.ID)
		equal(t, "its name", n.Channel.Name, ch.Name)
		equal(t, "local only", n.LocalOnly, true)
		after := t.text(u, "outside")
		t.shows("the channel", func() ([]gen.Note, error) {
			return v.ChannelsTimeline(t.Context(), gen.ChannelsTimelineRequest{ChannelID: ch.ID})
		}, n)
		t.shows("home", func() ([]gen.Note, error) {
			return v.NotesTimeline(t.Context(), gen.NotesTimelineRequest{SinceID: &n.ID})
		}, after)
		t.shows("the notes of the author", func() ([]gen.Note, error) {
			return v.UsersNotes(t.Context(), gen.UsersNotesRequest{UserID: u.id})
		}, after)
		t.shows("the notes of the author with channels", func() ([]gen.Note, error) {
			return v.UsersNotes(t.Context(), gen.UsersNotesRequest{UserID: u.id, WithChannelNotes: new(true)})
		}, after, n)
		t.eventually("the counts", func() bool {
			ch, err = v.ChannelsShow(t.Context(), gen.ChannelsShowRequest{ChannelID: ch.ID})
			return err == nil && ch.NotesCount == 1 && ch.UsersCount == 1 && ch.LastNotedAt != nil
		})
	}},
	{"notes of a channel that is followed are at home", func(t *T) {
		u, v := t.user(), t.user()
		ch := t.channel(u)
		t.ok(v.ChannelsFollow(t.Context(), gen.ChannelsFollowRequest{ChannelID: ch.ID}))
		n := t.note(u, gen.NotesCreateRequest{Text: new("inside"), ChannelID: &ch.ID})
		home := func() ([]gen.Note, error) { return v.NotesTimeline(t.Context(), gen.NotesTimelineRequest{}) }
		t.shows("home", home, n)
		followed, err := v.ChannelsFollowed(t.Context(), gen.ChannelsFollowedRequest{})
		t.ok(err)
		if len(followed) != 1 || followed[0].ID != ch.ID || !*followed[0].IsFollowing {
			t.Errorf("%d channels are followed", len(followed))
		}
		t.ok(v.ChannelsUnfollow(t.Context(), gen.ChannelsUnfollowRequest{ChannelID: ch.ID}))
		followed, err = v.ChannelsFollowed(t.Context(), gen.ChannelsFollowedRequest{})
		t.ok(err)
		equal(t, "followed", len(followed), 0)
	}},
	{"channels are kept as favorites", func(t *T) {
		u := t.user()
		ch := t.channel(u)
		t.ok(u.ChannelsFavorite(t.Context(), gen.ChannelsFavoriteRequest{ChannelID: ch.ID}))
		kept, err := u.ChannelsMyFavorites(t.Context())
		t.ok(err)
		equal(t, "favorites", len(kept), 1)
		t.ok(u.ChannelsUnfavorite(t.Context(), gen.ChannelsUnfavoriteRequest{ChannelID: ch.ID}))
		kept, err = u.ChannelsMyFavorites(t.Context())
		t.ok(err)
		equal(t, "favorites", len(kept), 0)
	}},
	{"channels are muted once", func(t *T) {
		u, v := t.user(), t.user()
		ch := t.channel(u)
		mute := gen.ChannelsMuteCreateRequest{ChannelID: ch.ID}
		t.ok(v.ChannelsMuteCreate(t.Context(), mute))
		muted := func() int {
			t.Helper()
			muted, err := v.ChannelsMuteList(t.Context())
			t.ok(err)
			for _, ch := range muted {
				equal(t, "muted", *ch.IsMuting, true)
			}
			return len(muted)
		}
		becomes(t, "muted channels", 1, muted)
		t.refused(v.ChannelsMuteCreate(t.Context(), mute), gen.ErrAlreadyMutingChannel, 400)
		t.ok(v.ChannelsMuteDelete(t.Context(), gen.ChannelsMuteDeleteRequest{ChannelID: ch.ID}))
		becomes(t, "muted channels", 0, muted)
		t.refused(v.ChannelsMuteDelete(t.Context(), gen.ChannelsMuteDeleteRequest{ChannelID: ch.ID}), gen.ErrNotMutingChannel, 400)
	}},
	{"a channel is followed once", func(t *T) {
		u := t.user()
		ch := t.channel(u)
		t.ok(u.ChannelsFollow(t.Context(), gen.ChannelsFollowRequest{ChannelID: ch.ID}))
		again := u.ChannelsFollow(t.Context(), gen.ChannelsFollowRequest{ChannelID: ch.ID})
		if t.since("2026.7.0") {
			t.refused(again, gen.ErrAlreadyFollowing, 400)
		} else {
			t.refused(again, gen.ErrInternalError, 500)
		}
		for range 2 {
			t.ok(u.ChannelsUnfollow(t.Context(), gen.ChannelsUnfollowRequest{ChannelID: ch.ID}))
		}
	}},
	{"an update of a channel has to change something, and taking the banner away is nothing", func(t *T) {
		u := t.user()
		ch := t.channel(u)
		for _, params := range []map[string]any{{}, {"bannerId": nil}} {
			params["channelId"] = ch.ID
			_, err := misskey.Call[json.RawMessage](t.Context(), u.Client, "channels/update", params)
			t.refused(err, gen.ErrInternalError, 500)
		}
	}},
	{"a role may forbid to make channels", func(t *T) {
		t.need("2026.7.0")
		u := t.user()
		t.assign(u, t.roleWith("readers of "+u.username, map[string]any{"policies": map[string]any{"canCreateChannel": policy(false)}}))
		t.becomesRefused("making a channel", gen.ErrorID("7f86f06f-7e15-4057-8561-f4b6d4ac755a"), 403, func() error {
			_, err := u.ChannelsCreate(t.Context(), gen.ChannelsCreateRequest{Name: "mine"})
			return err
		})
	}},
	{"channels are found by their names", func(t *T) {
		u := t.user()
		ch := t.channel(u)
		found, err := t.guest().ChannelsSearch(t.Context(), gen.ChannelsSearchRequest{Query: u.username})
		t.ok(err)
		if len(found) != 1 || found[0].ID != ch.ID {
			t.Errorf("%d channels", len(found))
		}
	}},
	{"nobody posts to a channel that is archived, or renotes out of one that is closed", func(t *T) {
		u, v := t.user(), t.user()
		ch := t.channel(u)
		n := t.note(u, gen.NotesCreateRequest{Text: new("inside"), ChannelID: &ch.ID})
		_, err := u.ChannelsUpdate(t.Context(), gen.ChannelsUpdateRequest{ChannelID: ch.ID, AllowRenoteToExternal: new(false)})
		t.ok(err)
		_, err = v.NotesCreate(t.Context(), gen.NotesCreateRequest{RenoteID: &n.ID})
		t.refused(err, gen.ErrCannotRenoteOutsideOfChannel, 400)
		_, err = u.ChannelsUpdate(t.Context(), gen.ChannelsUpdateRequest{ChannelID: ch.ID, IsArchived: new(true)})
		t.ok(err)
		_, err = u.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("late"), ChannelID: &ch.ID})
		t.refused(err, gen.ErrIDNotesCreateNoSuchChannel, 400)
	}},
}
