package misskeytest

// A queue is shown as empty, whatever the server does later. What can be changed
// is whether it is paused.

// listQueues is the endpoint admin/queue/queues.
func listQueues(c *call) (any, error) {
	item := c.s.document.resolve(c.s.document.resolve(c.op.response)["items"])
	names, _ := c.s.document.resolve(c.s.document.properties(item)["name"])["enum"].([]any)
	return pack(names, func(name any) any { return c.s.packQueue(item, text(name)) }), nil
}

// showQueue is the endpoint admin/queue/queue-stats.
func showQueue(c *call) (any, error) {
	return c.s.packQueue(c.op.response, c.text("queue")), nil
}

func (s *Server) packQueue(schema any, name string) object {
	packed, _ := s.document.zero(schema).(object)
	packed["name"], packed["isPaused"] = name, s.pausedQueues[name]
	counts := object{}
	for _, state := range []string{"active", "completed", "delayed", "failed", "paused", "prioritized", "waiting", "waiting-children"} {
		counts[state] = 0
	}
	packed["counts"] = counts
	if _, ok := packed["qualifiedName"]; ok {
		packed["qualifiedName"] = s.host() + ":queue:" + name + ":" + name
	}
	return packed
}

// pauseQueue is the endpoint admin/queue/pause or admin/queue/resume.
func pauseQueue(paused bool) handler {
	return func(c *call) (any, error) {
		c.s.pausedQueues[c.text("queue")] = paused
		return nil, nil
	}
}
