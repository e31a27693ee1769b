package misskey_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

// An error says what the token lacks, and which field is wrong.
func ExampleError_permission() {
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{}) // instead of an instance
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	app := srv.ClientWithToken(srv.AppToken("alice", gen.PermissionReadAccount))

	_, err = app.NotesCreate(ctx, gen.NotesCreateRequest{Text: new("hello")})
	if e, ok := errors.AsType[*misskey.Error](err); ok && errors.Is(err, gen.ErrPermissionDenied) {
		fmt.Println("ask the user for", e.Permission)
	}
	_, err = app.NotesShow(ctx, gen.NotesShowRequest{NoteID: "not/an/id"})
	if e, ok := errors.AsType[*misskey.Error](err); ok && errors.Is(err, gen.ErrInvalidParam) {
		fmt.Println("check the field", e.Field)
	}
	// Output:
	// ask the user for write:notes
	// check the field NoteID
}

func TestErrorsSayWhatIsNeeded(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{Lenient: true})
	var log bytes.Buffer
	mk, err := misskey.New(srv.URL, misskey.WithToken(srv.Token("alice")), misskey.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	if err != nil {
		t.Fatal(err)
	}
	refused := func(err error) *misskey.Error {
		t.Helper()
		e, ok := errors.AsType[*misskey.Error](err)
		if !ok {
			t.Fatalf("%v is not an Error", err)
		}
		return e
	}

	_, err = mk.AdminAbuseUserReports(t.Context(), gen.AdminAbuseUserReportsRequest{})
	if e := refused(err); e.Role != "moderator" || !strings.Contains(err.Error(), "role moderator") {
		t.Errorf("%v, role %q", err, e.Role)
	}
	for _, want := range []string{"code=ROLE_PERMISSION_DENIED", "id=" + string(refused(err).ID)} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log has no %s: %s", want, log.String())
		}
	}
	_, err = mk.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: "a/b"})
	if e := refused(err); e.Field != "NoteID" || !strings.Contains(err.Error(), "NoteID") || !strings.Contains(err.Error(), "noteId") {
		t.Errorf("%v, field %q", err, e.Field)
	}

	limited, err := misskey.New(srv.URL, misskey.WithToken(srv.Token("alice")), misskey.WithPermissions(gen.PermissionReadAccount))
	if err != nil {
		t.Fatal(err)
	}
	_, err = limited.NotesCreate(t.Context(), gen.NotesCreateRequest{Text: new("x")})
	if e := refused(err); e.Status != 0 || e.Permission != gen.PermissionWriteNotes {
		t.Errorf("%v, permission %q", err, e.Permission)
	}

	// A call that is not refused has none of this.
	_, err = mk.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: "9abc"})
	if e := refused(err); e.Permission != "" || e.Role != "" || e.Policy != "" || e.Field != "" {
		t.Errorf("%+v", e)
	}
}
