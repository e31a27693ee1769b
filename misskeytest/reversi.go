package misskeytest

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/misskey-go/misskey/gen"
)

// A reversiGame is a game between two accounts.
type reversiGame struct {
	id       string
	players  [2]*account
	ready    [2]bool
	rows     []string
	bw       string // which player is black: 1, 2 or random
	fewest   bool
	anywhere bool
	looped   bool
	regular  bool // the rules stay as they are
	limit    json.Number

	first           int // which player is black, from 0; negative before the start
	started, ended  time.Time
	board           *board
	moves           []reversiMove
	winner          *account
	gaveUp, timeout *account
}

type reversiMove struct {
	at    time.Time
	stone byte
	pos   int
}

func (g *reversiGame) key() string { return g.id }

// A reversiInvitation asks somebody, or with a nil guest whoever comes, for a
// game.
type reversiInvitation struct {
	host, guest *account
	regular     bool
}

// readyDelay is how long the players can still think better of it.
const readyDelay = 3 * time.Second

// seat returns which player an account is, or -1.
func (g *reversiGame) seat(a *account) int {
	for i := range g.players {
		if a != nil && g.players[i] == a {
			return i
		}
	}
	return -1
}

func (g *reversiGame) topic() topic { return topic{channel: "reversiGame", key: g.id} }

func (s *Server) packGame(g *reversiGame) object {
	when := func(t time.Time) any {
		if t.IsZero() {
			return nil
		}
		return stamp(t)
	}
	id := func(a *account) any {
		if a == nil {
			return nil
		}
		return a.id
	}
	one, two := g.players[0], g.players[1]
	packed := object{
		"id": g.id, "createdAt": createdAt(g.id), "startedAt": when(g.started), "endedAt": when(g.ended),
		"isStarted": !g.started.IsZero(), "isEnded": !g.ended.IsZero(),
		"user1Id": one.id, "user2Id": two.id, "user1": s.userLite(one), "user2": s.userLite(two),
		"winnerId": id(g.winner), "winner": nil, "surrenderedUserId": id(g.gaveUp), "timeoutUserId": id(g.timeout),
		"black": nil, "bw": g.bw, "isLlotheo": g.fewest, "canPutEverywhere": g.anywhere, "loopedBoard": g.looped,
		"timeLimitForEachTurn": g.limit, "noIrregularRules": g.regular,
	}
	if g.winner != nil {
		packed["winner"] = s.userLite(g.winner)
	}
	if g.first >= 0 {
		packed["black"] = g.first + 1
	}
	return packed
}

// packGameDetailed has also what the players have done.
func (s *Server) packGameDetailed(g *reversiGame) object {
	packed := s.packGame(g)
	logs, before := [][]int64{}, time.UnixMilli(0)
	for _, m := range g.moves {
		entry := []int64{m.at.Sub(before).Milliseconds(), 0, 0, int64(m.pos)}
		if m.stone == black {
			entry[1] = 1
		}
		logs, before = append(logs, entry), m.at
	}
	packed["form1"], packed["form2"] = nil, nil
	packed["user1Ready"], packed["user2Ready"] = g.ready[0], g.ready[1]
	packed["logs"], packed["map"] = logs, g.rows
	return packed
}

// matchReversi is the endpoint reversi/match, with somebody or with whoever
// comes. Without a body the other has yet to come.
func matchReversi(c *call) (any, error) {
	s, me, regular := c.s, c.account, c.flag("noIrregularRules")
	var other *account
	if id := c.text("userId"); id != "" {
		other = s.accounts.get(id)
		switch {
		case id == me.id:
			return nil, c.refuse(gen.ErrTargetIsYourself)
		case other == nil:
			return nil, c.refuse(gen.ErrNoSuchUser)
		}
	}
	if !c.flag("multiple") {
		if g := s.pendingGame(me, other); g != nil {
			return s.packGameDetailed(g), nil
		}
	}
	for i, inv := range s.reversiInvitations {
		if other != nil && inv.host == other && inv.guest == me || other == nil && inv.guest == nil && inv.host != me && inv.regular == regular {
			s.reversiInvitations = slices.Delete(s.reversiInvitations, i, i+1)
			g := s.addGame(inv.host, me, inv.regular)
			s.publish(topic{channel: "reversi", account: inv.host}, "matched", object{"game": s.packGameDetailed(g)})
			return s.packGameDetailed(g), nil
		}
	}
	s.withdraw(me, other)
	s.reversiInvitations = append(s.reversiInvitations, reversiInvitation{me, other, regular})
	if other != nil {
		s.publish(topic{channel: "reversi", account: other}, "invited", object{"user": s.userLite(me)})
	}
	return nil, nil
}

