package misskeytest

import "github.com/misskey-go/misskey/gen"

// A follow says that one account follows another, or has asked to.
type follow struct {
	id                 string
	follower, followee *account
	withReplies        bool
	notify             bool // of each note
}

func (f *follow) key() string { return f.id }

// follows are all follows, which are looked up for every note that is shown.
type follows struct {
	list[*follow]
	index map[followPair]*follow
}

type followPair struct{ follower, followee *account }

func (f *follow) pair() followPair { return followPair{f.follower, f.followee} }

func (l *follows) add(f *follow) {
	l.list.add(f)
	if l.index == nil {
		l.index = map[followPair]*follow{}
	}
	l.index[f.pair()] = f
}

func (l *follows) remove(f *follow) {
	l.list.remove(f.id)
	delete(l.index, f.pair())
}

func (l *follows) removeAll(match func(*follow) bool) {
	l.list.removeAll(func(f *follow) bool {
		if !match(f) {
			return false
		}
		delete(l.index, f.pair())
		return true
	})
}

// followOf returns how one account follows another, or nil.
func (s *state) followOf(follower, followee *account) *follow {
	return s.follows.index[followPair{follower, followee}]
}

func (s *state) requestOf(follower, followee *account) *follow {
	return s.followRequests.find(func(f *follow) bool { return f.follower == follower && f.followee == followee })
}

// followers returns how many follow an account.
func (s *state) followers(a *account) int {
	return s.follows.count(func(f *follow) bool { return f.followee == a })
}

// relation is how a viewer and another account stand to each other.
func (s *state) relation(viewer, other *account) object {
	now := s.now()
	return object{
		"isFollowing":                    s.followOf(viewer, other) != nil,
		"isFollowed":                     s.followOf(other, viewer) != nil,
		"hasPendingFollowRequestFromYou": s.requestOf(viewer, other) != nil,
		"hasPendingFollowRequestToYou":   s.requestOf(other, viewer) != nil,
		"isBlocking":                     s.blocks.between(viewer, other, now) != nil,
		"isBlocked":                      s.blocks.between(other, viewer, now) != nil,
		"isMuted":                        s.mutes.between(viewer, other, now) != nil,
		"isRenoteMuted":                  s.renoteMutes.between(viewer, other, now) != nil,
	}
}

// showRelations is the endpoint users/relation, which responds with an array
// whatever it was asked, and also about accounts that there are not.
func showRelations(c *call) (any, error) {
	ids, many := c.params["userId"].([]any)
	if !many {
		ids = []any{c.params["userId"]}
	}
	relations := []any{}
	for _, id := range ids {
		other := c.s.accounts.get(text(id))
		relation := c.s.relation(c.account, other)
		relation["id"], relation["following"] = id, nil
		if f := c.s.followOf(c.account, other); f != nil {
			var notify any
			if f.notify {
				notify = "normal"
			}
			relation["following"] = object{
				"id": f.id, "followerId": f.follower.id, "followeeId": f.followee.id, "notify": notify,
				"withReplies": f.withReplies, "isFollowerHibernated": false,
				"followerHost": f.follower.shownHost(), "followerInbox": nil, "followerSharedInbox": nil,
				"followeeHost": f.followee.shownHost(), "followeeInbox": nil, "followeeSharedInbox": nil,
			}
		}
		relations = append(relations, relation)
	}
	return relations, nil
}

