package misskeytest

import (
	"cmp"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/misskey-go/misskey/gen"
)

// A note is one post.
type note struct {
	id                 string
	author             *account
	text, cw           any // nil for none
	visibility         string
	visibleTo          []string // ids of accounts, where it is for these only
	localOnly          bool
	reactionAcceptance any

	replyID, renoteID string
	replyTo           *account // who wrote what this replies to
	renoted           *account
	replies, renotes  int    // how many there are of this note
	thread            string // id of the note that all this answers; empty for none
	channel           *channel
	clipped           int // how many clips it is in

	files     []*driveFile
	mentions  []string
	tags      []string
	poll      *poll
	reactions list[*reaction]
}

func (n *note) key() string { return n.id }

// A poll is a vote that a note asks for.
type poll struct {
	choices  []string
	votes    [][]*account // who chose each
	multiple bool
	expires  time.Time // zero for never
}

// A reaction is what an account thinks of a note.
type reaction struct {
	id, kind string
	user     *account
}

func (r *reaction) key() string { return r.id }

// A favorite is a note that an account keeps for itself.
type favorite struct {
	id   string
	user *account
	note *note
}

func (f *favorite) key() string { return f.id }

// pureRenote reports whether a note only shows another one.
func (n *note) pureRenote() bool {
	return n.renoteID != "" && n.text == nil && n.cw == nil && n.replyID == "" && len(n.files) == 0 && n.poll == nil
}

// visible reports whether a note is for a viewer, who may be nil. Lists of notes
// leave out those that are not. Where such a note is shown all the same, it is
// hidden.
func (s *state) visible(n *note, viewer *account) bool {
	switch {
	case viewer == n.author:
		return true
	case n.visibility == "public", n.visibility == "home":
		return viewer != nil || !n.author.flag("requireSigninToViewContents")
	case n.visibility == "specified":
		return viewer != nil && slices.Contains(n.visibleTo, viewer.id)
	}
	return s.visibleToFollowers(n, viewer)
}

// visibleToFollowers reports whether a viewer, who may be nil, may see a note to
// followers: they do, and anyone whom it speaks to.
func (s *state) visibleToFollowers(n *note, viewer *account) bool {
	return viewer != nil && (n.replyTo == viewer || slices.Contains(n.mentions, viewer.id) || s.followOf(viewer, n.author) != nil)
}

// shownVisibility is the visibility that a note is shown with: old public notes
// are for followers only, if their author wants that.
func (s *state) shownVisibility(n *note) string {
	if (n.visibility == "public" || n.visibility == "home") && s.isBefore(n, n.author.profile["makeNotesFollowersOnlyBefore"]) {
		return "followers"
	}
	return n.visibility
}

// hidden reports whether a note is shown to a viewer, who may be nil, without
// what it says.
func (s *state) hidden(n *note, viewer *account) bool {
	switch {
	case viewer == n.author:
		return false
	case s.isBefore(n, n.author.profile["makeNotesHiddenBefore"]):
		return true
	case s.shownVisibility(n) == "followers":
		return !s.visibleToFollowers(n, viewer)
	}
	return !s.visible(n, viewer)
}

// isBefore reports whether a note is older than an account's limit: seconds since
// 1970, or where it is not positive, seconds before now. Nil means no limit.
func (s *state) isBefore(n *note, limit any) bool {
	seconds, ok := limit.(json.Number)
	if !ok {
		return false
	}
	f, _ := seconds.Float64()
	border := time.UnixMilli(int64(f * 1000))
	if f <= 0 {
		border = s.now().Add(time.Duration(f * float64(time.Second)))
	}
	return timeOf(n.id).Before(border)
}

// note returns the note that the parameter noteId names. The caller need not be
// allowed to see it.
func (c *call) note() (*note, error) {
	if n := c.s.notes.get(c.text("noteId")); n != nil {
		return n, nil
	}
	return nil, c.refuse(gen.ErrNoSuchNote)
}

// A noteView is how a note is shown: to whom, who may be nil, and whether as an
// event of a timeline, which is the same for many.
type noteView struct {
	viewer *account
	event  bool
}

// packNote is what a viewer sees of a note, with what it replies to and renotes.
func (s *Server) packNote(n *note, viewer *account) object {
	return s.packNoteAs(n, noteView{viewer: viewer})
}

// packEvent is what a viewer gets of a note as an event of a timeline. It has no
// reactions of the viewer, but to what a renote shows.
func (s *Server) packEvent(n *note, viewer *account) object {
	packed := s.packNoteAs(n, noteView{viewer, true})
	if of, ok := packed["renote"].(object); ok && n.pureRenote() && viewer != nil {
		if mine := s.notes.get(n.renoteID).reactionOf(viewer); mine != nil {
			of["myReaction"] = mine.kind
		}
	}
	return packed
}

