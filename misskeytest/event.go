package misskeytest

// A topic is what a subscription to a channel of the stream is about.
type topic struct {
	channel string   // such as "main" or "chatUser"
	account *account // whose channel it is; nil where it is everybody's
	key     string   // id of the other account, the room, list, antenna, channel, role or game, if any
}

// publish sends an event to those who are subscribed to a topic. All functions
// that publish are called with the server's mutex held.
func (s *Server) publish(to topic, event string, body any) {}

// publishMain sends an event to an account's main channel.
func (s *Server) publishMain(to *account, event string, body any) {
	s.publish(topic{channel: "main", account: to}, event, body)
}

// broadcast sends a message to every connection.
func (s *Server) broadcast(kind string, body any) {}

// publishNote sends a new note to the timelines that show it.
func (s *Server) publishNote(n *note) {}

// noteUpdated tells those who have captured a note, and may see it, of a change.
func (s *Server) noteUpdated(n *note, event string, body any) {}
