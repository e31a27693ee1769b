package contract

import (
	"context"

	"github.com/misskey-go/misskey/gen"
)

// announce makes an announcement, which is deleted when the case has ended.
func (t *T) announce(req gen.AdminAnnouncementsCreateRequest) *gen.Announcement {
	t.Helper()
	n, err := t.root.AdminAnnouncementsCreate(t.Context(), req)
	t.ok(err)
	t.Cleanup(func() {
		_ = t.root.AdminAnnouncementsDelete(context.Background(), gen.AdminAnnouncementsDeleteRequest{ID: n.ID})
	})
	return n
}

var announcementCases = []testCase{
	{"an announcement is for everybody", func(t *T) {
		u := t.user()
		n := t.announce(gen.AdminAnnouncementsCreateRequest{Title: "title", Text: "text"})
		shown, err := t.guest().AnnouncementsShow(t.Context(), gen.AnnouncementsShowRequest{AnnouncementID: n.ID})
		t.ok(err)
		equal(t, "title", shown.Title, "title")
		equal(t, "icon", shown.Icon, "info")
		listed := func() *gen.Announcement {
			t.Helper()
			all, err := u.Announcements(t.Context(), gen.AnnouncementsRequest{})
			t.ok(err)
			for _, a := range all {
				if a.ID == n.ID {
					return &a
				}
			}
			t.Fatal("it is not listed")
			return nil
		}
		equal(t, "read", *listed().IsRead, false)
		t.ok(u.IReadAnnouncement(t.Context(), gen.IReadAnnouncementRequest{AnnouncementID: n.ID}))
		t.eventually("it is read", func() bool { return *listed().IsRead })
	}},
	{"an announcement is for one account", func(t *T) {
		u, v := t.user(), t.user()
		n := t.announce(gen.AdminAnnouncementsCreateRequest{Title: "title", Text: "text", UserID: &u.id})
		_, err := v.AnnouncementsShow(t.Context(), gen.AnnouncementsShowRequest{AnnouncementID: n.ID})
		t.refused(err, gen.ErrIDAnnouncementsShowNoSuchAnnouncement, 400)
		shown, err := u.AnnouncementsShow(t.Context(), gen.AnnouncementsShowRequest{AnnouncementID: n.ID})
		t.ok(err)
		equal(t, "for you", *shown.ForYou, true)
		t.eventually("it is unread", func() bool {
			me, err := u.I(t.Context())
			t.ok(err)
			for _, a := range me.UnreadAnnouncements {
				if a.ID == n.ID {
					return me.HasUnreadAnnouncement
				}
			}
			return false
		})
	}},
	{"announcements are managed", func(t *T) {
		n := t.announce(gen.AdminAnnouncementsCreateRequest{Title: "title", Text: "text"})
		t.ok(t.root.AdminAnnouncementsUpdate(t.Context(), gen.AdminAnnouncementsUpdateRequest{ID: n.ID, Title: new("other"), IsActive: new(false)}))
		archived, err := t.root.AdminAnnouncementsList(t.Context(), gen.AdminAnnouncementsListRequest{Status: new(gen.AnnouncementStatusArchived)})
		t.ok(err)
		if len(archived) == 0 || archived[0].ID != n.ID || archived[0].Title != "other" || archived[0].Text != "text" {
			t.Errorf("%+v", archived)
		}
		t.ok(t.root.AdminAnnouncementsDelete(t.Context(), gen.AdminAnnouncementsDeleteRequest{ID: n.ID}))
		t.refused(t.root.AdminAnnouncementsDelete(t.Context(), gen.AdminAnnouncementsDeleteRequest{ID: n.ID}), gen.ErrIDAdminAnnouncementsDeleteNoSuchAnnouncement, 400)
		t.refused(t.root.AdminAnnouncementsUpdate(t.Context(), gen.AdminAnnouncementsUpdateRequest{ID: n.ID, Title: new("x")}), gen.ErrIDAdminAnnouncementsUpdateNoSuchAnnouncement, 400)
	}},
}