func (s *Server) packNoteAs(n *note, view noteView) object {
	viewer := view.viewer
	packed := s.packNoteLite(n, view)
	packed["clippedCount"] = n.clipped
	if n.replyID != "" {
		packed["reply"] = nil
		if to := s.notes.get(n.replyID); to != nil {
			packed["reply"] = s.packNoteLite(to, view)
		}
	}
	if n.renoteID != "" {
		packed["renote"] = nil
		if of := s.notes.get(n.renoteID); of != nil {
			packed["renote"] = s.packNoteAs(of, view)
		}
	}
	if n.poll != nil && !s.hidden(n, viewer) {
		packed["poll"] = n.poll.pack(viewer)
	}
	if mine := n.reactionOf(viewer); mine != nil && !view.event {
		packed["myReaction"] = mine.kind
	}
	return packed
}

// packNoteLite leaves out what is further away.
func (s *Server) packNoteLite(n *note, view noteView) object {
	viewer := view.viewer
	counts := map[string]int{}
	pairs := []string{}
	for _, r := range n.reactions.items {
		counts[r.kind]++
		if len(pairs) < 16 {
			pairs = append(pairs, r.user.id+"/"+r.kind)
		}
	}
	packed := object{
		"id": n.id, "createdAt": createdAt(n.id), "userId": n.author.id, "user": s.userLite(n.author),
		"text": n.text, "cw": n.cw, "visibility": s.shownVisibility(n), "localOnly": n.localOnly,
		"reactionAcceptance": n.reactionAcceptance, "reactions": counts, "reactionEmojis": object{},
		"reactionCount": len(n.reactions.items),
		"renoteCount":   n.renotes, "repliesCount": n.replies,
		"fileIds": []any{}, "files": []any{}, "replyId": nil, "renoteId": nil,
	}
	if n.replyID != "" {
		packed["replyId"] = n.replyID
	}
	if n.renoteID != "" {
		packed["renoteId"] = n.renoteID
	}
	if n.channel != nil {
		packed["channelId"], packed["channel"] = n.channel.id, packChannelLite(n.channel)
	}
	if n.author.host != "" {
		packed["uri"], packed["url"], packed["emojis"] = s.noteURI(n), s.noteURI(n), object{}
	}
	if n.poll != nil {
		packed["hasPoll"] = true
	}
	if len(n.tags) > 0 {
		packed["tags"] = n.tags
	}
	if len(n.mentions) > 0 {
		packed["mentions"] = n.mentions
	}
	if n.visibility == "specified" {
		packed["visibleUserIds"] = n.visibleTo
	}
	if view.event {
		packed["reactionAndUserPairCache"] = pairs
	}
	if len(n.files) > 0 {
		ids, files := []any{}, []any{}
		for _, f := range n.files {
			ids = append(ids, f.id)
			file := s.packFile(f)
			file["userId"] = f.owner.id
			files = append(files, file)
		}
		packed["fileIds"], packed["files"] = ids, files
	}
	if s.hidden(n, viewer) {
		maps.Copy(packed, object{"text": nil, "cw": nil, "fileIds": []any{}, "files": []any{}, "isHidden": true})
		delete(packed, "visibleUserIds")
	}
	return packed
}

func (p *poll) pack(viewer *account) object {
	choices := []any{}
	for i, choice := range p.choices {
		choices = append(choices, object{
			"text": choice, "votes": len(p.votes[i]), "isVoted": viewer != nil && slices.Contains(p.votes[i], viewer),
		})
	}
	packed := object{"multiple": p.multiple, "expiresAt": nil, "choices": choices}
	if !p.expires.IsZero() {
		packed["expiresAt"] = stamp(p.expires)
	}
	return packed
}

var (
	mentionPattern = regexp.MustCompile(`(?:^|[^\w@])@(\w(?:[\w.-]*\w)?)(?:@([\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?(?::\d+)?))?`)
	tagPattern     = regexp.MustCompile(`(?:^|\s)#([\p{L}\p{N}_]+)`)
)

