package misskeytest

import (
	"encoding/json"
	"fmt"
)

// A topic is what a subscription to a channel of the stream is about.
type topic struct {
	channel string   // such as "main" or "chatUser"
	account *account // whose channel it is; nil where it is everybody's
	key     string   // id of the other account, the room, list, antenna, channel, role or game, if any
}

// publish sends an event to those who are subscribed to a topic. All functions
// that publish are called with the server's mutex held.
func (s *Server) publish(to topic, event string, body any) {
	var data []byte
	s.subscribers(func(sub *subscription) {
		if sub.topic != to {
			return
		}
		if data == nil {
			data = encode(body)
		}
		sub.send(event, data)
	})
}

// publishMain sends an event to an account's main channel.
func (s *Server) publishMain(to *account, event string, body any) {
	s.publish(topic{channel: "main", account: to}, event, body)
}

// broadcast sends a message to every connection.
func (s *Server) broadcast(kind string, body any) {
	data := encode(object{"type": kind, "body": body})
	for _, k := range s.sockets {
		k.send(data)
	}
}

// publishNote sends a new note to the timelines that show it.
func (s *Server) publishNote(n *note) {
	e := noteEvent{s: s, note: n}
	s.subscribers(func(sub *subscription) {
		if sub.shows != nil && sub.shows(n) && s.presentable(n, sub.socket.account) {
			sub.send("note", e.body(sub.socket.account))
		}
	})
}

// presentable reports whether a viewer, who may be nil, wants to see a note and
// may see it and, where it is a renote, what it shows.
func (s *Server) presentable(n *note, viewer *account) bool {
	if !s.visible(n, viewer) || s.unwanted(viewer, notePage{})(n) {
		return false
	}
	of := s.notes.get(n.renoteID)
	return !n.pureRenote() || of == nil || s.visible(of, viewer)
}

// A noteEvent is a new note on its way to many. It is packed once for all, but
// anew for each viewer where they see different things.
type noteEvent struct {
	s      *Server
	note   *note
	shared []byte
}

func (e *noteEvent) body(viewer *account) []byte {
	if !e.s.looksSame(e.note) {
		return encode(e.s.packEvent(e.note, viewer))
	}
	if e.shared == nil {
		e.shared = encode(e.s.packEvent(e.note, viewer))
	}
	return e.shared
}

// looksSame reports whether all who may see a note see the same of it in an
// event.
func (s *Server) looksSame(n *note) bool {
	if n.visibility != "public" && n.visibility != "home" || n.author.flag("requireSigninToViewContents") {
		return false
	}
	if of := s.notes.get(n.renoteID); of != nil && (!s.looksSame(of) || n.pureRenote() && len(of.reactions.items) > 0) {
		return false
	}
	to := s.notes.get(n.replyID)
	return to == nil || s.looksSame(to)
}

// noteUpdated sends a change of a note to those who have captured it and may see it.
func (s *Server) noteUpdated(n *note, event string, body any) {
	var data []byte
	for _, k := range s.sockets {
		if k.captured[n.id] == 0 || !s.visible(n, k.account) {
			continue
		}
		if data == nil {
			data = encode(object{"type": "noteUpdated", "body": object{"id": n.id, "type": event, "body": body}})
		}
		k.send(data)
	}
}

// Publish sends an event to all subscriptions that an account has to a channel
// of the stream, such as "main"; with an empty username to those of everybody.
// With an empty channel it is a message to their connections as a whole, like
// emojiAdded. This is for what the server does not do by itself, such as events
// that only tomorrow's Misskey has. The body is encoded as JSON.
func (s *Server) Publish(username, channel, event string, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		s.fatal(fmt.Errorf("misskeytest: Publish: %w", err))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.sockets {
		switch {
		case username != "" && k.account != s.named(username):
		case channel == "":
			k.send(encode(object{"type": event, "body": json.RawMessage(data)}))
		default:
			for _, sub := range k.subscriptions {
				if sub.channel == channel {
					sub.send(event, data)
				}
			}
		}
	}
}

// subscribers calls f for each subscription there is.
func (s *Server) subscribers(f func(*subscription)) {
	for _, k := range s.sockets {
		for _, sub := range k.subscriptions {
			f(sub)
		}
	}
}
