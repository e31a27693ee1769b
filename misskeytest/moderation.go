package misskeytest

import "strings"

// suspend is the endpoint admin/suspend-user or admin/unsuspend-user.
func suspend(suspended bool) handler {
	return func(c *call) (any, error) {
		a := c.s.accounts.get(c.text("userId"))
		switch {
		case a == nil:
			return nil, internalError("there is no such account")
		case suspended && a.moderator:
			return nil, internalError("cannot suspend moderator account")
		}
		a.suspended = suspended
		return nil, nil
	}
}

// showUsersToModerator is the endpoint admin/show-users.
func showUsersToModerator(c *call) (any, error) {
	if c.text("origin") == "remote" || c.text("hostname") != "" {
		return []any{}, nil
	}
	prefix := strings.ToLower(c.text("username"))
	all := c.s.accounts.all(func(a *account) bool {
		if !strings.HasPrefix(strings.ToLower(a.username), prefix) {
			return false
		}
		switch c.text("state") {
		case "alive":
			return c.s.alive(a)
		case "available":
			return !a.suspended
		case "admin":
			return a.administrator
		case "moderator":
			return a.moderator && !a.administrator
		case "adminOrModerator":
			return a.moderator
		case "suspended":
			return a.suspended
		}
		return true
	})
	c.sortUsers(all)
	return c.users(all), nil
}