// newNote returns the note that the parameters describe, if it may be posted. It
// is not part of anything yet.
func (c *call) newNote() (*note, error) {
	n := &note{
		author: c.account, cw: c.params["cw"], visibility: c.text("visibility"), localOnly: c.flag("localOnly"),
		reactionAcceptance: c.params["reactionAcceptance"], replyID: c.text("replyId"), renoteID: c.text("renoteId"),
	}
	if body := strings.TrimSpace(c.text("text")); body != "" {
		n.text = body
	}
	if err := c.attachFiles(n); err != nil {
		return nil, err
	}
	if err := c.attachPoll(n); err != nil {
		return nil, err
	}
	if err := c.renote(n); err != nil {
		return nil, err
	}
	if err := c.reply(n); err != nil {
		return nil, err
	}
	if err := c.enterChannel(n); err != nil {
		return nil, err
	}
	if c.s.prohibited("prohibitedWords", text(n.cw), text(n.text)) {
		return nil, c.refuse(gen.ErrContainsProhibitedWords)
	}
	return n, nil
}

// createNote is the endpoint notes/create.
func createNote(c *call) (any, error) {
	s := c.s
	n, err := c.newNote()
	if err != nil {
		return nil, err
	}
	mentioned := c.address(n)
	if len(mentioned) > 20 {
		return nil, c.refuse(gen.ErrContainsTooManyMentions)
	}
	s.addNote(n)
	created := s.packNote(n, c.account) // before the new note is counted anywhere
	s.countNote(n)
	s.announce(n, mentioned)
	if n.poll != nil && !n.poll.expires.IsZero() {
		s.later(n.poll.expires.Sub(s.now()), func() { s.endPoll(n) })
	}
	return object{"createdNote": created}, nil
}

// addNote makes a note part of what there is. Counting it is the caller's.
func (s *Server) addNote(n *note) {
	n.id = s.newID()
	s.notes.add(n)
	n.author.posted = timeOf(n.id)
	if n.channel != nil {
		n.channel.posted = n.author.posted
		n.channel.users[n.author] = true
	}
}

// removeNote takes a note out.
func (s *Server) removeNote(n *note) {
	s.notes.remove(n.id)
	if to := s.notes.get(n.replyID); to != nil {
		to.replies--
	}
	s.favorites.removeAll(func(f *favorite) bool { return f.note == n })
	for _, p := range s.clips.items {
		p.notes = slices.DeleteFunc(p.notes, func(o *note) bool { return o == n })
	}
	n.author.pinned = slices.DeleteFunc(n.author.pinned, func(id string) bool { return id == n.id })
	s.noteUpdated(n, "deleted", object{"deletedAt": stamp(s.now())})
}

// countNote counts a new note where notes are counted. Only the count of replies
// goes down again when a note is deleted.
func (s *state) countNote(n *note) {
	n.author.notes++
	if n.channel != nil {
		n.channel.notes++
	}
	if to := s.notes.get(n.replyID); to != nil {
		to.replies++
	}
	if of := s.notes.get(n.renoteID); of != nil && of.author != n.author && !n.author.flag("isBot") {
		of.renotes++
	}
}

func (c *call) attachFiles(n *note) error {
	ids, ok := c.params["fileIds"].([]any)
	if !ok {
		ids, _ = c.params["mediaIds"].([]any)
	}
	for _, id := range ids {
		f := c.s.files.get(text(id))
		if f == nil || f.owner != c.account {
			return c.refuse(gen.ErrNoSuchFile)
		}
		n.files = append(n.files, f)
	}
	return nil
}

func (c *call) attachPoll(n *note) error {
	asked, ok := c.params["poll"].(object)
	if !ok {
		return nil
	}
	n.poll = &poll{multiple: asked["multiple"] == true}
	choices, _ := asked["choices"].([]any)
	for _, choice := range choices {
		n.poll.choices = append(n.poll.choices, text(choice))
	}
	n.poll.votes = make([][]*account, len(choices))
	now := c.s.now()
	if ms := integer(asked["expiresAt"]); ms != 0 {
		n.poll.expires = time.UnixMilli(ms)
		if n.poll.expires.Before(now) {
			return c.refuse(gen.ErrCannotCreateAlreadyExpiredPoll)
		}
	}
	if ms := integer(asked["expiredAfter"]); ms != 0 {
		n.poll.expires = now.Add(time.Duration(ms) * time.Millisecond)
	}
	return nil
}

