package conformance

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
)

var findingsFile = flag.String("findings", "", "write every finding to this `file`")

// shownFindings is how many places of findings a failed test prints.
const shownFindings = 60

// misskeyTarget is the client of this module.
func misskeyTarget() Target {
	return Target{
		Operations: gen.Operations(),
		Client: func(transport http.RoundTripper, anonymous bool) (api.Caller, error) {
			opts := []misskey.Option{misskey.WithHTTPClient(&http.Client{Transport: transport}), misskey.WithoutRetry(), misskey.WithStrict()}
			if !anonymous {
				opts = append(opts, misskey.WithToken("tokenOfTheReplay"))
			}
			return misskey.New("misskey.example", opts...)
		},
		Error: func(err error) (Refusal, bool) {
			e, ok := errors.AsType[*misskey.Error](err)
			if !ok {
				return Refusal{}, false
			}
			return Refusal{e.Status, e.Code, e.ID}, true
		},
		NullMeansAbsent: nullMeansAbsent,
	}
}

// committedByVersion returns the recordings that are committed, by the version of
// Misskey that was recorded.
func committedByVersion(t *testing.T) map[string][]*Exchange {
	t.Helper()
	files, err := filepath.Glob("testdata/http-*.jsonl.gz")
	if err != nil || len(files) == 0 {
		t.Fatalf("recordings: %v, %v", files, err)
	}
	committed := map[string][]*Exchange{}
	for _, file := range files {
		exchanges, err := ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		version := Version(exchanges)
		if want := filepath.Join("testdata", RecordingName(version)); file != want {
			t.Errorf("%s holds a recording of %q: want it called %s", file, version, want)
		}
		committed[version] = exchanges
	}
	return committed
}

// The client says and understands what real servers of several versions were sent
// and said.
func TestConformance(t *testing.T) {
	for version, committed := range committedByVersion(t) {
		t.Run(version, func(t *testing.T) { conform(t, committed) })
	}

	folder := os.Getenv("MISSKEY_CORPUS")
	if folder == "" {
		return
	}
	t.Run("corpus", func(t *testing.T) {
		exchanges, skipped, err := ReadFolder(folder)
		if err != nil {
			t.Fatal(err)
		}
		if len(skipped) > 0 {
			t.Logf("no HTTP exchanges in %s", strings.Join(skipped, ", "))
		}
		conform(t, exchanges)
	})
}

// conform replays a recording, prints its figures and fails for every finding.
func conform(t *testing.T, exchanges []*Exchange) {
	if _, err := readDocument(); err != nil {
		t.Fatal(err)
	}
	report, err := Replay(t.Context(), misskeyTarget(), exchanges)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := report.WriteFigures(&text); err != nil {
		t.Fatal(err)
	}
	if err := report.WriteFindings(&text, shownFindings); err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", text.String())
	if len(report.Findings) > 0 {
		t.Errorf("%d findings", len(report.Findings))
	}
	if report.Answers == 0 || report.Errors == 0 {
		t.Errorf("%d answers and %d errors were replayed: want some of both", report.Answers, report.Errors)
	}
	if *findingsFile != "" {
		if err := writeReport(*findingsFile, report); err != nil {
			t.Error(err)
		}
	}
}

func writeReport(path string, report *Report) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := report.WriteFigures(f); err != nil {
		return err
	}
	if err := report.WriteFindings(f, -1); err != nil {
		return err
	}
	return f.Close()
}

// neverSucceeds are the operations that no server of a recorded version
// carries out.
var neverSucceeds = []string{
	"admin/federation/remove-all-following", // an error of the server's own
	"reset-db",                              // for servers in test mode only
	"users/recommendation",                  // an error of the server's own
}