// pendingGame returns a game that an account, and another if it is given, have
// agreed upon in the last three minutes, but not begun.
func (s *Server) pendingGame(a, b *account) *reversiGame {
	since := s.now().Add(-3 * time.Minute)
	return s.reversiGames.find(func(g *reversiGame) bool {
		return g.started.IsZero() && timeOf(g.id).After(since) && g.seat(a) >= 0 && (b == nil || g.seat(b) >= 0)
	})
}

// withdraw takes an invitation back, if there is one.
func (s *Server) withdraw(host, guest *account) {
	s.reversiInvitations = slices.DeleteFunc(s.reversiInvitations, func(inv reversiInvitation) bool {
		return inv.host == host && inv.guest == guest
	})
}

func (s *Server) addGame(one, two *account, regular bool) *reversiGame {
	g := &reversiGame{
		id: s.newID(), players: [2]*account{one, two}, bw: "random", regular: regular, limit: "90", first: -1,
		rows: []string{"--------", "--------", "--------", "---wb---", "---bw---", "--------", "--------", "--------"},
	}
	s.reversiGames.add(g)
	return g
}

// cancelMatch is the endpoint reversi/cancel-match.
func cancelMatch(c *call) (any, error) {
	c.s.withdraw(c.account, c.s.accounts.get(c.text("userId")))
	return nil, nil
}

// listInvitations is the endpoint reversi/invitations.
func listInvitations(c *call) (any, error) {
	hosts := []any{}
	for _, inv := range c.s.reversiInvitations {
		if inv.guest == c.account {
			hosts = append(hosts, c.s.userLite(inv.host))
		}
	}
	return hosts, nil
}

// listGames is the endpoint reversi/games: those that have begun, or the
// caller's own.
func listGames(c *call) (any, error) {
	my := c.flag("my") && c.account != nil
	page := c.s.reversiGames.page(c.cursor(), func(g *reversiGame) bool {
		return my && g.seat(c.account) >= 0 || !my && !g.started.IsZero()
	})
	return pack(page, func(g *reversiGame) any { return c.s.packGame(g) }), nil
}

// showGame is the endpoint reversi/show-game.
func showGame(c *call) (any, error) {
	g := c.s.reversiGames.get(c.text("gameId"))
	if g == nil {
		return nil, c.refuse(gen.ErrNoSuchGame)
	}
	return c.s.packGameDetailed(g), nil
}

// surrender is the endpoint reversi/surrender.
func surrender(c *call) (any, error) {
	g := c.s.reversiGames.get(c.text("gameId"))
	switch {
	case g == nil:
		return nil, c.refuse(gen.ErrNoSuchGame)
	case !g.ended.IsZero():
		return nil, c.refuse(gen.ErrAlreadyEnded)
	case g.seat(c.account) < 0:
		return nil, c.refuse(gen.ErrAccessDenied)
	}
	g.gaveUp = c.account
	c.s.endGame(g, g.players[1-g.seat(c.account)])
	return nil, nil
}

// endGame ends a game. A nil winner is a draw.
func (s *Server) endGame(g *reversiGame, winner *account) {
	g.winner, g.ended = winner, s.now()
	var id any
	if winner != nil {
		id = winner.id
	}
	s.publish(g.topic(), "ended", object{"winnerId": id, "game": s.packGameDetailed(g)})
}

// startGame begins a game, unless its players do not want to any more.
func (s *Server) startGame(g *reversiGame) {
	if s.reversiGames.get(g.id) != g || !g.started.IsZero() || g.ready != [2]bool{true, true} {
		return
	}
	switch g.bw {
	case "1", "2":
		g.first = int(g.bw[0] - '1')
	default:
		g.first = rand.IntN(2)
	}
	g.started, g.board = s.now(), newBoard(g.rows, g.anywhere, g.looped)
	s.publish(g.topic(), "started", object{"game": s.packGameDetailed(g)})
	s.settleGame(g)
}

