package misskeytest

// threadOf returns what a note and all that answers it have in common.
func threadOf(n *note) string {
	if n.thread != "" {
		return n.thread
	}
	return n.id
}

// mutesThread reports whether an account does not want to hear of what a note
// is part of.
func (s *Server) mutesThread(a *account, n *note) bool {
	return s.threadMutes.of(a, threadOf(n), s.now()) != nil
}

// muteThread is the endpoint notes/thread-muting/create.
func muteThread(c *call) (any, error) {
	n, err := c.note()
	if err != nil {
		return nil, err
	}
	if c.s.mutesThread(c.account, n) {
		return nil, c.refuseSince("2026.9.0", "ALREADY_MUTING")
	}
	c.s.threadMutes.tie(c.s, c.account, threadOf(n))
	return nil, nil
}

// unmuteThread is the endpoint notes/thread-muting/delete.
func unmuteThread(c *call) (any, error) {
	n, err := c.note()
	if err != nil {
		return nil, err
	}
	c.s.threadMutes.untie(c.s, c.account, threadOf(n))
	return nil, nil
}
