// Package contract is what this module takes for granted about Misskey, as cases
// that run against any instance: against misskeytest in every test run, and
// against a real one with
//
//	MISSKEY_URL=https://misskey.example MISSKEY_TOKEN=… go test ./internal/contract
//
// where the token is the own one of the account root. Where the two differ,
// misskeytest is wrong. Each case makes the accounts that it needs and deletes
// them afterwards, so that the suite can run as often as one likes.
package contract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// A testCase is one thing that an instance does.
type testCase struct {
	name string
	run  func(t *T)
}

// suite is all cases.
var suite = slices.Concat(accountCases, noteCases, timelineCases, followingCases, muteCases,
	notificationCases, driveCases, collectionCases, errorCases, refusalCases, oddCases,
	reversiCases, reportCases, channelCases, antennaCases, clipCases, chatCases,
	roleCases, emojiCases, announcementCases, searchCases, moderationCases, appCases, loginCases, streamCases)

// Run runs all cases against the instance that root is a client of, as the
// account root with its own token.
func Run(t *testing.T, root *misskey.Client) {
	role := unlimited(t, root)
	for _, c := range suite {
		t.Run(c.name, func(t *testing.T) { c.run(&T{t, root, role}) })
	}
}

// unlimited makes a role without rate limits, which the accounts of all cases
// get, and returns its id.
func unlimited(t *testing.T, root *misskey.Client) string {
	t.Helper()
	type params = map[string]any
	role, err := misskey.Call[struct{ ID string }](t.Context(), root, "admin/roles/create", params{
		"name": "contract", "description": "of the contract suite", "color": nil, "iconUrl": nil, "target": "manual",
		"condFormula": params{}, "isPublic": false, "isModerator": false, "isAdministrator": false, "isExplorable": false,
		"asBadge": false, "canEditMembersByModerator": false, "displayOrder": 0,
		"policies": params{"rateLimitFactor": params{"useDefault": false, "priority": 2, "value": 0}},
	})
	if err != nil {
		t.Fatalf("making a role without rate limits: %v", err)
	}
	t.Cleanup(func() {
		if err := root.AdminRolesDelete(context.Background(), gen.AdminRolesDeleteRequest{RoleID: role.ID}); err != nil {
			t.Errorf("the role %s is still there, delete it by hand: %v", role.ID, err)
		}
	})
	return role.ID
}

// T is a case that is running.
type T struct {
	*testing.T
	root *misskey.Client
	role string
}

// A user is a client of an account that the case has made.
type user struct {
	*misskey.Client
	id, username string
}

// user makes an account. It is deleted when the case has ended.
func (t *T) user() user {
	t.Helper()
	u := user{username: fmt.Sprintf("c%s%d", time.Now().Format("0102150405"), rand.IntN(100_000_000))}
	made, err := misskey.Call[struct{ ID, Token string }](t.Context(), t.root, "admin/accounts/create",
		map[string]string{"username": u.username, "password": "contract"}, misskey.NoRetry())
	if err != nil {
		t.Fatalf("making an account: %v", err)
	}
	t.Cleanup(func() {
		if err := t.root.AdminAccountsDelete(context.Background(), gen.AdminAccountsDeleteRequest{UserID: made.ID}); err != nil {
			t.Errorf("the account %s is still there, delete it by hand: %v", u.username, err)
		}
	})
	u.id, u.Client = made.ID, t.root.As(made.Token)
	t.ok(t.root.AdminRolesAssign(t.Context(), gen.AdminRolesAssignRequest{RoleID: t.role, UserID: u.id}))
	return u
}

// ok ends the case where there is an error.
func (t *T) ok(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused ends the case unless the error has a code or an id and a status.
func (t *T) refused(err, want error, status int) {
	t.Helper()
	if !isRefused(err, want, status) {
		t.Fatalf("%v, want %v with HTTP %d", err, want, status)
	}
}

func isRefused(err, want error, status int) bool {
	e, ok := errors.AsType[*misskey.Error](err)
	return ok && errors.Is(err, want) && e.Status == status
}

// equal reports what is not as it should be.
func equal[V comparable](t *T, what string, got, want V) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// note posts a note.
func (t *T) note(by user, req gen.NotesCreateRequest) *gen.Note {
	t.Helper()
	res, err := by.NotesCreate(t.Context(), req)
	t.ok(err)
	return &res.CreatedNote
}

// text posts a note of some words.
func (t *T) text(by user, words string) *gen.Note {
	t.Helper()
	return t.note(by, gen.NotesCreateRequest{Text: &words})
}

// raw calls an endpoint and returns the answer as JSON.
func (t *T) raw(by user, endpoint string, params any) map[string]any {
	t.Helper()
	data, err := misskey.Call[json.RawMessage](t.Context(), by.Client, endpoint, params)
	t.ok(err)
	var v map[string]any
	t.ok(json.Unmarshal(data, &v))
	return v
}

// eventually waits for what an instance does later, which must be so in the end.
func (t *T) eventually(what string, is func() bool) {
	t.Helper()
	for range 50 {
		if is() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("%s: not after five seconds", what)
}

// ids are those of notes, joined for messages.
func ids(notes []gen.Note) string {
	var all []string
	for _, n := range notes {
		all = append(all, n.ID)
	}
	return strings.Join(all, " ")
}

func joined(notes ...*gen.Note) string {
	var all []string
	for _, n := range notes {
		all = append(all, n.ID)
	}
	return strings.Join(all, " ")
}
