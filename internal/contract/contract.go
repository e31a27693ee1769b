// Package contract is what this module takes for granted about Misskey, as cases
// that run against any instance: against misskeytest in every test run, and
// against a real one with
//
//	MISSKEY_URL=https://misskey.example MISSKEY_TOKEN=… go test ./internal/contract
//
// where the token is the own one of the account root. Where the two differ,
// misskeytest is wrong. Each case makes the accounts that it needs and deletes
// them afterwards, so that the suite can run as often as one likes. Much of what
// Misskey does is not done when it responds: cases wait for the effect.
//
// Some behaviour is of some versions only. The suite asks the instance for its
// version and expects accordingly; see [T.since].
package contract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
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
	roleCases, emojiCases, announcementCases, searchCases, moderationCases, appCases, loginCases, streamCases,
	hiddenCases, draftCases, webhookCases, instanceCases)

// Run runs all cases against the instance that root is a client of, as the
// account root with its own token.
func Run(t *testing.T, root *misskey.Client) {
	role := unlimited(t, root)
	meta, err := root.Meta(t.Context(), gen.MetaRequest{})
	if err != nil {
		t.Fatalf("asking for the version: %v", err)
	}
	t.Logf("the instance is Misskey %s", meta.Version)
	for _, c := range suite {
		t.Run(c.name, func(t *testing.T) { c.run(&T{t, root, role, meta.Version}) })
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
	root    *misskey.Client
	role    string
	version string // of the instance
}

// since reports whether the instance is of a version such as 2026.7.0, or later.
func (t *T) since(version string) bool {
	t.Helper()
	return slices.Compare(numbers(t, t.version), numbers(t, version)) >= 0
}

// need skips a case about what is there since a version only.
func (t *T) need(version string) {
	t.Helper()
	if !t.since(version) {
		t.Skipf("this is so since Misskey %s, and the instance is of %s", version, t.version)
	}
}

// numbers are those of a version, without what follows them.
func numbers(t *T, version string) []int {
	t.Helper()
	var all []int
	before, _, _ := strings.Cut(version, "-")
	for part := range strings.SplitSeq(before, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			t.Fatalf("the version %q is none: %v", version, err)
		}
		all = append(all, n)
	}
	return all
}

// settle waits for caches of the instance that nothing shows from outside.
func (t *T) settle() { time.Sleep(300 * time.Millisecond) }

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

// raw calls an endpoint and returns the response as JSON.
func (t *T) raw(by user, endpoint string, params any) map[string]any {
	t.Helper()
	data, err := misskey.Call[json.RawMessage](t.Context(), by.Client, endpoint, params)
	t.ok(err)
	var v map[string]any
	t.ok(json.Unmarshal(data, &v))
	return v
}

// patience is how long cases wait for an effect.
const patience = 5 * time.Second

// eventually waits for what an instance does later, which must be so in the end.
func (t *T) eventually(what string, is func() bool) {
	t.Helper()
	end := time.Now().Add(patience)
	for !is() {
		if time.Now().After(end) {
			t.Errorf("%s: not after %v", what, patience)
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// becomes waits for a value.
func becomes[V comparable](t *T, what string, want V, get func() V) {
	t.Helper()
	var got V
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		if got = get(); got == want {
			return
		}
		if time.Now().After(end) {
			t.Errorf("%s is %v after %v, want %v", what, got, patience, want)
			return
		}
	}
}

// becomesRefused waits until a call is refused with a code or an id and a status.
func (t *T) becomesRefused(what string, want error, status int, call func() error) {
	t.Helper()
	var err error
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		if err = call(); isRefused(err, want, status) {
			return
		}
		if time.Now().After(end) {
			t.Errorf("%s: %v after %v, want %v with HTTP %d", what, err, patience, want, status)
			return
		}
	}
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
