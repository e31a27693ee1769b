package misskeytest

// showStats is the endpoint stats.
func showStats(c *call) (any, error) {
	notes, users, reactions := len(c.s.notes.items), len(c.s.accounts.items), 0
	localNotes, localUsers, hosts := 0, 0, map[string]bool{}
	for _, n := range c.s.notes.items {
		reactions += len(n.reactions.items)
		if n.author.host == "" {
			localNotes++
		}
	}
	for _, a := range c.s.accounts.items {
		if a.host == "" {
			localUsers++
		} else {
			hosts[a.host] = true
		}
	}
	return object{
		"notesCount": notes, "originalNotesCount": localNotes, "usersCount": users, "originalUsersCount": localUsers,
		"reactionsCount": reactions, "instances": len(hosts), "driveUsageLocal": 0, "driveUsageRemote": 0,
	}, nil
}

// ping is the endpoint ping.
func ping(c *call) (any, error) { return object{"pong": c.s.now().UnixMilli()}, nil }

// listEndpoints is the endpoint endpoints.
func listEndpoints(c *call) (any, error) { return c.s.document.endpoints(), nil }
