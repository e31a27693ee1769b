package misskeytest

import "github.com/misskey-go/misskey/gen"

// A report points the moderators to an account that misbehaves.
type report struct {
	id, comment      string
	reporter, target *account
	assignee         *account // who has resolved it; nil for nobody
	resolved         bool
	resolvedAs       any
}

func (r *report) key() string { return r.id }

// reportAbuse is the endpoint users/report-abuse.
func reportAbuse(c *call) (any, error) {
	target := c.s.accounts.get(c.text("userId"))
	switch {
	case target == nil:
		return nil, c.refuse(gen.ErrNoSuchUser)
	case target == c.account:
		return nil, c.refuse(gen.ErrCannotReportYourself)
	case target.administrator:
		return nil, c.refuse(gen.ErrCannotReportTheAdmin)
	}
	s := c.s
	r := &report{id: c.s.newID(), comment: c.text("comment"), reporter: c.account, target: target}
	c.s.reports.add(r)
	for _, a := range c.s.accounts.items {
		if a.moderator && (a.made.Moderator || len(s.rolesOf(a)) > 0) { // root has no role
			c.s.publish(topic{channel: "admin", account: a}, "newAbuseUserReport", object{
				"id": r.id, "targetUserId": target.id, "reporterId": c.account.id, "comment": r.comment,
			})
		}
	}
	s.systemHook("abuseReport", func() object { return s.hookedReport(r) })
	return nil, nil
}

// hookedReport is a report as webhooks get it.
func (s *Server) hookedReport(r *report) object {
	packed := object{
		"id": r.id, "comment": r.comment, "resolved": r.resolved, "resolvedAs": r.resolvedAs,
		"reporterId": r.reporter.id, "reporter": s.userLite(r.reporter), "reporterHost": r.reporter.shownHost(),
		"targetUserId": r.target.id, "targetUser": s.userLite(r.target), "targetUserHost": r.target.shownHost(),
		"assigneeId": nil, "assignee": nil, "forwarded": false, "moderationNote": "",
	}
	if r.assignee != nil {
		packed["assigneeId"], packed["assignee"] = r.assignee.id, s.userLite(r.assignee)
	}
	return packed
}

// listReports is the endpoint admin/abuse-user-reports. All reports are of and
// about accounts of this server.
func listReports(c *call) (any, error) {
	state := c.text("state")
	remote := c.text("reporterOrigin") == "remote" || c.text("targetUserOrigin") == "remote"
	page := c.s.reports.page(c.cursor(), func(r *report) bool {
		return !remote && (state == "" || (state == "resolved") == r.resolved)
	})
	return pack(page, func(r *report) any {
		packed := object{
			"id": r.id, "createdAt": createdAt(r.id), "comment": r.comment, "resolved": r.resolved, "resolvedAs": r.resolvedAs,
			"reporterId": r.reporter.id, "reporter": c.s.userDetailed(r.reporter, nil), "targetUserId": r.target.id, "targetUser": c.s.userDetailed(r.target, nil),
			"assigneeId": nil, "assignee": nil, "forwarded": false, "moderationNote": "",
		}
		if r.assignee != nil {
			packed["assigneeId"], packed["assignee"] = r.assignee.id, c.s.userDetailed(r.assignee, nil)
		}
		return packed
	}), nil
}

// resolveReport is the endpoint admin/resolve-abuse-user-report.
func resolveReport(c *call) (any, error) {
	r := c.s.reports.get(c.text("reportId"))
	if r == nil {
		return nil, c.refuse(gen.ErrNoSuchAbuseReport)
	}
	r.resolved, r.assignee, r.resolvedAs = true, c.account, c.params["resolvedAs"]
	c.s.systemHook("abuseReportResolved", func() object { return c.s.hookedReport(r) })
	return nil, nil
}