// renote checks what a note renotes. Nobody sees a renote who could not see that.
func (c *call) renote(n *note) error {
	if n.renoteID == "" {
		return nil
	}
	of := c.s.notes.get(n.renoteID)
	switch {
	case of == nil:
		return c.refuse(gen.ErrNoSuchRenoteTarget)
	case of.pureRenote():
		return c.refuse(gen.ErrCannotRenoteToAPureRenote)
	case of.visibility == "specified", of.visibility == "followers" && of.author != c.account:
		return c.refuse(gen.ErrCannotRenoteDueToVisibility)
	case of.visibility == "home" && n.visibility == "public":
		n.visibility = "home"
	case of.visibility == "followers":
		n.visibility = "followers"
	}
	if err := c.blocked(of.author); err != nil {
		return err
	}
	n.renoted, n.localOnly = of.author, n.localOnly || of.localOnly
	return nil
}

// reply checks what a note replies to.
func (c *call) reply(n *note) error {
	if n.replyID == "" {
		return nil
	}
	to := c.s.notes.get(n.replyID)
	switch {
	case to == nil:
		return c.refuse(gen.ErrNoSuchReplyTarget)
	case to.pureRenote():
		return c.refuse(gen.ErrCannotReplyToAPureRenote)
	case !c.s.visible(to, c.account):
		return c.refuse(gen.ErrCannotReplyToAnInvisibleNote)
	case to.visibility == "specified" && n.visibility != "specified":
		return c.refuse(gen.ErrCannotReplyToSpecifiedVisibilityNoteWithExtendedVisibility)
	case to.visibility == "followers" && (n.visibility == "public" || n.visibility == "home") && c.s.since("2026.7.0"):
		n.visibility = "followers"
	case to.visibility != "public" && n.visibility == "public":
		n.visibility = "home"
	}
	if err := c.blocked(to.author); err != nil {
		return err
	}
	n.replyTo, n.localOnly, n.thread = to.author, n.localOnly || to.localOnly, threadOf(to)
	return nil
}

// address finds out whom a note speaks to.
func (c *call) address(n *note) []*account {
	var mentioned []*account
	add := func(a *account) {
		if a != nil && !slices.Contains(mentioned, a) {
			mentioned = append(mentioned, a)
		}
	}
	all := text(n.cw) + "\n" + text(n.text)
	if !c.flag("noExtractMentions") {
		for _, m := range mentionPattern.FindAllStringSubmatch(all, -1) {
			add(c.s.addressed(m[1], cmp.Or(m[2], c.account.host)))
		}
	}
	if !c.flag("noExtractHashtags") {
		n.tags = tagsOf(all)
	}
	if n.replyTo != nil && n.replyTo != c.account {
		add(n.replyTo)
	}
	if n.visibility == "specified" {
		n.visibleTo = []string{}
		ids, _ := c.params["visibleUserIds"].([]any)
		for _, id := range ids {
			if a := c.s.accounts.get(text(id)); a != nil && !slices.Contains(n.visibleTo, a.id) {
				add(a)
				n.visibleTo = append(n.visibleTo, a.id)
			}
		}
		if n.replyTo != nil && !slices.Contains(n.visibleTo, n.replyTo.id) {
			n.visibleTo = append(n.visibleTo, n.replyTo.id)
		}
	}
	for _, a := range mentioned {
		n.mentions = append(n.mentions, a.id)
	}
	return mentioned
}

// announce publishes a new note, above all to those whom it is about. Anyone whom it
// mentions hears of it, also where the note is not for them and hidden.
func (s *Server) announce(n *note, mentioned []*account) {
	s.publishNote(n)
	s.collect(n)
	hook := func(to *account, kind string) {
		s.hook(to, kind, func() object { return object{"note": s.packNote(n, to)} })
	}
	hook(n.author, "note")
	for _, a := range mentioned {
		if s.mutesThread(a, n) {
			continue
		}
		hook(a, "mention")
		s.publishMain(a, "mention", s.packNote(n, a))
		if a != n.replyTo {
			s.notifyOf(a, n.author, "mention", n, nil)
		}
	}
	if n.replyTo != nil && !s.mutesThread(n.replyTo, n) {
		if n.replyTo != n.author {
			hook(n.replyTo, "reply")
			s.publishMain(n.replyTo, "reply", s.packNote(n, n.replyTo))
		}
		s.notifyOf(n.replyTo, n.author, "reply", n, nil)
	}
	if n.renoted != nil {
		kind := "quote"
		if n.pureRenote() {
			kind = "renote"
		}
		if n.renoted != n.author {
			hook(n.renoted, "renote")
			s.publishMain(n.renoted, "renote", s.packNote(n, n.renoted))
		}
		s.notifyOf(n.renoted, n.author, kind, n, nil)
	}
	for _, f := range s.follows.items {
		if f.followee == n.author && f.notify && n.replyID == "" && s.visible(n, f.follower) {
			s.notifyOf(f.follower, n.author, "note", n, nil)
		}
	}
}

