package misskeytest

import (
	"slices"
	"time"

	"github.com/misskey-go/misskey/gen"
)

// A draft is a note that has not been posted. Where it is scheduled, the server
// posts it in time.
type draft struct {
	id     string
	owner  *account
	params object // those of notes/drafts/create and update
	plan   int    // changes with each schedule, so that an older one is void
}

func (d *draft) key() string { return d.id }

func (d *draft) scheduled() bool { return d.params["isActuallyScheduled"] == true }

func (s *Server) packDraft(d *draft) object {
	p := d.params
	packed := object{
		"id": d.id, "createdAt": createdAt(d.id), "userId": d.owner.id, "user": s.userLite(d.owner),
		"scheduledAt": nil, "isActuallyScheduled": d.scheduled(), "visibility": "public", "localOnly": p["localOnly"] == true,
		"visibleUserIds": []any{}, "fileIds": []any{}, "files": []any{}, "poll": nil,
	}
	for _, name := range []string{"text", "cw", "hashtag", "reactionAcceptance", "replyId", "renoteId", "channelId", "scheduledAt"} {
		packed[name] = p[name]
	}
	if visibility := text(p["visibility"]); visibility != "" {
		packed["visibility"] = visibility
	}
	if ids, ok := p["visibleUserIds"].([]any); ok {
		packed["visibleUserIds"] = ids
	}
	if ids, ok := p["fileIds"].([]any); ok {
		files := []any{}
		for _, id := range ids {
			if f := s.files.get(text(id)); f != nil {
				files = append(files, s.ownFile(f))
			}
		}
		packed["fileIds"], packed["files"] = ids, files
	}
	if poll, ok := p["poll"].(object); ok {
		shown := object{"choices": poll["choices"], "multiple": poll["multiple"] == true, "expiresAt": nil, "expiredAfter": poll["expiredAfter"]}
		if ms := integer(poll["expiresAt"]); ms != 0 {
			shown["expiresAt"] = stamp(time.UnixMilli(ms))
		}
		packed["poll"] = shown
	}
	for name, id := range map[string]string{"reply": text(p["replyId"]), "renote": text(p["renoteId"])} {
		if id == "" {
			continue
		}
		packed[name] = nil
		if n := s.notes.get(id); n != nil {
			packed[name] = s.packNoteLite(n, noteView{viewer: d.owner})
		}
	}
	if ch := s.channels.get(text(p["channelId"])); ch != nil {
		packed["channel"] = packChannelLite(ch)
	}
	return packed
}

// checkDraft refuses what could not be posted.
func (c *call) checkDraft(d *draft) error {
	now := c.s.now()
	switch ms := integer(d.params["scheduledAt"]); {
	case d.scheduled() && ms == 0:
		return c.refuse(gen.ErrScheduledAtRequired)
	case d.scheduled() && time.UnixMilli(ms).Before(now):
		return c.refuse(gen.ErrScheduledAtMustBeInFuture)
	}
	if ms := integer(at(d.params, "poll", "expiresAt")); ms != 0 && time.UnixMilli(ms).Before(now) {
		return c.refuse(gen.ErrCannotCreateAlreadyExpiredPoll)
	}
	_, err := (&call{s: c.s, op: c.op, account: c.account, params: d.params}).newNote()
	return err
}

// ownDraft returns a draft of the caller, by the parameter draftId.
func (c *call) ownDraft() (*draft, error) {
	if d := c.s.drafts.get(c.text("draftId")); d != nil && d.owner == c.account {
		return d, nil
	}
	return nil, c.refuse(gen.ErrNoSuchNoteDraft)
}

// hasRoomForSchedule refuses a scheduled note more than the role allows.
func (c *call) hasRoomForSchedule() error {
	if c.s.drafts.count(func(d *draft) bool { return d.owner == c.account && d.scheduled() }) >= c.policy("scheduledNoteLimit") {
		return c.refuse(gen.ErrTooManyScheduledNotes)
	}
	return nil
}

// createDraft is the endpoint notes/drafts/create.
func createDraft(c *call) (any, error) {
	d := &draft{owner: c.account, params: c.params}
	if c.s.drafts.count(func(d *draft) bool { return d.owner == c.account }) >= c.policy("noteDraftLimit") {
		return nil, c.refuse(gen.ErrTooManyDrafts)
	}
	if d.scheduled() {
		if err := c.hasRoomForSchedule(); err != nil {
			return nil, err
		}
	}
	if err := c.checkDraft(d); err != nil {
		return nil, err
	}
	d.id = c.s.newID()
	c.s.drafts.add(d)
	c.s.plan(d)
	return object{"createdDraft": c.s.packDraft(d)}, nil
}

// updateDraft is the endpoint notes/drafts/update: what is absent stays.
func updateDraft(c *call) (any, error) {
	d, err := c.ownDraft()
	if err != nil {
		return nil, err
	}
	next := &draft{owner: d.owner, params: object{}}
	for _, params := range []object{d.params, c.params} {
		for name, v := range params {
			if name != "draftId" {
				next.params[name] = v
			}
		}
	}
	if next.scheduled() && !d.scheduled() {
		if err := c.hasRoomForSchedule(); err != nil {
			return nil, err
		}
	}
	if err := c.checkDraft(next); err != nil {
		return nil, err
	}
	d.params = next.params
	c.s.plan(d)
	return object{"updatedDraft": c.s.packDraft(d)}, nil
}

// deleteDraft is the endpoint notes/drafts/delete.
func deleteDraft(c *call) (any, error) {
	d, err := c.ownDraft()
	if err != nil {
		return nil, err
	}
	c.s.drafts.remove(d.id)
	return nil, nil
}

// countDrafts is the endpoint notes/drafts/count.
func countDrafts(c *call) (any, error) {
	return c.s.drafts.count(func(d *draft) bool { return d.owner == c.account }), nil
}

// listDrafts is the endpoint notes/drafts/list.
func listDrafts(c *call) (any, error) {
	only, filtered := c.params["scheduled"].(bool)
	page := c.s.drafts.page(c.cursor(), func(d *draft) bool {
		return d.owner == c.account && (!filtered || d.scheduled() == only)
	})
	return pack(page, func(d *draft) any { return c.s.packDraft(d) }), nil
}

// plan posts a draft in time, if it is scheduled.
func (s *Server) plan(d *draft) {
	d.plan++
	if !d.scheduled() {
		return
	}
	plan := d.plan
	s.later(time.UnixMilli(integer(d.params["scheduledAt"])).Sub(s.now()), func() {
		if s.drafts.get(d.id) == d && d.plan == plan {
			s.postScheduled(d)
		}
	})
}

// postScheduled posts a draft. One that cannot be posted any more stays a draft.
func (s *Server) postScheduled(d *draft) {
	op, _ := s.document.find("notes/create")
	if op == nil {
		return // a document without notes
	}
	params := object{}
	for name, v := range d.params {
		if v != nil && !slices.Contains([]string{"hashtag", "scheduledAt", "isActuallyScheduled"}, name) {
			params[name] = v
		}
	}
	s.document.fillDefaults(op.request, params)
	answer, err := createNote(&call{s: s, op: op, account: d.owner, params: params})
	if err != nil {
		d.params["isActuallyScheduled"] = false
		s.notify(d.owner, nil, "scheduledNotePostFailed", nil)
		return
	}
	s.drafts.remove(d.id)
	if n := s.notes.get(text(at(answer, "createdNote", "id"))); n != nil {
		s.notifyOf(d.owner, nil, "scheduledNotePosted", n, nil)
	}
}
