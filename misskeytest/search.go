package misskeytest

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/misskey-go/misskey/gen"
)

// searchNotes is the endpoint notes/search, for those who may.
func searchNotes(c *call) (any, error) {
	if c.s.policyOf(c.account, "canSearchNotes") != true {
		return nil, c.refuse(gen.ErrUnavailable)
	}
	query, author, in, host := strings.ToLower(c.text("query")), c.text("userId"), c.text("channelId"), c.text("host")
	return c.notes(func(n *note) bool {
		at := timeOf(n.id).UnixMilli()
		if c.params["rangeStartAt"] != nil && at < integer(c.params["rangeStartAt"]) || c.params["rangeEndAt"] != nil && at > integer(c.params["rangeEndAt"]) {
			return false
		}
		if host == "." && n.author.host != "" || host != "" && host != "." && n.author.host != host {
			return false
		}
		return strings.Contains(strings.ToLower(text(n.text)+"\n"+text(n.cw)), query) &&
			(author == "" || n.author.id == author) && (in == "" || n.channel != nil && n.channel.id == in)
	})
}

// span returns the part of a list that offset and limit want.
func span[T any](c *call, all []T) []T {
	from := min(int(integer(c.params["offset"])), len(all))
	return all[from:min(from+int(integer(c.params["limit"])), len(all))]
}

func (c *call) users(all []*account) []any {
	return pack(span(c, all), func(a *account) any { return c.user(a) })
}

// present are the accounts that anybody can find.
func (s *Server) present(want func(*account) bool) []*account {
	return s.accounts.all(func(a *account) bool { return !a.suspended && want(a) })
}

// alive reports whether an account has posted in the last days.
func (s *Server) alive(a *account) bool { return s.now().Sub(a.posted) < 5*24*time.Hour }

// sortUsers puts accounts in the order that the caller wants; + is descending.
func (c *call) sortUsers(all []*account) {
	by := map[string]func(*account) float64{
		"follower":  func(a *account) float64 { return float64(c.s.followers(a)) },
		"createdAt": func(a *account) float64 { return float64(timeOf(a.id).UnixMilli()) },
		"updatedAt": func(a *account) float64 { return float64(a.posted.UnixMilli()) },
	}[strings.TrimLeft(c.text("sort"), "+-")]
	if by == nil {
		return
	}
	slices.SortStableFunc(all, func(a, b *account) int {
		if strings.HasPrefix(c.text("sort"), "+") {
			a, b = b, a
		}
		return cmp.Compare(by(a), by(b))
	})
}

// isOf reports whether an account is of the servers that the caller wants: with
// "local" of this one, with "remote" of others.
func isOf(a *account, origin string) bool {
	return origin == "local" && a.host == "" || origin == "remote" && a.host != "" || origin != "local" && origin != "remote"
}

// listUsers is the endpoint users, of those who can be explored.
func listUsers(c *call) (any, error) {
	host := c.text("hostname")
	all := c.s.present(func(a *account) bool {
		return a.flag("isExplorable") && isOf(a, c.text("origin")) && (host == "" || a.host == host) && (c.text("state") != "alive" || c.s.alive(a))
	})
	c.sortUsers(all)
	return c.users(all), nil
}

// searchUsers is the endpoint users/search.
func searchUsers(c *call) (any, error) {
	query := strings.ToLower(strings.TrimPrefix(strings.TrimSpace(c.text("query")), "@"))
	return c.shownUsers(c.s.present(func(a *account) bool {
		if !isOf(a, c.text("origin")) {
			return false
		}
		return strings.Contains(strings.ToLower(a.username), query) || strings.Contains(strings.ToLower(text(a.profile["name"])), query) ||
			strings.Contains(strings.ToLower(text(a.profile["description"])), query)
	})), nil
}

// shownUsers packs accounts with the detail that the caller wants.
func (c *call) shownUsers(all []*account) []any {
	return pack(span(c, all), func(a *account) any {
		if c.params["detail"] == false {
			return c.s.userLite(a)
		}
		return c.user(a)
	})
}

// findUsers is the endpoint users/search-by-username-and-host, by the beginning
// of a name.
func findUsers(c *call) (any, error) {
	prefix, host := strings.ToLower(c.text("username")), strings.ToLower(c.text("host"))
	all := c.s.present(func(a *account) bool {
		if host != "" && !strings.HasPrefix(a.host, host) && (a.host != "" || host != "." && host != c.s.host()) {
			return false
		}
		return strings.HasPrefix(strings.ToLower(a.username), prefix)
	})
	slices.SortStableFunc(all, func(a, b *account) int { return b.posted.Compare(a.posted) })
	return c.shownUsers(all), nil
}

