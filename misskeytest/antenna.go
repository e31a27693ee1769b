package misskeytest

import (
	"slices"
	"strings"

	"github.com/misskey-go/misskey/gen"
)

// An antenna collects the notes in which somebody is interested.
type antenna struct {
	id    string
	owner *account
	list  *userList
	notes []string // ids, from old to new

	// rules are the parameters of antennas/create and update.
	rules object
}

func (a *antenna) key() string { return a.id }

// maxAntennaNotes is how many notes an antenna keeps.
const maxAntennaNotes = 200

func packAntenna(a *antenna) object {
	packed := object{
		"id": a.id, "createdAt": createdAt(a.id), "userListId": nil,
		"isActive": true, "hasUnreadNote": false, "notify": false,
	}
	if a.list != nil {
		packed["userListId"] = a.list.id
	}
	for _, name := range []string{"name", "keywords", "excludeKeywords", "src", "users", "caseSensitive", "withReplies", "withFile"} {
		packed[name] = a.rules[name]
	}
	for _, name := range []string{"localOnly", "excludeBots", "excludeNotesInSensitiveChannel"} {
		packed[name] = a.rules[name] == true
	}
	return packed
}

// words returns lists of words of a rule, without empty ones.
func (a *antenna) words(name string) (all [][]string) {
	lists, _ := a.rules[name].([]any)
	for _, list := range lists {
		var words []string
		items, _ := list.([]any)
		for _, item := range items {
			if word := text(item); word != "" {
				words = append(words, word)
			}
		}
		if len(words) > 0 {
			all = append(all, words)
		}
	}
	return all
}

// catches reports whether an antenna collects a note.
func (s *Server) catches(a *antenna, n *note) bool {
	switch {
	case !s.visible(n, a.owner):
		return false
	case a.rules["excludeNotesInSensitiveChannel"] == true && n.channel != nil && n.channel.sensitive,
		a.rules["excludeBots"] == true && n.author.flag("isBot"),
		a.rules["localOnly"] == true && n.author.host != "",
		a.rules["withReplies"] == false && n.replyID != "",
		a.rules["withFile"] == true && len(n.files) == 0:
		return false
	}
	switch a.rules["src"] {
	case "list":
		if a.list == nil || a.list.member(n.author) == nil {
			return false
		}
	case "users", "users_blacklist":
		if s.names(a, n.author) != (a.rules["src"] == "users") {
			return false
		}
	}
	body := text(n.text) + "\n" + text(n.cw)
	contains := func(words []string) bool {
		return !slices.ContainsFunc(words, func(word string) bool {
			if a.rules["caseSensitive"] == true {
				return !strings.Contains(body, word)
			}
			return !strings.Contains(strings.ToLower(body), strings.ToLower(word))
		})
	}
	wanted, unwanted := a.words("keywords"), a.words("excludeKeywords")
	return (len(wanted) == 0 || slices.ContainsFunc(wanted, contains)) && !slices.ContainsFunc(unwanted, contains)
}

// names reports whether an antenna names an account.
func (s *Server) names(a *antenna, who *account) bool {
	users, _ := a.rules["users"].([]any)
	return slices.ContainsFunc(users, func(user any) bool {
		username, host, _ := strings.Cut(strings.TrimPrefix(text(user), "@"), "@")
		return s.addressed(username, host) == who
	})
}

// collect gives a new note to the antennas that collect it.
func (s *Server) collect(n *note) {
	for _, a := range s.antennas.items {
		if !s.catches(a, n) {
			continue
		}
		a.notes = append(a.notes, n.id)
		if len(a.notes) > maxAntennaNotes {
			a.notes = slices.Delete(a.notes, 0, 1)
		}
		if !s.unwanted(a.owner, notePage{})(n) {
			s.publish(topic{channel: "antenna", account: a.owner, key: a.id}, "note", s.packNote(n, a.owner))
		}
	}
}

// antenna returns one of the caller's, by the parameter antennaId.
func (c *call) antenna() (*antenna, error) {
	if a := c.s.antennas.get(c.text("antennaId")); a != nil && a.owner == c.account {
		return a, nil
	}
	return nil, c.refuse(gen.ErrNoSuchAntenna)
}

// changeAntenna gives an antenna the rules that the parameters have, if they
// make sense.
func (c *call) changeAntenna(a *antenna) error {
	next := *a
	next.rules = object{}
	for name, v := range a.rules {
		next.rules[name] = v
	}
	for name, v := range c.params {
		next.rules[name] = v
	}
	if len(next.words("keywords")) == 0 && len(next.words("excludeKeywords")) == 0 {
		return c.refuse(gen.ErrEmptyKeyword)
	}
	if id, ok := c.params["userListId"]; ok {
		next.list = nil
		if id != nil {
			if next.list = c.s.userLists.get(text(id)); next.list == nil || next.list.owner != c.account {
				return c.refuse(gen.ErrNoSuchUserList)
			}
		}
	}
	*a = next
	return nil
}

// createAntenna is the endpoint antennas/create.
func createAntenna(c *call) (any, error) {
	a := &antenna{owner: c.account}
	if err := c.changeAntenna(a); err != nil {
		return nil, err
	}
	if c.s.antennas.count(func(a *antenna) bool { return a.owner == c.account }) >= c.policy("antennaLimit") {
		return nil, c.refuse(gen.ErrTooManyAntennas)
	}
	a.id = c.s.newID()
	c.s.antennas.add(a)
	return packAntenna(a), nil
}

// updateAntenna is the endpoint antennas/update.
func updateAntenna(c *call) (any, error) {
	a, err := c.antenna()
	if err == nil {
		err = c.changeAntenna(a)
	}
	if err != nil {
		return nil, err
	}
	return packAntenna(a), nil
}

// removeAntennaNote is the endpoint antennas/remove-note, which does not mind
// where the antenna does not have the note.
func removeAntennaNote(c *call) (any, error) {
	a, err := c.antenna()
	if err != nil {
		return nil, err
	}
	a.notes = slices.DeleteFunc(a.notes, func(id string) bool { return id == c.text("noteId") })
	return nil, nil
}

// deleteAntenna is the endpoint antennas/delete.
func deleteAntenna(c *call) (any, error) {
	a, err := c.antenna()
	if err != nil {
		return nil, err
	}
	c.s.antennas.remove(a.id)
	return nil, nil
}

// showAntenna is the endpoint antennas/show.
func showAntenna(c *call) (any, error) {
	a, err := c.antenna()
	if err != nil {
		return nil, err
	}
	return packAntenna(a), nil
}

// listAntennas is the endpoint antennas/list.
func listAntennas(c *call) (any, error) {
	return pack(c.s.antennas.all(func(a *antenna) bool { return a.owner == c.account }), func(a *antenna) any { return packAntenna(a) }), nil
}

// antennaNotes is the endpoint antennas/notes.
func antennaNotes(c *call) (any, error) {
	a, err := c.antenna()
	if err != nil {
		return nil, err
	}
	return c.notes(func(n *note) bool { return slices.Contains(a.notes, n.id) })
}
