package misskeytest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

// A file from elsewhere is in the drive when the stream says so, with the marker
// of the call. A file that cannot be had is not mentioned.
func TestUploadFromURL(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/cat.txt" {
			http.NotFound(w, r)
			return
		}
		w.Write([]byte("a cat"))
	}))
	defer elsewhere.Close()
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	mk := srv.Client("alice")
	w := dial(t, srv, srv.Token("alice"))
	w.connect("main", "m", "{}")
	for _, path := range []string{"/nothing", "/cat.txt"} {
		if err := mk.DriveFilesUploadFromURL(t.Context(), gen.DriveFilesUploadFromURLRequest{URL: elsewhere.URL + path, Marker: new(path)}); err != nil {
			t.Fatal(err)
		}
	}
	w.expect("channel m driveFileCreated")
	done := w.expect("channel m urlUploadFinished").Body.Body.(map[string]any)
	if file := done["file"].(map[string]any); done["marker"] != "/cat.txt" || file["name"] != "cat.txt" || file["size"] != 5.0 {
		t.Errorf("%v", done)
	}
}

// What an account reads of a chat in time is not called new.
func TestChatStream(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	alice, bob := srv.Client("alice"), srv.Client("bob")
	me, err := alice.IUpdate(t.Context(), gen.IUpdateRequest{ChatScope: new(gen.UserChatScopeEveryone)})
	if err != nil {
		t.Fatal(err)
	}
	other, err := bob.I(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w := dial(t, srv, srv.Token("alice"))
	w.connect("main", "m", "{}")
	w.connect("chatUser", "c", `{"otherId":"`+other.ID+`"}`)
	write := func() *gen.ChatMessageLiteFor1on1 {
		t.Helper()
		m, err := bob.ChatMessagesCreateToUser(t.Context(), gen.ChatMessagesCreateToUserRequest{ToUserID: me.ID, Text: new("hello")})
		if err != nil {
			t.Fatal(err)
		}
		w.expect("channel c message")
		return m
	}
	write()
	srv.Advance(3 * time.Second)
	w.expect("channel m newChatMessage")
	w.send(`{"type":"ch","body":{"id":"c","type":"read","body":{}}}`)
	w.connect("localTimeline", "l", "{}") // so that it has been received
	m := write()
	w.send(`{"type":"ch","body":{"id":"c","type":"read","body":{}}}`)
	w.connect("globalTimeline", "g", "{}")
	srv.Advance(3 * time.Second)
	if err := alice.ChatMessagesReact(t.Context(), gen.ChatMessagesReactRequest{MessageID: m.ID, Reaction: "👍"}); err != nil {
		t.Fatal(err)
	}
	w.expect("channel c react")
	if err := bob.ChatMessagesDelete(t.Context(), gen.ChatMessagesDeleteRequest{MessageID: m.ID}); err != nil {
		t.Fatal(err)
	}
	w.expect("channel c deleted")
}

// Channels of the stream about antennas, channels and roles show what is new
// there.
func TestStreamCollections(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	alice, bob := srv.Client("alice"), srv.Client("bob")
	antenna, err := alice.AntennasCreate(t.Context(), gen.AntennasCreateRequest{
		Name: "a", Src: gen.AntennaSrcAll, Keywords: [][]string{{"needle"}}, ExcludeKeywords: [][]string{}, Users: []string{},
	})
	if err != nil {
		t.Fatal(err)
	}
	channel, err := alice.ChannelsCreate(t.Context(), gen.ChannelsCreateRequest{Name: "c"})
	if err != nil {
		t.Fatal(err)
	}
	w := dial(t, srv, srv.Token("alice"))
	w.connect("antenna", "a", `{"antennaId":"`+antenna.ID+`"}`)
	w.connect("channel", "c", `{"channelId":"`+channel.ID+`"}`)
	w.connect("globalTimeline", "g", `{}`)
	post(t, bob, gen.NotesCreateRequest{Text: new("a needle")})
	w.expect("channel g note")
	w.expect("channel a note")
	post(t, bob, gen.NotesCreateRequest{Text: new("hay"), ChannelID: &channel.ID})
	w.expect("channel c note")
	srv.AddEmoji("cat")
	w.expect("emojiAdded")
}
