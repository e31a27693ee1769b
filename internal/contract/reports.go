package contract

import "github.com/misskey-go/misskey/gen"

var reportCases = []testCase{
	{"a report reaches the moderators", func(t *T) {
		u, v := t.user(), t.user()
		comment := "about " + v.username
		t.ok(u.UsersReportAbuse(t.Context(), gen.UsersReportAbuseRequest{UserID: v.id, Comment: comment}))
		var found *gen.AbuseUserReport
		t.eventually("the report", func() bool {
			reports, err := t.root.AdminAbuseUserReports(t.Context(), gen.AdminAbuseUserReportsRequest{State: new(gen.AbuseUserReportStateUnresolved)})
			t.ok(err)
			for _, r := range reports {
				if r.Comment == comment {
					found = &r
				}
			}
			return found != nil
		})
		if found == nil {
			return
		}
		equal(t, "reporter", found.ReporterID, u.id)
		equal(t, "target", found.TargetUserID, v.id)
		t.ok(t.root.AdminResolveAbuseUserReport(t.Context(), gen.AdminResolveAbuseUserReportRequest{ReportID: found.ID}))
	}},
	{"reports that make no sense", func(t *T) {
		u := t.user()
		root, err := t.root.I(t.Context())
		t.ok(err)
		report := func(id string) error {
			return u.UsersReportAbuse(t.Context(), gen.UsersReportAbuseRequest{UserID: id, Comment: "x"})
		}
		t.refused(report(u.id), gen.ErrCannotReportYourself, 400)
		t.refused(report(root.ID), gen.ErrCannotReportTheAdmin, 400)
		t.refused(report("0"), gen.ErrIDUsersReportAbuseNoSuchUser, 400)
	}},
}