// A hashtag is who has used a tag.
type hashtag struct {
	tag                 string
	mentioned, attached map[*account]bool // in notes, in their profile
}

// hashtags are all tags, in alphabetical order.
func (s *Server) hashtags() []*hashtag {
	tags := map[string]*hashtag{}
	of := func(tag string) *hashtag {
		if tags[tag] == nil {
			tags[tag] = &hashtag{tag, map[*account]bool{}, map[*account]bool{}}
		}
		return tags[tag]
	}
	for _, n := range s.notes.items {
		for _, tag := range n.tags {
			of(tag).mentioned[n.author] = true
		}
	}
	for _, a := range s.accounts.items {
		for _, tag := range tagsOf(text(a.profile["description"])) {
			of(tag).attached[a] = true
		}
	}
	var all []*hashtag
	for _, tag := range slices.Sorted(maps.Keys(tags)) {
		all = append(all, tags[tag])
	}
	return all
}

// tagsOf returns the hashtags of a text as it is searched for them: in lower
// case. Those that are written in another case stand there twice.
func tagsOf(body string) (tags []string) {
	var written []string
	for _, m := range tagPattern.FindAllStringSubmatch(body, -1) {
		if !slices.Contains(written, m[1]) {
			written = append(written, m[1])
			tag := strings.ToLower(m[1])
			tags = append(tags, tag)
		}
	}
	return tags
}

func (h *hashtag) pack() object {
	packed := object{"tag": h.tag}
	for name, users := range map[string]map[*account]bool{"mentioned": h.mentioned, "attached": h.attached} {
		packed[name+"UsersCount"] = len(users)
		packed[name+"LocalUsersCount"], packed[name+"RemoteUsersCount"] = origins(users)
	}
	return packed
}

// origins returns how many accounts are of this server and of others.
func origins(users map[*account]bool) (local, remote int) {
	for a := range users {
		if a.host == "" {
			local++
		}
	}
	return local, len(users) - local
}

// listHashtags is the endpoint hashtags/list.
func listHashtags(c *call) (any, error) {
	all := c.s.hashtags()
	all = slices.DeleteFunc(all, func(h *hashtag) bool {
		local, remote := origins(h.attached)
		return c.flag("attachedToUserOnly") && local+remote == 0 || c.flag("attachedToLocalUserOnly") && local == 0 ||
			c.flag("attachedToRemoteUserOnly") && remote == 0
	})
	key := c.text("sort")
	count := func(h *hashtag) int { n, _ := h.pack()[strings.TrimLeft(key, "+-")+"Count"].(int); return n }
	slices.SortStableFunc(all, func(a, b *hashtag) int {
		if strings.HasPrefix(key, "+") {
			a, b = b, a
		}
		return cmp.Compare(count(a), count(b))
	})
	return pack(all[:min(len(all), int(integer(c.params["limit"])))], func(h *hashtag) any { return h.pack() }), nil
}

// searchHashtags is the endpoint hashtags/search, by the beginning of a tag.
func searchHashtags(c *call) (any, error) {
	found := slices.DeleteFunc(c.s.hashtags(), func(h *hashtag) bool {
		return !strings.HasPrefix(h.tag, strings.ToLower(c.text("query")))
	})
	return pack(span(c, found), func(h *hashtag) any { return h.tag }), nil
}

// showHashtag is the endpoint hashtags/show.
func showHashtag(c *call) (any, error) {
	for _, h := range c.s.hashtags() {
		if h.tag == strings.ToLower(c.text("tag")) {
			return h.pack(), nil
		}
	}
	return nil, c.refuse(gen.ErrNoSuchHashtag)
}

// hashtagUsers is the endpoint hashtags/users, of those who have a tag in their
// profile.
func hashtagUsers(c *call) (any, error) {
	tag := strings.ToLower(c.text("tag"))
	all := c.s.present(func(a *account) bool {
		return isOf(a, c.text("origin")) && slices.Contains(tagsOf(text(a.profile["description"])), tag) && (c.text("state") != "alive" || c.s.alive(a))
	})
	c.sortUsers(all)
	return c.users(all), nil
}
