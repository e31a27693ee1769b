package misskeytest

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"
)

// A streamChannel is what can be subscribed to on the stream.
type streamChannel struct {
	shared     bool   // one subscription for each connection
	credential bool   // not for nobody
	permission string // that the token of an app needs, beside the one for the stream
	leaks      bool   // events go on after it has been left

	// open prepares a subscription. It reports whether there is to be one.
	open func(*subscription) bool

	// receive takes a message from the client, if there are any.
	receive func(sub *subscription, kind string, body any)
}

// streamChannels are all channels, by their name.
var streamChannels map[string]*streamChannel

func init() { // because what a channel does refers to the channels
	streamChannels = map[string]*streamChannel{
		"main":           {shared: true, credential: true, permission: "read:account", leaks: true, open: openOwn},
		"drive":          {shared: true, credential: true, permission: "read:account", leaks: true, open: openOwn},
		"reversi":        {shared: true, credential: true, permission: "read:account", open: openOwn},
		"admin":          {shared: true, credential: true, permission: "read:admin:stream", leaks: true, open: openOwn},
		"homeTimeline":   {credential: true, permission: "read:account", open: openTimeline((*subscription).home)},
		"localTimeline":  {open: openTimeline((*subscription).local)},
		"hybridTimeline": {credential: true, permission: "read:account", open: openTimeline((*subscription).hybrid)},
		"globalTimeline": {open: openTimeline((*subscription).global)},
		"userList":       {credential: true, open: openUserList},
		"hashtag":        {open: openHashtag},
		"antenna":        {credential: true, permission: "read:account", open: openAntenna},
		"channel":        {open: openChannel},
		"roleTimeline":   {open: openRoleTimeline},
		"reversiGame":    {open: openGame, receive: playReversi},
		"chatUser":       {credential: true, permission: "read:chat", open: openChatUser, receive: readChat},
		"chatRoom":       {credential: true, permission: "read:chat", open: openChatRoom, receive: readChat},
		"serverStats":    {shared: true, open: openStats, receive: requestLog},
		"queueStats":     {shared: true, open: openStats, receive: requestLog},
	}
}

// openOwn opens a channel that is about its account and nothing else.
func openOwn(sub *subscription) bool {
	sub.topic.account = sub.socket.account
	return true
}

// openTimeline opens one that shows the notes that wanted finds and that pass
// the filters that timelines have.
func openTimeline(wanted func(*subscription, *note) bool) func(*subscription) bool {
	return func(sub *subscription) bool {
		sub.shows = func(n *note) bool { return wanted(sub, n) && sub.passes(n) }
		return true
	}
}

// truthy reports whether JavaScript takes a parameter for true, and what it is
// where there is none.
func (sub *subscription) truthy(name string, otherwise bool) bool {
	v, ok := sub.params[name]
	if !ok {
		return otherwise
	}
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case json.Number:
		f, _ := v.Float64()
		return f != 0 && !math.IsNaN(f)
	}
	return true
}

func (sub *subscription) passes(n *note) bool {
	return (sub.truthy("withRenotes", true) || !n.pureRenote()) && (!sub.truthy("withFiles", false) || len(n.files) > 0)
}

// withReplies reports whether a note is none that speaks to others, or one that
// is wanted even so.
func (sub *subscription) withReplies(n *note, param bool) bool {
	viewer := sub.socket.account
	if n.author == viewer || !isReplyToOthers(n, viewer) || param && sub.truthy("withReplies", false) {
		return true
	}
	f := sub.socket.s.followOf(viewer, n.author)
	return f != nil && f.withReplies
}

func (sub *subscription) follows(n *note) bool {
	viewer := sub.socket.account
	return n.author == viewer || sub.socket.s.followOf(viewer, n.author) != nil
}

// followsChannel reports whether a note is in a channel that is followed.
func (sub *subscription) followsChannel(n *note) bool {
	s := sub.socket.s
	return s.channelFollows.of(sub.socket.account, n.channel, s.now()) != nil
}

func (sub *subscription) home(n *note) bool {
	if n.channel != nil {
		return sub.followsChannel(n)
	}
	return sub.follows(n) && sub.withReplies(n, false)
}

func (sub *subscription) local(n *note) bool {
	return n.author.host == "" && n.visibility == "public" && n.channel == nil && sub.allowed("ltlAvailable") && (sub.socket.account == nil || sub.withReplies(n, true))
}

func (sub *subscription) hybrid(n *note) bool {
	if !sub.allowed("ltlAvailable") {
		return false
	}
	if n.channel != nil {
		return sub.followsChannel(n)
	}
	return (sub.follows(n) || n.visibility == "public") && sub.withReplies(n, true)
}