// createFollow is the endpoint following/create. Where the other account is
// locked it asks only, and answers the same.
func createFollow(c *call) (any, error) {
	other := c.s.accounts.get(c.text("userId"))
	switch {
	case c.account.id == c.text("userId"):
		return nil, c.refuse(gen.ErrFolloweeIsYourself)
	case other == nil:
		return nil, c.refuse(gen.ErrNoSuchUser)
	case c.s.followOf(c.account, other) != nil:
		return nil, c.refuse(gen.ErrAlreadyFollowing)
	case c.s.blocks.between(c.account, other, c.s.now()) != nil:
		return nil, c.refuse(gen.ErrBlocking)
	case c.s.blocks.between(other, c.account, c.s.now()) != nil:
		return nil, c.refuse(gen.ErrBlocked)
	}
	f := &follow{id: c.s.newID(), follower: c.account, followee: other, withReplies: c.flag("withReplies")}
	accepted := other.flag("autoAcceptFollowed") && c.s.followOf(other, c.account) != nil
	if other.flag("isLocked") && !accepted {
		if c.s.requestOf(c.account, other) == nil {
			c.s.followRequests.add(f)
			c.s.publishMain(other, "receiveFollowRequest", c.s.userLite(c.account))
			c.s.requestsChanged(other)
			c.s.notify(other, c.account, "receiveFollowRequest", nil)
		}
		return c.s.userLite(other), nil
	}
	c.s.accept(f)
	return c.s.userLite(other), nil
}

// accept makes a follow.
func (s *Server) accept(f *follow) {
	s.follows.add(f)
	s.publishMain(f.follower, "follow", s.userDetailed(f.followee, f.follower))
	s.hook(f.follower, "follow", func() object { return object{"user": s.userDetailed(f.followee, f.follower)} })
	s.publishMain(f.followee, "followed", s.userLite(f.follower))
	s.hook(f.followee, "followed", func() object { return object{"user": s.userLite(f.follower)} })
	s.notify(f.followee, f.follower, "follow", nil)
	s.notify(f.follower, f.followee, "followRequestAccepted", object{"message": f.followee.profile["followedMessage"]})
}

// unfollow ends a follow.
func (s *Server) unfollow(f *follow) {
	s.follows.remove(f)
	s.publishMain(f.follower, "unfollow", s.userDetailed(f.followee, f.follower))
	s.hook(f.follower, "unfollow", func() object { return object{"user": s.userDetailed(f.followee, f.follower)} })
}

// requestsChanged sends to an account that others have asked to follow it, or do
// not ask any more.
func (s *Server) requestsChanged(a *account) { s.publishMain(a, "meUpdated", s.me(a, false)) }

// removeRequest takes a request out.
func (s *Server) removeRequest(f *follow) {
	s.followRequests.remove(f.id)
	s.requestsChanged(f.followee)
}

// deleteFollow is the endpoint following/delete.
func deleteFollow(c *call) (any, error) {
	other, err := c.otherAccount(gen.ErrFolloweeIsYourself)
	if err != nil {
		return nil, err
	}
	f := c.s.followOf(c.account, other)
	if f == nil {
		return nil, c.refuse(gen.ErrNotFollowing)
	}
	c.s.unfollow(f)
	return c.s.userLite(other), nil
}

// invalidateFollow is the endpoint following/invalidate, which ends that somebody
// follows the caller.
func invalidateFollow(c *call) (any, error) {
	other, err := c.otherAccount(gen.ErrFollowerIsYourself)
	if err != nil {
		return nil, err
	}
	f := c.s.followOf(other, c.account)
	if f == nil {
		return nil, c.refuse(gen.ErrNotFollowing)
	}
	c.s.unfollow(f)
	return c.s.userLite(other), nil
}

// updateFollow is the endpoint following/update.
func updateFollow(c *call) (any, error) {
	other, err := c.otherAccount(gen.ErrFolloweeIsYourself)
	if err != nil {
		return nil, err
	}
	f := c.s.followOf(c.account, other)
	if f == nil {
		return nil, c.refuse(gen.ErrNotFollowing)
	}
	if notify := c.text("notify"); notify != "" {
		f.notify = notify == "normal"
	}
	if _, ok := c.params["withReplies"]; ok {
		f.withReplies = c.flag("withReplies")
	}
	return c.s.userLite(c.account), nil
}