// settleGame ends a game in which nobody can do anything any more.
func (s *Server) settleGame(g *reversiGame) {
	if g.board.turn != 0 {
		return
	}
	var winner *account
	switch g.board.winner(g.fewest) {
	case black:
		winner = g.players[g.first]
	case white:
		winner = g.players[1-g.first]
	}
	s.endGame(g, winner)
}

// playReversi takes what a player sends to the channel of a game.
func playReversi(sub *subscription, kind string, body any) {
	s := sub.socket.s
	g := s.reversiGames.get(sub.topic.key)
	if g == nil || !g.ended.IsZero() {
		return
	}
	seat := g.seat(sub.socket.account)
	if seat < 0 {
		return
	}
	if g.started.IsZero() {
		s.prepareGame(g, seat, kind, body)
	} else {
		s.playGame(g, seat, kind, body)
	}
}

// prepareGame takes what a player sends before the start.
func (s *Server) prepareGame(g *reversiGame, seat int, kind string, body any) {
	switch kind {
	case "ready":
		ready, ok := body.(bool)
		if !ok {
			return
		}
		g.ready[seat] = ready
		s.publish(g.topic(), "changeReadyStates", object{"user1": g.ready[0], "user2": g.ready[1]})
		if g.ready == [2]bool{true, true} {
			s.later(readyDelay, func() { s.startGame(g) })
		}
	case "cancel":
		s.reversiGames.remove(g.id)
		s.publish(g.topic(), "canceled", object{"userId": g.players[seat].id})
	case "updateSettings":
		key, value := text(at(body, "key")), at(body, "value")
		if !g.ready[seat] && g.set(key, value) {
			s.publish(g.topic(), "updateSettings", object{"userId": g.players[seat].id, "key": key, "value": value})
		}
	}
}

// set changes a rule. It reports whether there is such a rule and value.
func (g *reversiGame) set(key string, value any) bool {
	flags := map[string]*bool{"isLlotheo": &g.fewest, "canPutEverywhere": &g.anywhere, "loopedBoard": &g.looped}
	if flag := flags[key]; flag != nil {
		v, ok := value.(bool)
		if ok {
			*flag = v
		}
		return ok
	}
	switch key {
	case "bw":
		if v := text(value); v == "random" || v == "1" || v == "2" {
			g.bw = v
			return true
		}
	case "timeLimitForEachTurn":
		v, ok := value.(json.Number)
		if seconds, err := v.Float64(); ok && err == nil && seconds >= 0 {
			g.limit = v
			return true
		}
	case "map":
		items, _ := value.([]any)
		var rows []string
		for _, item := range items {
			rows = append(rows, text(item))
		}
		if validRows(rows) {
			g.rows = rows
			return true
		}
	}
	return false
}

// validRows reports whether rows are a rectangle of squares.
func validRows(rows []string) bool {
	for _, row := range rows {
		if row == "" || len(row) != len(rows[0]) || strings.Trim(row, string([]byte{noStone, black, white, hole})) != "" {
			return false
		}
	}
	return len(rows) > 0
}

// playGame takes what a player sends while the game is on.
func (s *Server) playGame(g *reversiGame, seat int, kind string, body any) {
	mine := byte(white)
	if seat == g.first {
		mine = black
	}
	switch kind {
	case "putStone":
		n, ok := at(body, "pos").(json.Number)
		pos, err := n.Int64()
		if !ok || err != nil || g.board.turn != mine || !g.board.canPut(mine, int(pos)) {
			return
		}
		g.board.put(int(pos))
		g.moves = append(g.moves, reversiMove{s.now(), mine, int(pos)})
		s.publish(g.topic(), "log", object{
			"time": s.now().UnixMilli(), "player": mine == black, "operation": "put", "pos": pos, "id": at(body, "id"),
		})
		s.settleGame(g)
	case "claimTimeIsUp":
		since := g.started
		if n := len(g.moves); n > 0 {
			since = g.moves[n-1].at
		}
		seconds, _ := g.limit.Float64()
		if s.now().Sub(since) < time.Duration(seconds*float64(time.Second)) {
			return
		}
		late := g.first
		if g.board.turn == white {
			late = 1 - g.first
		}
		g.timeout = g.players[late]
		s.endGame(g, g.players[1-late])
	}
}
