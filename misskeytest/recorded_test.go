package misskeytest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/internal/conformance"
	"github.com/misskey-go/misskey/internal/contract"
	"github.com/misskey-go/misskey/misskeytest"
)

// A shape is what the responses of an endpoint look like: for each place with an
// object, how many of them there were, and what kinds of values each key had.
type shape map[string]*objects

type objects struct {
	count int
	keys  map[string]*values
}

type values struct {
	count int
	kinds map[string]bool
}

// free are the places whose keys are data.
var free = []string{"reactions", "reactionEmojis", "emojis", "notificationRecieveConfig", "info"}

func (s shape) add(place string, v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			s.add(place+"[]", item)
		}
	case map[string]any:
		o := s[place]
		if o == nil {
			o = &objects{keys: map[string]*values{}}
			s[place] = o
		}
		o.count++
		for key, value := range v {
			k := o.keys[key]
			if k == nil {
				k = &values{kinds: map[string]bool{}}
				o.keys[key] = k
			}
			k.count++
			k.kinds[strings.TrimPrefix(fmt.Sprintf("%T", value), "map[string]")] = true
			if !slices.Contains(free, key) {
				s.add(place+"."+key, value)
			}
		}
	}
}

// differences says what s has that the recorded shape has not, and the other way
// round what was in every recorded object.
func (s shape) differences(recorded shape) []string {
	var all []string
	for _, place := range slices.Sorted(maps.Keys(s)) {
		ours, real := s[place], recorded[place]
		if real == nil {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(ours.keys)) {
			known := real.keys[key]
			if known == nil {
				all = append(all, fmt.Sprintf("%s.%s was never sent", place, key))
				continue
			}
			for kind := range ours.keys[key].kinds {
				if kind != "<nil>" && !known.kinds[kind] && !(len(known.kinds) == 1 && known.kinds["<nil>"]) {
					all = append(all, fmt.Sprintf("%s.%s was never of type %s", place, key, kind))
				}
			}
		}
		for _, key := range slices.Sorted(maps.Keys(real.keys)) {
			if real.keys[key].count == real.count && real.count > 2 && (ours.keys[key] == nil || ours.keys[key].count < ours.count) {
				all = append(all, fmt.Sprintf("%s.%s was always sent", place, key))
			}
		}
	}
	return all
}

// A witness remembers what is answered.
type witness struct {
	next   http.RoundTripper
	mu     sync.Mutex
	shapes map[string]shape  // of successes, by endpoint
	errors map[string]string // the endpoints of the others, by endpoint, status, code, id and kind
}

func (w *witness) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := w.next.RoundTrip(r)
	if err != nil || resp.StatusCode == http.StatusSwitchingProtocols {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if endpoint, ok := strings.CutPrefix(r.URL.Path, "/api/"); ok {
		w.see(endpoint, resp.StatusCode, body)
	}
	return resp, err
}

func (w *witness) see(endpoint string, status int, body []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var v any
	if json.Unmarshal(body, &v) != nil {
		return
	}
	if status > 299 {
		if o, ok := v.(map[string]any); ok {
			if e, ok := o["error"].(map[string]any); ok {
				w.errors[fmt.Sprint(endpoint, " ", status, " ", e["code"], " ", e["id"], " ", e["kind"])] = endpoint
			}
		}
		return
	}
	if w.shapes[endpoint] == nil {
		w.shapes[endpoint] = shape{}
	}
	w.shapes[endpoint].add("", v)
}

func newWitness(next http.RoundTripper) *witness {
	return &witness{next: next, shapes: map[string]shape{}, errors: map[string]string{}}
}

