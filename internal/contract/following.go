package contract

import (
	"strings"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

var followingCases = []testCase{
	{"following and ending it", func(t *T) {
		u, v := t.user(), t.user()
		followee, err := u.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: v.id})
		t.ok(err)
		equal(t, "followee", followee.ID, v.id)
		_, err = u.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: v.id})
		t.refused(err, gen.ErrAlreadyFollowing, 400)
		relation := t.relation(u, v)
		equal(t, "following", relation.IsFollowing, true)
		equal(t, "followed", relation.IsFollowed, false)
		followers, err := u.UsersFollowers(t.Context(), gen.UsersFollowersRequest{UserID: &v.id})
		t.ok(err)
		equal(t, "followers", len(followers), 1)
		equal(t, "follower", followers[0].FollowerID, u.id)
		_, err = u.FollowingDelete(t.Context(), gen.FollowingDeleteRequest{UserID: v.id})
		t.ok(err)
		_, err = u.FollowingDelete(t.Context(), gen.FollowingDeleteRequest{UserID: v.id})
		t.refused(err, gen.ErrNotFollowing, 400)
	}},
	{"nobody follows themselves, or nobody", func(t *T) {
		u := t.user()
		_, err := u.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: u.id})
		t.refused(err, gen.ErrFolloweeIsYourself, 400)
		_, err = u.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: "0"})
		t.refused(err, gen.ErrIDFollowingCreateNoSuchUser, 400)
	}},
	{"a locked account is asked", func(t *T) {
		u, v := t.user(), t.user()
		_, err := v.IUpdate(t.Context(), gen.IUpdateRequest{IsLocked: new(true)})
		t.ok(err)
		_, err = u.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: v.id})
		t.ok(err)
		relation := t.relation(u, v)
		equal(t, "following", relation.IsFollowing, false)
		equal(t, "asked", relation.HasPendingFollowRequestFromYou, true)
		requests, err := v.FollowingRequestsList(t.Context(), gen.FollowingRequestsListRequest{})
		t.ok(err)
		equal(t, "requests", len(requests), 1)
		equal(t, "from", requests[0].Follower.ID, u.id)
		t.ok(v.FollowingRequestsAccept(t.Context(), gen.FollowingRequestsAcceptRequest{UserID: u.id}))
		equal(t, "following", t.relation(u, v).IsFollowing, true)
		t.refused(v.FollowingRequestsAccept(t.Context(), gen.FollowingRequestsAcceptRequest{UserID: u.id}), gen.ErrNoFollowRequest, 400)
	}},
	{"a request is rejected or taken back", func(t *T) {
		u, v := t.user(), t.user()
		_, err := v.IUpdate(t.Context(), gen.IUpdateRequest{IsLocked: new(true)})
		t.ok(err)
		_, err = u.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: v.id})
		t.ok(err)
		t.ok(v.FollowingRequestsReject(t.Context(), gen.FollowingRequestsRejectRequest{UserID: u.id}))
		equal(t, "asked", t.relation(u, v).HasPendingFollowRequestFromYou, false)
		_, err = u.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: v.id})
		t.ok(err)
		_, err = u.FollowingRequestsCancel(t.Context(), gen.FollowingRequestsCancelRequest{UserID: v.id})
		t.ok(err)
		_, err = u.FollowingRequestsCancel(t.Context(), gen.FollowingRequestsCancelRequest{UserID: v.id})
		t.refused(err, gen.ErrFollowRequestNotFound, 400)
	}},
	{"a follower is sent away", func(t *T) {
		u, v := t.user(), t.user()
		_, err := u.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: v.id})
		t.ok(err)
		follower, err := v.FollowingInvalidate(t.Context(), gen.FollowingInvalidateRequest{UserID: u.id})
		t.ok(err)
		equal(t, "who is sent away", follower.ID, u.id)
		equal(t, "following", t.relation(u, v).IsFollowing, false)
		_, err = v.FollowingInvalidate(t.Context(), gen.FollowingInvalidateRequest{UserID: u.id})
		t.refused(err, gen.ErrNotFollowing, 400)
	}},
	{"one's own follows are listed", func(t *T) {
		t.need("2026.7.0")
		u, v, w := t.user(), t.user(), t.user()
		for _, followee := range []user{v, w} {
			t.ok(failure(u.FollowingCreate(t.Context(), gen.FollowingCreateRequest{UserID: followee.id})))
		}
		t.ok(failure(u.FollowingUpdate(t.Context(), gen.FollowingUpdateRequest{UserID: v.id, Notify: new(gen.UserNotify("normal"))})))
		type following struct {
			FolloweeID string
			Followee   *struct{ ID string }
			Follower   *struct{ ID string }
		}
		list := func(params map[string]any) string {
			t.Helper()
			all, err := misskey.Call[[]following](t.Context(), u.Client, "following/list", params)
			t.ok(err)
			var ids []string
			for _, f := range all {
				if f.Followee == nil || f.Followee.ID != f.FolloweeID || f.Follower != nil {
					t.Errorf("%+v", f)
				}
				ids = append(ids, f.FolloweeID)
			}
			return strings.Join(ids, " ")
		}
		equal(t, "followed", list(nil), w.id+" "+v.id)
		equal(t, "notified of", list(map[string]any{"notification": true}), v.id)
	}},
	{"relations are an array, also of one and of nobody", func(t *T) {
		u, v := t.user(), t.user()
		relations, err := u.UsersRelation(t.Context(), gen.UsersRelationRequest{UserID: gen.Many(v.id, "0")})
		t.ok(err)
		equal(t, "relations", len(relations), 2)
		equal(t, "id", relations[1].ID, "0")
		equal(t, "following", relations[1].IsFollowing, false)
		equal(t, "of one", t.relation(u, v).ID, v.id)
	}},
	{"followers that are private", func(t *T) {
		u, v := t.user(), t.user()
		_, err := u.IUpdate(t.Context(), gen.IUpdateRequest{FollowersVisibility: new(gen.FollowVisibilityPrivate)})
		t.ok(err)
		_, err = v.UsersFollowers(t.Context(), gen.UsersFollowersRequest{UserID: &u.id})
		t.refused(err, gen.ErrForbidden, 400)
		_, err = u.UsersFollowers(t.Context(), gen.UsersFollowersRequest{UserID: &u.id})
		t.ok(err)
	}},
}

// relation is how u stands to v.
func (t *T) relation(u, v user) gen.UserRelation {
	t.Helper()
	relations, err := u.UsersRelation(t.Context(), gen.UsersRelationRequest{UserID: gen.One(v.id)})
	t.ok(err)
	if len(relations) != 1 {
		t.Fatalf("%d relations", len(relations))
	}
	return relations[0]
}