// acceptRequest is the endpoint following/requests/accept.
func acceptRequest(c *call) (any, error) {
	f, err := c.receivedRequest()
	if err != nil {
		return nil, err
	}
	if f == nil {
		return nil, c.refuse(gen.ErrNoFollowRequest)
	}
	c.s.removeRequest(f)
	f.id = c.s.newID()
	c.s.accept(f)
	return nil, nil
}

// rejectRequest is the endpoint following/requests/reject, which does not mind
// where there is none.
func rejectRequest(c *call) (any, error) {
	f, err := c.receivedRequest()
	if err == nil && f != nil {
		c.s.removeRequest(f)
	}
	return nil, err
}

func (c *call) receivedRequest() (*follow, error) {
	other := c.s.accounts.get(c.text("userId"))
	if other == nil {
		return nil, c.refuse(gen.ErrNoSuchUser)
	}
	return c.s.requestOf(other, c.account), nil
}

// cancelRequest is the endpoint following/requests/cancel.
func cancelRequest(c *call) (any, error) {
	other := c.s.accounts.get(c.text("userId"))
	if other == nil {
		return nil, c.refuse(gen.ErrNoSuchUser)
	}
	f := c.s.requestOf(c.account, other)
	if f == nil {
		return nil, c.refuse(gen.ErrFollowRequestNotFound)
	}
	c.s.removeRequest(f)
	return c.s.userLite(other), nil
}

// listRequests is the endpoint following/requests/list, of those that the caller
// has got; following/requests/sent is of those that it has made.
func listRequests(sent bool) handler {
	return func(c *call) (any, error) {
		page := c.s.followRequests.page(c.cursor(), func(f *follow) bool {
			return sent && f.follower == c.account || !sent && f.followee == c.account
		})
		return pack(page, func(f *follow) any {
			return object{"id": f.id, "follower": c.s.userLite(f.follower), "followee": c.s.userLite(f.followee)}
		}), nil
	}
}

// listFollows is the endpoint users/followers or users/following.
func listFollows(followers bool) handler {
	return func(c *call) (any, error) {
		var a *account
		if c.params["userId"] != nil {
			a = c.s.accounts.get(c.text("userId"))
		} else {
			a = c.s.addressed(c.text("username"), c.text("host"))
		}
		if a == nil {
			return nil, c.refuse(gen.ErrNoSuchUser)
		}
		visibility := text(a.profile["followingVisibility"])
		if followers {
			visibility = text(a.profile["followersVisibility"])
		}
		if a != c.account && (visibility == "private" || visibility == "followers" && c.s.followOf(c.account, a) == nil) {
			return nil, c.refuse("FORBIDDEN")
		}
		page := c.s.follows.page(c.cursor(), func(f *follow) bool {
			return followers && f.followee == a || !followers && f.follower == a
		})
		return pack(page, func(f *follow) any {
			item := object{"id": f.id, "createdAt": createdAt(f.id), "followeeId": f.followee.id, "followerId": f.follower.id}
			if followers {
				item["follower"] = c.user(f.follower)
			} else {
				item["followee"] = c.user(f.followee)
			}
			return item
		}), nil
	}
}

// ownFollows is the endpoint following/list, of those whom the caller follows;
// with notification of those whose notes it is notified of.
func ownFollows(c *call) (any, error) {
	page := c.s.follows.page(c.cursor(), func(f *follow) bool {
		return f.follower == c.account && (!c.flag("notification") || f.notify)
	})
	return pack(page, func(f *follow) any {
		return object{
			"id": f.id, "createdAt": createdAt(f.id), "followeeId": f.followee.id, "followerId": f.follower.id,
			"followee": c.user(f.followee),
		}
	}), nil
}

// otherAccount returns the account that userId names, who must be another than
// the caller: for that the response is self.
func (c *call) otherAccount(self gen.ErrorCode) (*account, error) {
	other := c.s.accounts.get(c.text("userId"))
	switch {
	case c.account.id == c.text("userId"):
		return nil, c.refuse(self)
	case other == nil:
		return nil, c.refuse(gen.ErrNoSuchUser)
	}
	return other, nil
}