// The server does what Misskey does. All that it answers on the way is what the
// document allows, and what the endpoints with state answer looks like what a real
// instance was recorded to answer: the same keys, the same types, and for each
// error the same status, id and kind.
func TestAnswersLookRecorded(t *testing.T) {
	recorded := newWitness(nil)
	exchanges, _, err := conformance.ReadFolder("../internal/conformance/testdata")
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]bool{}
	for _, e := range exchanges {
		recorded.see(e.Endpoint, e.Status, e.Body())
		codes[e.Endpoint] = true
	}

	srv := misskeytest.NewServer(t, misskeytest.Options{Lenient: true})
	misskeytest.ValidateAnswers(t, srv)
	ours := newWitness(srv.HTTPClient().Transport)
	root, err := misskey.New(srv.URL, misskey.WithToken(srv.Token("root")), misskey.WithHTTPClient(&http.Client{Transport: ours}))
	if err != nil {
		t.Fatal(err)
	}
	contract.Run(t, root)

	compared := 0
	for _, endpoint := range slices.Sorted(maps.Keys(ours.shapes)) {
		real := recorded.shapes[endpoint]
		if real == nil || !misskeytest.HasState(endpoint) {
			continue
		}
		compared++
		for _, difference := range ours.shapes[endpoint].differences(real) {
			if !slices.ContainsFunc(unlike, func(known string) bool { return strings.Contains(endpoint+": "+difference, known) }) {
				t.Errorf("%s: %s", endpoint, difference)
			}
		}
	}
	same := 0
	for e := range ours.errors {
		if recorded.errors[e] != "" {
			same++
		} else {
			t.Log("not recorded: ", e)
		}
	}
	// What every endpoint refuses is compared by TestRefusalsAreAsRecorded.
	general := regexp.MustCompile(` (AUTHENTICATION_FAILED|CREDENTIAL_REQUIRED|INVALID_PARAM|PERMISSION_DENIED|ROLE_PERMISSION_DENIED) | 56f35758-`)
	for _, e := range slices.Sorted(maps.Keys(recorded.errors)) {
		if ours.errors[e] == "" && misskeytest.HasState(recorded.errors[e]) && !general.MatchString(e) {
			if slices.ContainsFunc(unmade, func(known string) bool { return strings.HasPrefix(e, known) }) {
				continue
			}
			t.Errorf("recorded, but no case brings it about: %s", e)
		}
	}
	t.Logf("%d endpoints compared; %d of %d errors were recorded likewise", compared, same, len(ours.errors))
	if compared < 30 || same < 30 {
		t.Error("too little was compared")
	}
}

// unmade are recorded errors that no case brings about, because they need
// settings of the whole instance, or accounts with a second factor or that have
// moved away, which the server does not know.
var unmade = []string{
	"i/update 422 YOUR_NAME_CONTAINS_PROHIBITED_WORDS", "notes/create 400 CONTAINS_PROHIBITED_WORDS",
	"ap/show 400 FEDERATION_NOT_ALLOWED", "ap/show 400 NO_SUCH_OBJECT", "ap/show 400 REQUEST_FAILED", "ap/show 400 URI_INVALID", // other servers
	"notes/translate 400 UNAVAILABLE",
	"admin/reset-password 500 INTERNAL_ERROR", // before 2026.7.0
	"antennas/remove-note 403 YOUR_ACCOUNT_MOVED",
	"signin-flow 429 TOO_MANY_AUTHENTICATION_FAILURES", // with Options.RateLimits only: TestRateLimits
	"notes/create 403 YOUR_ACCOUNT_MOVED", "signin-flow 403 <nil> cdf1235b",
}

// unlike are differences that are due to what was posted, not to how it is shown.
var unlike = []string{
	"properties.height was always", "properties.width was always", // most files here are texts
	"users/show: [].", // nobody was recorded to ask for themselves among others
	"drive/files/show: .folder.parent was always",
	"i/registry/get-all: .", "i/registry/keys-with-type: .", // keys are data
	"i/favorites: [].note.myReaction was always",
	"i/notifications: [].note.isHidden was never", // nobody was mentioned in a note for others
	"notes/show: .user.makeNotesHiddenBefore was never",
	"policies.canCreateChannel was never", // recorded on 2026.3.2
	"i: .pinnedNotes[].myReaction was always", "i: .pinnedNotes[].tags was always",
	"notes/show: .reply.visibleUserIds was never",
	"users/notes: [].renote.tags was always",
	"notes/timeline: [].channel", "users/notes: [].channel", // nobody had posted to one that they follow
	"users/clips: [].isFavorited was never", // only nobody had asked
}