// showNote is the endpoint notes/show.
func showNote(c *call) (any, error) {
	n := c.s.notes.get(c.text("noteId"))
	if n != nil && c.account == nil && n.author.flag("requireSigninToViewContents") {
		return nil, c.refuse(gen.ErrContentRestrictedByUser)
	}
	n, err := c.note()
	if err != nil {
		return nil, err
	}
	return c.s.packNote(n, c.account), nil
}

// translateNote is the endpoint notes/translate. The translation is made up.
func translateNote(c *call) (any, error) {
	n, err := c.note()
	switch {
	case err != nil:
		return nil, err
	case !c.s.visible(n, c.account):
		return nil, c.refuse(gen.ErrCannotTranslateInvisibleNote)
	case n.text == nil:
		return nil, nil
	}
	return c.s.synthesize(c), nil
}

// deleteNote is the endpoint notes/delete.
func deleteNote(c *call) (any, error) {
	n := c.s.notes.get(c.text("noteId"))
	switch {
	case n == nil:
		return nil, c.refuse(gen.ErrNoSuchNote)
	case n.author != c.account && !c.account.moderator:
		return nil, c.refuse(gen.ErrAccessDenied)
	}
	c.s.removeNote(n)
	return nil, nil
}

// unrenote is the endpoint notes/unrenote, which deletes the caller's renotes of
// a note, and quotes are renotes.
func unrenote(c *call) (any, error) {
	n, err := c.note()
	if err != nil {
		return nil, err
	}
	for _, o := range c.s.notes.all(func(o *note) bool { return o.author == c.account && o.renoteID == n.id }) {
		c.s.removeNote(o)
	}
	return nil, nil
}

// pinNote is the endpoint i/pin. The last one comes first.
func pinNote(c *call) (any, error) {
	n, a := c.s.notes.get(c.text("noteId")), c.account
	switch {
	case n == nil || n.author != a:
		return nil, c.refuse(gen.ErrNoSuchNote)
	case len(a.pinned) >= 5:
		return nil, c.refuse(gen.ErrPinLimitExceeded)
	case slices.Contains(a.pinned, n.id):
		return nil, c.refuse(gen.ErrAlreadyPinned)
	}
	a.pinned = slices.Insert(a.pinned, 0, n.id)
	return c.user(a), nil
}

// unpinNote is the endpoint i/unpin.
func unpinNote(c *call) (any, error) {
	n, a := c.s.notes.get(c.text("noteId")), c.account
	if n == nil || n.author != a {
		return nil, c.refuse(gen.ErrNoSuchNote)
	}
	a.pinned = slices.DeleteFunc(a.pinned, func(id string) bool { return id == n.id })
	return c.user(a), nil
}

// noteState is the endpoint notes/state.
func noteState(c *call) (any, error) {
	n := c.s.notes.get(c.text("noteId"))
	if n == nil {
		return nil, internalError("there is no such note")
	}
	return object{"isFavorited": c.favorite(n) != nil, "isMutedThread": c.s.mutesThread(c.account, n)}, nil
}

func (c *call) favorite(n *note) *favorite {
	return c.s.favorites.find(func(f *favorite) bool { return f.user == c.account && f.note == n })
}

// createFavorite is the endpoint notes/favorites/create.
func createFavorite(c *call) (any, error) {
	n, err := c.note()
	if err != nil {
		return nil, err
	}
	if c.favorite(n) != nil {
		return nil, c.refuse(gen.ErrAlreadyFavorited)
	}
	c.s.favorites.add(&favorite{c.s.newID(), c.account, n})
	if n.author != c.account {
		c.s.unlock(n.author, "myNoteFavorited1")
	}
	return nil, nil
}

// deleteFavorite is the endpoint notes/favorites/delete.
func deleteFavorite(c *call) (any, error) {
	n := c.s.notes.get(c.text("noteId"))
	if n == nil {
		return nil, c.refuse(gen.ErrNoSuchNote)
	}
	f := c.favorite(n)
	if f == nil {
		return nil, c.refuse(gen.ErrNotFavorited)
	}
	c.s.favorites.remove(f.id)
	return nil, nil
}

// listFavorites is the endpoint i/favorites, whose pages go by the favorite.
func listFavorites(c *call) (any, error) {
	page := c.s.favorites.page(c.cursor(), func(f *favorite) bool { return f.user == c.account })
	return pack(page, func(f *favorite) any {
		return object{"id": f.id, "createdAt": createdAt(f.id), "noteId": f.note.id, "note": c.s.packNote(f.note, c.account)}
	}), nil
}