func (sub *subscription) global(n *note) bool {
	return n.visibility == "public" && n.channel == nil && sub.allowed("gtlAvailable")
}

// allowed reports whether a policy lets the account see a timeline.
func (sub *subscription) allowed(policy string) bool {
	return sub.socket.s.policyOf(sub.socket.account, policy) == true
}

// openAntenna opens a channel of what an antenna of the account collects.
func openAntenna(sub *subscription) bool {
	a := sub.socket.s.antennas.get(text(sub.params["antennaId"]))
	if a == nil || a.owner != sub.socket.account {
		return false
	}
	sub.topic.account, sub.topic.key = a.owner, a.id
	return true
}

// openChannel opens a channel of all notes in a channel of that name, which need
// not be there.
func openChannel(sub *subscription) bool {
	id := text(sub.params["channelId"])
	sub.shows = func(n *note) bool { return n.channel != nil && n.channel.id == id }
	return true
}

// openRoleTimeline opens a channel of the public notes of those who have a role
// that can be explored.
func openRoleTimeline(sub *subscription) bool {
	s, id := sub.socket.s, text(sub.params["roleId"])
	sub.shows = func(n *note) bool {
		r := s.roles.get(id)
		return r != nil && r.flag("isExplorable") && s.byRole(n, r)
	}
	return true
}

// openUserList opens a channel of the notes of the members of a list, which also
// announces who joins and who leaves.
func openUserList(sub *subscription) bool {
	s, viewer := sub.socket.s, sub.socket.account
	l := s.userLists.get(text(sub.params["listId"]))
	if l == nil || l.owner != viewer {
		return false
	}
	sub.topic.key = l.id
	sub.shows = func(n *note) bool {
		return l.member(n.author) != nil && n.channel == nil && (n.author == viewer || !isReplyToOthers(n, viewer)) && sub.passes(n)
	}
	return true
}

// openHashtag opens a channel of notes that have all tags of one of several
// lists.
func openHashtag(sub *subscription) bool {
	lists, ok := sub.params["q"].([]any)
	if !ok {
		return false
	}
	var query [][]string
	for _, list := range lists {
		items, _ := list.([]any)
		var tags []string
		for _, item := range items {
			tag, ok := item.(string)
			if !ok {
				return false
			}
			tags = append(tags, strings.ToLower(tag))
		}
		if len(tags) == 0 {
			return false
		}
		query = append(query, tags)
	}
	sub.shows = func(n *note) bool {
		return slices.ContainsFunc(query, func(tags []string) bool {
			return !slices.ContainsFunc(tags, func(tag string) bool { return !slices.Contains(n.tags, tag) })
		})
	}
	return true
}

// openGame opens the channel of a game of reversi, or one that stays silent where
// there is no such game.
func openGame(sub *subscription) bool {
	sub.topic.key = text(sub.params["gameId"])
	return true
}

// A statsKind is one of the channels about the load of the server.
type statsKind struct {
	every time.Duration
	now   func(s *Server) object
}

var statsKinds = map[string]statsKind{
	"serverStats": {2 * time.Second, func(*Server) object {
		return object{
			"cpu": 0.1, "mem": object{"used": 1 << 30, "active": 1 << 29},
			"net": object{"rx": 0, "tx": 0}, "fs": object{"r": 0, "w": 0},
		}
	}},
	"queueStats": {10 * time.Second, func(*Server) object {
		queue := object{"activeSincePrevTick": 0, "active": 0, "waiting": 0, "delayed": 0}
		return object{"deliver": queue, "inbox": queue}
	}},
}

// maxStats is how many of the last stats are kept.
const maxStats = 200

// openStats opens a channel of stats, which are collected from then on.
func openStats(sub *subscription) bool {
	s := sub.socket.s
	if _, ok := s.stats[sub.channel]; !ok {
		s.stats[sub.channel] = nil
		s.collectStats(sub.channel)
	}
	return true
}

func (s *Server) collectStats(channel string) {
	kind := statsKinds[channel]
	s.later(kind.every, func() {
		now := kind.now(s)
		log := slices.Insert(s.stats[channel], 0, now)
		s.stats[channel] = log[:min(len(log), maxStats)]
		s.publish(topic{channel: channel}, "stats", now)
		s.collectStats(channel)
	})
}

// requestLog responds with the last stats.
func requestLog(sub *subscription, kind string, body any) {
	_, named := at(body, "id").(string)
	length, limited := at(body, "length").(json.Number)
	if kind != "requestLog" || sub.channel == "queueStats" && !(named && limited) {
		return
	}
	log := sub.socket.s.stats[sub.channel]
	if n, err := length.Int64(); limited && err == nil {
		log = log[:max(min(int64(len(log)), n), 0)]
	}
	sub.send("statsLog", encode(append([]object{}, log...)))
}