// The committed recordings have a success of every operation, and an error of
// each that can refuse.
func TestRecordingIsComplete(t *testing.T) {
	committed := slices.Concat(slices.Collect(maps.Values(committedByVersion(t)))...)
	routes := routes(gen.Operations())
	succeeded, refused := map[string]bool{}, map[string]bool{}
	for _, e := range committed {
		op, _ := match(routes, e.Endpoint)
		switch {
		case op == nil:
		case e.Succeeded():
			succeeded[op.Endpoint] = true
		default:
			refused[op.Endpoint] = true
		}
	}
	var without []string
	for _, op := range gen.Operations() {
		if !succeeded[op.Endpoint] {
			without = append(without, op.Endpoint)
		}
	}
	if !slices.Equal(without, neverSucceeds) {
		t.Errorf("without a recorded success: %v\nwant %v", without, neverSucceeds)
	}
	for _, op := range gen.Operations() {
		if !refused[op.Endpoint] && !slices.Contains(neverRefuse, op.Endpoint) {
			t.Errorf("%s has no recorded error", op.Endpoint)
		}
	}
}

// neverRefuse are the operations without a recorded error.
var neverRefuse = []string{"miauth/{session}/check", "v1/instance/peers"}

// Every arm of a union that the recording has must go on to be there when it
// is made anew: a decoder that knows only some of them would pass otherwise.
func TestRecordingHasEveryArm(t *testing.T) {
	committed := slices.Concat(slices.Collect(maps.Values(committedByVersion(t)))...)
	all := set{}
	for _, e := range committed {
		if !e.Succeeded() {
			continue
		}
		for mark, data := range map[string][]byte{" > $": e.Request, " < $": e.Response} {
			v, err := parse(data)
			if err != nil {
				t.Fatal(err)
			}
			features(e.Endpoint+mark, v, all)
		}
	}
	for _, arm := range arms {
		if !all[arm] {
			t.Errorf("the recording has no %s", arm)
		}
	}
}

var (
	notificationTypes = []string{"achievementEarned", "app", "chatRoomInvitationReceived", "createToken",
		"exportCompleted", "follow", "followRequestAccepted", "login", "mention", "note", "pollEnded", "quote",
		"reaction", "renote", "reply", "roleAssigned", "scheduledNotePostFailed", "scheduledNotePosted", "test"}
	roleConditions = []string{"and", "createdLessThan", "createdMoreThan", "followersLessThanOrEq",
		"followersMoreThanOrEq", "followingLessThanOrEq", "followingMoreThanOrEq", "isBot", "isCat", "isExplorable",
		"isLocal", "isLocked", "isRemote", "isSuspended", "not", "notesLessThanOrEq", "notesMoreThanOrEq", "or", "roleAssignedTo"}
	pageBlocks = []string{"image", "note", "section", "text"}
)

var arms = slices.Concat(
	each("i/notifications < $[] type %s", notificationTypes...),
	each("i/notifications-grouped < $[] type %s", notificationTypes...),
	each("i/notifications-grouped < $[] type %s", "reaction:grouped"),
	each("admin/roles/create > $.condFormula type %s", roleConditions...),
	each("admin/roles/create < $.condFormula type %s", roleConditions...),
	each("pages/create > $.content[] type %s", pageBlocks...),
	each("pages/show < $.content[] type %s", pageBlocks...),
	each("pages/show < $.content[]<section>.children[] type %s", "section", "text"),
	each("ap/show < $ type %s", "Note", "User"),
	each("i/update > $.notificationRecieveConfig.%s", "mention type all", "mention type follower", "mention type mutualFollow",
		"reaction type following", "reaction type never", "renote type followingOrFollower", "renote type list"),
	each("i/update > $.mutedWords[]%s", " string", "[] string"),
	each("i/registry/get < $%s", " string", " integer", " fraction", " true", "[] integer", " null"),
	each("admin/roles/create > $.policies.%s", "canInvite.value true", "driveCapacityMb.value integer",
		"chatAvailability.value string", "uploadableFileTypes.value[] string"),
	each("users/relation > $.userId%s", " string", "[] string"),
	each("users/relation < $[]%s", ".id string"),
	each("users/show < $%s", ".id string", "[].id string", ".twoFactorEnabled false", ".pinnedPage null"),
	each("meta < $.%s", "features.miauth true"),
)

func each(format string, values ...string) []string {
	all := make([]string, len(values))
	for i, value := range values {
		all[i] = fmt.Sprintf(format, value)
	}
	return all
}
