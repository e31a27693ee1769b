package contract

import "github.com/misskey-go/misskey/gen"

var reversiCases = []testCase{
	{"a game of reversi has two sides", func(t *T) {
		u, v := t.user(), t.user()
		first, err := u.ReversiMatch(t.Context(), gen.ReversiMatchRequest{UserID: &v.id})
		t.ok(err)
		if first != nil {
			t.Errorf("there is a game before the other agrees: %s", first.ID)
		}
		hosts, err := v.ReversiInvitations(t.Context())
		t.ok(err)
		if len(hosts) != 1 || hosts[0].ID != u.id {
			t.Errorf("%d invitations", len(hosts))
		}
		g, err := v.ReversiMatch(t.Context(), gen.ReversiMatchRequest{UserID: &u.id})
		t.ok(err)
		equal(t, "user1", g.User1ID, u.id)
		equal(t, "user2", g.User2ID, v.id)
		equal(t, "started", g.IsStarted, false)
		shown, err := t.guest().ReversiShowGame(t.Context(), gen.ReversiShowGameRequest{GameID: g.ID})
		t.ok(err)
		equal(t, "shown", shown.ID, g.ID)
		games, err := u.ReversiGames(t.Context(), gen.ReversiGamesRequest{My: new(true)})
		t.ok(err)
		if len(games) != 1 || games[0].ID != g.ID {
			t.Errorf("%d games", len(games))
		}
	}},
	{"an invitation to reversi is taken back", func(t *T) {
		u, v := t.user(), t.user()
		_, err := u.ReversiMatch(t.Context(), gen.ReversiMatchRequest{UserID: &v.id})
		t.ok(err)
		t.ok(u.ReversiCancelMatch(t.Context(), gen.ReversiCancelMatchRequest{UserID: &v.id}))
		hosts, err := v.ReversiInvitations(t.Context())
		t.ok(err)
		equal(t, "invitations", len(hosts), 0)
	}},
	{"reversi with nobody", func(t *T) {
		u := t.user()
		_, err := u.ReversiMatch(t.Context(), gen.ReversiMatchRequest{UserID: &u.id})
		t.refused(err, gen.ErrTargetIsYourself, 400)
		_, err = u.ReversiMatch(t.Context(), gen.ReversiMatchRequest{UserID: new("0")})
		t.refused(err, gen.ErrIDReversiMatchNoSuchUser, 400)
		_, err = u.ReversiShowGame(t.Context(), gen.ReversiShowGameRequest{GameID: "0"})
		t.refused(err, gen.ErrIDReversiShowGameNoSuchGame, 400)
		t.refused(u.ReversiSurrender(t.Context(), gen.ReversiSurrenderRequest{GameID: "0"}), gen.ErrIDReversiSurrenderNoSuchGame, 400)
	}},
	{"who surrenders loses", func(t *T) {
		u, v, w := t.user(), t.user(), t.user()
		_, err := u.ReversiMatch(t.Context(), gen.ReversiMatchRequest{UserID: &v.id})
		t.ok(err)
		g, err := v.ReversiMatch(t.Context(), gen.ReversiMatchRequest{UserID: &u.id})
		t.ok(err)
		req := gen.ReversiSurrenderRequest{GameID: g.ID}
		t.refused(w.ReversiSurrender(t.Context(), req), gen.ErrIDReversiSurrenderAccessDenied, 400)
		t.ok(u.ReversiSurrender(t.Context(), req))
		t.eventually("the end of the game", func() bool {
			g, err = u.ReversiShowGame(t.Context(), gen.ReversiShowGameRequest{GameID: g.ID})
			return err == nil && g.IsEnded && g.WinnerID != nil && *g.WinnerID == v.id && *g.SurrenderedUserID == u.id
		})
		t.refused(u.ReversiSurrender(t.Context(), req), gen.ErrAlreadyEnded, 400)
	}},
}
