package misskeytest_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

func TestAccountsOfOtherServers(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	alice, bob := srv.Client("alice"), srv.Client("bob@remote.example")
	id := srv.AddUser(misskeytest.User{Username: "bob", Host: "other.example", Name: "Another Bob"})
	ctx := t.Context()

	mention := write(t, bob, "hello @alice@"+hostOf(srv))
	if !slices.Equal(mention.Mentions, []string{srv.UserID("alice")}) {
		t.Errorf("it mentions %q", mention.Mentions)
	}
	n, err := alice.NotesShow(ctx, gen.NotesShowRequest{NoteID: mention.ID})
	if err != nil {
		t.Fatal(err)
	}
	if n.User.Host == nil || *n.User.Host != "remote.example" || n.URI == nil || *n.URI != "https://remote.example/notes/"+n.ID {
		t.Errorf("host %v, uri %v", n.User.Host, n.URI)
	}
	reply, err := alice.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("@bob@remote.example hi, and @bob@other.example"), ReplyID: &n.ID})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{srv.UserID("bob@remote.example"), id}; !slices.Equal(reply.CreatedNote.Mentions, want) {
		t.Errorf("it mentions %q, want %q", reply.CreatedNote.Mentions, want)
	}

	shown, err := alice.UsersShow(ctx, gen.UsersShowRequest{Username: new("bob"), Host: new("other.example")})
	if err != nil {
		t.Fatal(err)
	}
	if shown.ID != id || *shown.Name != "Another Bob" || shown.URL == nil || *shown.URL != "https://other.example/@bob" {
		t.Errorf("%+v", shown)
	}
	if _, err := alice.UsersShow(ctx, gen.UsersShowRequest{Username: new("bob")}); !errors.Is(err, gen.ErrNoSuchUser) {
		t.Errorf("there is a bob here: %v", err)
	}
	if _, err := alice.UsersShow(ctx, gen.UsersShowRequest{Username: new("bob"), Host: new("nowhere.example")}); !errors.Is(err, gen.ErrFailedToResolveRemoteUser) {
		t.Error(err)
	}

	ids := func(notes []gen.Note, err error) []string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, n := range notes {
			ids = append(ids, n.ID)
		}
		return ids
	}
	if local := ids(alice.NotesLocalTimeline(ctx, gen.NotesLocalTimelineRequest{WithReplies: new(true)})); slices.Contains(local, n.ID) {
		t.Error("a note of another server is local")
	}
	if global := ids(alice.NotesGlobalTimeline(ctx, gen.NotesGlobalTimelineRequest{})); !slices.Contains(global, n.ID) {
		t.Error("a note of another server is not global")
	}
	if _, err := bob.FollowingCreate(ctx, gen.FollowingCreateRequest{UserID: srv.UserID("alice")}); err != nil {
		t.Fatal(err)
	}
	followers, err := alice.UsersFollowers(ctx, gen.UsersFollowersRequest{UserID: new(srv.UserID("alice"))})
	if err != nil || len(followers) != 1 || *followers[0].Follower.Host != "remote.example" {
		t.Errorf("%+v, %v", followers, err)
	}
	for origin, want := range map[gen.UserOrigin]int{"local": 0, "remote": 2, "combined": 2} {
		found, err := alice.UsersSearch(ctx, gen.UsersSearchRequest{Query: "bob", Origin: &origin})
		if err != nil || len(found) != want {
			t.Errorf("%s: %d accounts, %v", origin, len(found), err)
		}
	}
}

func TestNamesOfOtherServers(t *testing.T) {
	for _, u := range []misskeytest.User{
		{Username: "bob", Host: "no host"}, {Username: "", Host: "remote.example"}, {Username: "a b", Host: "remote.example"}, {Username: "alice", Host: "REMOTE.example"},
	} {
		tb := &fatalRecorder{recorder: recorder{TB: t}}
		srv := misskeytest.NewServer(tb, misskeytest.Options{})
		srv.Client("alice@remote.example")
		if srv.AddUser(u); len(tb.fatal) == 0 {
			t.Errorf("%+v was added", u)
		}
	}
}
