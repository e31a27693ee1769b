package misskeytest

import (
	"maps"
	"slices"
	"time"
)

// state is what a server remembers. All of it is guarded by the server's mutex.
type state struct {
	offset time.Duration // of the clock
	tasks  []task        // in the order in which they are due
	ids    ids

	accounts  list[*account]
	usernames map[string]*account // in lower case
	tokens    map[string]*account // accounts' own ones
	appTokens list[*appToken]

	apps         list[*app]
	appSessions  list[*appSession]
	transactions map[string]*grant // of OAuth, by id
	codes        map[string]*grant

	notes          list[*note]
	follows        follows
	followRequests list[*follow]
	favorites      list[*favorite]

	blocks, mutes, renoteMutes bars
	threadMutes                ties[string]

	roles       list[*role]
	assignments ties[*role]
	policies    object // of accounts without a role that says otherwise

	channels                                       list[*channel]
	channelFollows, channelFavorites, channelMutes ties[*channel]

	antennas      list[*antenna]
	clips         list[*clip]
	clipFavorites ties[*clip]

	messages    list[*chatMessage]
	rooms       list[*chatRoom]
	unreadChats map[chatPlace]bool
	memos       map[followPair]string // of an account about another

	emojis        list[*emoji]
	announcements list[*announcement]

	userLists list[*userList]
	registry  list[*registryItem]

	reversiGames       list[*reversiGame]
	reversiInvitations []reversiInvitation
	reports            list[*report]

	files   list[*driveFile]
	folders list[*folder]

	settings     object          // of the instance, that are neither null, false, 0 nor empty
	pausedQueues map[string]bool // by name

	webhooks       list[*webhook]
	systemWebhooks list[*webhook]
	drafts         list[*draft]

	stats map[string][]object // the last first, by channel of the stream
	calls map[limitKey][]time.Time
}

func newState() state {
	return state{
		usernames: map[string]*account{}, tokens: map[string]*account{},
		transactions: map[string]*grant{}, codes: map[string]*grant{}, policies: defaultPolicies(), unreadChats: map[chatPlace]bool{}, memos: map[followPair]string{}, stats: map[string][]object{},
		settings: newSettings(), pausedQueues: map[string]bool{}, calls: map[limitKey][]time.Time{},
	}
}

// newID returns an id that is greater than all before.
func (s *state) newID() string { return s.ids.next(s.now()) }

// removeAccount takes an account and all that belongs to it out.
func (s *Server) removeAccount(a *account) {
	for _, n := range s.notes.all(func(n *note) bool { return n.author == a }) {
		s.removeNote(n)
	}
	for _, n := range s.notes.items {
		n.reactions.removeAll(func(r *reaction) bool { return r.user == a })
	}
	ofAccount := func(f *follow) bool { return f.follower == a || f.followee == a }
	s.follows.removeAll(ofAccount)
	s.followRequests.removeAll(ofAccount)
	s.favorites.removeAll(func(f *favorite) bool { return f.user == a })
	for _, b := range []*bars{&s.blocks, &s.mutes, &s.renoteMutes} {
		b.removeAll(func(b *bar) bool { return b.from == a || b.to == a })
	}
	s.threadMutes.drop(a)
	s.assignments.drop(a)
	s.channelFollows.drop(a)
	s.channelFavorites.drop(a)
	s.channelMutes.drop(a)
	s.clipFavorites.drop(a)
	s.antennas.removeAll(func(x *antenna) bool { return x.owner == a })
	for _, p := range s.clips.all(func(p *clip) bool { return p.owner == a }) {
		s.removeClip(p)
	}
	s.forgetChats(a)
	maps.DeleteFunc(s.memos, func(p followPair, _ string) bool { return p.follower == a || p.followee == a })
	for _, r := range s.rooms.all(func(r *chatRoom) bool { return r.owner == a }) {
		s.removeRoom(r)
	}
	for _, r := range s.rooms.items {
		r.members.removeAll(func(m *chatMember) bool { return m.user == a })
		r.invitations.removeAll(func(i *chatInvitation) bool { return i.user == a })
	}
	s.messages.removeAll(func(m *chatMessage) bool { return m.from == a || m.to == a })
	s.announcements.removeAll(func(n *announcement) bool { return n.recipient == a })
	s.userLists.removeAll(func(l *userList) bool { return l.owner == a })
	for _, l := range s.userLists.items {
		l.members.removeAll(func(m *member) bool { return m.user == a })
	}
	s.registry.removeAll(func(i *registryItem) bool { return i.owner == a })
	s.reversiGames.removeAll(func(g *reversiGame) bool { return g.seat(a) >= 0 })
	s.reversiInvitations = slices.DeleteFunc(s.reversiInvitations, func(i reversiInvitation) bool { return i.host == a || i.guest == a })
	s.reports.removeAll(func(r *report) bool { return r.reporter == a || r.target == a })
	s.files.removeAll(func(f *driveFile) bool { return f.owner == a })
	s.folders.removeAll(func(f *folder) bool { return f.owner == a })
	s.appTokens.removeAll(func(t *appToken) bool { return t.owner == a })
	s.webhooks.removeAll(func(w *webhook) bool { return w.owner == a })
	s.drafts.removeAll(func(d *draft) bool { return d.owner == a })
	for _, other := range s.accounts.items {
		other.notifications.removeAll(func(n *notification) bool { return n.from == a })
	}
	s.accounts.remove(a.id)
	delete(s.tokens, a.token)
	for name, other := range s.usernames {
		if other == a {
			delete(s.usernames, name)
		}
	}
}
