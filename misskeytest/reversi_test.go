package misskeytest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

// A game that was recorded goes on here as it did there, to its end.
func TestReversi(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	alice, bob := srv.Client("alice"), srv.Client("bob")
	me, err := bob.I(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	host, err := alice.I(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a, b := dial(t, srv, srv.Token("alice")), dial(t, srv, srv.Token("bob"))
	a.connect("reversi", "r", "{}")
	b.connect("reversi", "r", "{}")
	if g, err := alice.ReversiMatch(t.Context(), gen.ReversiMatchRequest{UserID: &me.ID}); err != nil || g != nil {
		t.Fatal(g, err)
	}
	b.expect("channel r invited")
	g, err := bob.ReversiMatch(t.Context(), gen.ReversiMatchRequest{UserID: &host.ID})
	if err != nil || g == nil || g.User1ID != host.ID {
		t.Fatal(g, err)
	}
	a.expect("channel r matched")
	game := fmt.Sprintf(`{"gameId":%q}`, g.ID)
	a.connect("reversiGame", "g", game)
	b.connect("reversiGame", "g", game)
	both := func(event string) frame {
		t.Helper()
		b.expect("channel g " + event)
		return a.expect("channel g " + event)
	}
	send := func(w *wire, kind, body string) {
		t.Helper()
		w.send(fmt.Sprintf(`{"type":"ch","body":{"id":"g","type":%q,"body":%s}}`, kind, body))
	}
	send(a, "updateSettings", `{"key":"map","value":["----","-bw-","-wb-","----"]}`)
	both("updateSettings")
	send(a, "updateSettings", `{"key":"bw","value":"3"}`) // there is no such player
	send(a, "updateSettings", `{"key":"bw","value":"1"}`)
	both("updateSettings")
	send(a, "ready", "true")
	both("changeReadyStates")
	send(b, "ready", "true")
	both("changeReadyStates")
	srv.Advance(3 * time.Second)
	both("started")

	send(b, "putStone", `{"pos":1}`)   // not his turn
	b.connect("queueStats", "q", "{}") // so that it has been received
	for i, move := range []struct {
		by  *wire
		pos int
	}{{a, 2}, {b, 1}, {a, 0}, {b, 3}, {a, 7}, {b, 11}, {a, 12}, {b, 4}, {a, 8}, {a, 14}, {b, 13}, {a, 15}} {
		send(move.by, "putStone", fmt.Sprintf(`{"pos":%d,"id":"m%d"}`, move.pos, i))
		log := both("log").Body.Body.(map[string]any)
		if log["pos"] != float64(move.pos) || log["player"] != (move.by == a) || log["id"] != fmt.Sprintf("m%d", i) {
			t.Fatalf("%v", log)
		}
	}
	if end := both("ended").Body.Body.(map[string]any); end["winnerId"] != host.ID {
		t.Errorf("%v has won", end["winnerId"])
	}
	shown, err := bob.ReversiShowGame(t.Context(), gen.ReversiShowGameRequest{GameID: g.ID})
	if err != nil || !shown.IsEnded || len(shown.Logs) != 12 {
		t.Errorf("%+v %v", shown, err)
	}
}

// Who does not move in time loses.
func TestReversiTimeout(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	alice, bob := srv.Client("alice"), srv.Client("bob")
	if g, err := alice.ReversiMatch(t.Context(), gen.ReversiMatchRequest{}); err != nil || g != nil {
		t.Fatal(g, err)
	}
	g, err := bob.ReversiMatch(t.Context(), gen.ReversiMatchRequest{})
	if err != nil || g == nil {
		t.Fatal(g, err)
	}
	w := dial(t, srv, srv.Token("alice"))
	w.connect("reversiGame", "g", fmt.Sprintf(`{"gameId":%q}`, g.ID))
	other := dial(t, srv, srv.Token("bob"))
	other.connect("reversiGame", "g", fmt.Sprintf(`{"gameId":%q}`, g.ID))
	other.send(`{"type":"ch","body":{"id":"g","type":"updateSettings","body":{"key":"bw","value":"2"}}}`)
	w.expect("channel g updateSettings")
	for _, by := range []*wire{w, other} {
		by.send(`{"type":"ch","body":{"id":"g","type":"ready","body":true}}`)
		w.expect("channel g changeReadyStates")
	}
	srv.Advance(3 * time.Second)
	w.expect("channel g started")
	w.send(`{"type":"ch","body":{"id":"g","type":"claimTimeIsUp","body":null}}`) // too early
	w.connect("queueStats", "q", "{}")
	srv.Advance(90 * time.Second)
	w.send(`{"type":"ch","body":{"id":"g","type":"claimTimeIsUp","body":null}}`)
	w.expect("channel q stats")
	if end := w.expect("channel g ended").Body.Body.(map[string]any); end["winnerId"] != g.User1ID {
		t.Errorf("%v has won", end["winnerId"])
	}
}
