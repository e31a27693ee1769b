package misskeytest

import (
	"slices"
	"time"
)

// An achievement is something that an account has accomplished.
type achievement struct {
	name     string
	unlocked time.Time
}

func packAchievement(a achievement) any {
	return object{"name": a.name, "unlockedAt": a.unlocked.UnixMilli()}
}

// unlock gives an account an achievement, which it can have once.
func (s *Server) unlock(a *account, name string) {
	if slices.ContainsFunc(a.achievements, func(has achievement) bool { return has.name == name }) {
		return
	}
	a.achievements = append(a.achievements, achievement{name, s.now()})
	s.notify(a, nil, "achievementEarned", object{"achievement": name})
}

// claimAchievement is the endpoint i/claim-achievement. Most achievements are
// for the client to find out.
func claimAchievement(c *call) (any, error) {
	c.s.unlock(c.account, c.text("name"))
	return nil, nil
}

// listAchievements is the endpoint users/achievements.
func listAchievements(c *call) (any, error) {
	a := c.s.accounts.get(c.text("userId"))
	if a == nil {
		return nil, internalError("there is no such account")
	}
	return pack(a.achievements, packAchievement), nil
}
