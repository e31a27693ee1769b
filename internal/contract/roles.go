package contract

import (
	"context"
	"errors"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// roleWith makes a role, which is deleted when the case has ended.
func (t *T) roleWith(name string, change map[string]any) string {
	t.Helper()
	params := map[string]any{
		"name": name, "description": "of the contract suite", "color": nil, "iconUrl": nil, "target": "manual",
		"condFormula": map[string]any{}, "isPublic": true, "isModerator": false, "isAdministrator": false, "isExplorable": true,
		"asBadge": false, "canEditMembersByModerator": false, "displayOrder": 0, "policies": map[string]any{},
	}
	for key, value := range change {
		params[key] = value
	}
	role, err := misskey.Call[struct{ ID string }](t.Context(), t.root, "admin/roles/create", params)
	t.ok(err)
	t.Cleanup(func() {
		err := t.root.AdminRolesDelete(context.Background(), gen.AdminRolesDeleteRequest{RoleID: role.ID})
		if err != nil && !errors.Is(err, gen.ErrNoSuchRole) {
			t.Errorf("the role %s is still there, delete it by hand: %v", role.ID, err)
		}
	})
	return role.ID
}

// policy is the value of a policy in a role that goes before all others.
func policy(value any) map[string]any {
	return map[string]any{"useDefault": false, "priority": 2, "value": value}
}

// assign gives an account a role.
func (t *T) assign(u user, role string) {
	t.Helper()
	t.ok(t.root.AdminRolesAssign(t.Context(), gen.AdminRolesAssignRequest{RoleID: role, UserID: u.id}))
}

var roleCases = []testCase{
	{"a public role is on the page of an account", func(t *T) {
		u := t.user()
		role := t.roleWith("keepers of "+u.username, map[string]any{"asBadge": true})
		t.assign(u, role)
		t.eventually("the role", func() bool {
			shown, err := t.guest().UsersShow(t.Context(), gen.UsersShowRequest{UserID: &u.id})
			t.ok(err)
			return len(shown.Roles) == 1 && shown.Roles[0].ID == role && len(shown.BadgeRoles) == 1
		})
		t.eventually("a notification", func() bool {
			all, err := u.INotifications(t.Context(), gen.INotificationsRequest{})
			t.ok(err)
			return len(all) > 0 && all[0].Type == gen.NotificationTypeRoleAssigned && all[0].Role.ID == role
		})
		members, err := t.guest().RolesUsers(t.Context(), gen.RolesUsersRequest{RoleID: role})
		t.ok(err)
		if len(members) != 1 || members[0].User.ID != u.id {
			t.Errorf("%d members", len(members))
		}
		shown, err := t.guest().RolesShow(t.Context(), gen.RolesShowRequest{RoleID: role})
		t.ok(err)
		equal(t, "users", shown.UsersCount, 1)
		t.ok(t.root.AdminRolesUnassign(t.Context(), gen.AdminRolesUnassignRequest{RoleID: role, UserID: u.id}))
		t.refused(t.root.AdminRolesUnassign(t.Context(), gen.AdminRolesUnassignRequest{RoleID: role, UserID: u.id}), gen.ErrInternalError, 500)
	}},
	{"a role has a timeline of public notes", func(t *T) {
		u := t.user()
		role := t.roleWith("writers of "+u.username, nil)
		t.assign(u, role)
		time.Sleep(time.Second) // the instance keeps what it knows of roles for a while
		n := t.text(u, "by a writer")
		t.note(u, gen.NotesCreateRequest{Text: new("for friends"), Visibility: new(gen.NoteVisibilityHome)})
		t.shows("the timeline", func() ([]gen.Note, error) {
			return u.RolesNotes(t.Context(), gen.RolesNotesRequest{RoleID: role})
		}, n)
	}},
	{"a role changes what an account may do", func(t *T) {
		u := t.user()
		role := t.roleWith("collectors of "+u.username, map[string]any{"policies": map[string]any{"clipLimit": policy(1), "canSearchNotes": policy(true)}})
		_, err := u.NotesSearch(t.Context(), gen.NotesSearchRequest{Query: "x"})
		t.refused(err, gen.ErrUnavailable, 400)
		t.assign(u, role)
		t.eventually("the policy", func() bool {
			me, err := u.I(t.Context())
			t.ok(err)
			return me.Policies.ClipLimit == 1 && me.Policies.CanSearchNotes
		})
		t.clip(u, false)
		_, err = u.ClipsCreate(t.Context(), gen.ClipsCreateRequest{Name: "another"})
		t.refused(err, gen.ErrTooManyClips, 400)
		n := t.text(u, "needle "+u.username)
		t.shows("the search", func() ([]gen.Note, error) {
			return u.NotesSearch(t.Context(), gen.NotesSearchRequest{Query: "needle " + u.username})
		}, n)
	}},
	{"a role makes moderators", func(t *T) {
		u, v := t.user(), t.user()
		role := t.roleWith("moderators of "+u.username, map[string]any{"isModerator": true, "isPublic": false})
		_, err := u.AdminAnnouncementsList(t.Context(), gen.AdminAnnouncementsListRequest{})
		t.refused(err, gen.ErrRolePermissionDenied, 403)
		t.assign(u, role)
		t.eventually("the role", func() bool {
			_, err := u.AdminAnnouncementsList(t.Context(), gen.AdminAnnouncementsListRequest{})
			return err == nil
		})
		t.refused(u.AdminRolesAssign(t.Context(), gen.AdminRolesAssignRequest{RoleID: role, UserID: v.id}), gen.ErrIDAdminRolesAssignAccessDenied, 400)
		_, err = t.guest().RolesShow(t.Context(), gen.RolesShowRequest{RoleID: role})
		t.refused(err, gen.ErrIDRolesShowNoSuchRole, 400)
	}},
	{"roles are changed, listed and deleted", func(t *T) {
		u := t.user()
		role := t.roleWith("passing of "+u.username, nil)
		t.ok(t.root.AdminRolesUpdate(t.Context(), gen.AdminRolesUpdateRequest{RoleID: role, Description: new("other words")}))
		_, err := misskey.Call[struct{}](t.Context(), t.root, "admin/roles/update", map[string]any{"roleId": role, "displayOrder": 1.5})
		t.refused(err, gen.ErrInternalError, 500)
		shown, err := t.root.AdminRolesShow(t.Context(), gen.AdminRolesShowRequest{RoleID: role})
		t.ok(err)
		equal(t, "description", shown.Description, "other words")
		equal(t, "name", shown.Name, "passing of "+u.username)
		all, err := t.root.AdminRolesList(t.Context())
		t.ok(err)
		found := false
		for _, r := range all {
			found = found || r.ID == role
		}
		equal(t, "listed", found, true)
		t.ok(t.root.AdminRolesDelete(t.Context(), gen.AdminRolesDeleteRequest{RoleID: role}))
		t.refused(t.root.AdminRolesDelete(t.Context(), gen.AdminRolesDeleteRequest{RoleID: role}), gen.ErrIDAdminRolesDeleteNoSuchRole, 400)
		_, err = t.root.AdminRolesShow(t.Context(), gen.AdminRolesShowRequest{RoleID: role})
		t.refused(err, gen.ErrIDAdminRolesShowNoSuchRole, 400)
	}},
	{"roles and members that there are not", func(t *T) {
		u := t.user()
		role := t.roleWith("nobody of "+u.username, nil)
		t.refused(t.root.AdminRolesAssign(t.Context(), gen.AdminRolesAssignRequest{RoleID: "0", UserID: u.id}), gen.ErrIDAdminRolesAssignNoSuchRole, 400)
		t.refused(t.root.AdminRolesAssign(t.Context(), gen.AdminRolesAssignRequest{RoleID: role, UserID: "0"}), gen.ErrIDAdminRolesAssignNoSuchUser, 400)
		_, err := u.RolesNotes(t.Context(), gen.RolesNotesRequest{RoleID: "0"})
		t.refused(err, gen.ErrIDRolesNotesNoSuchRole, 400)
		_, err = u.RolesUsers(t.Context(), gen.RolesUsersRequest{RoleID: "0"})
		t.refused(err, gen.ErrIDRolesUsersNoSuchRole, 400)
	}},
}
