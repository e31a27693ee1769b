package architecture

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"testing"
)

// Seconds for milliseconds, a duration for a time, and a plain number for either
// are mistakes that the compiler finds.
func TestQuantitiesCannotBeConfused(t *testing.T) {
	imports := importer.ForCompiler(token.NewFileSet(), "source", nil)
	compile := func(expression string) error {
		fset := token.NewFileSet()
		source := fmt.Sprintf("package p\nimport (\"time\"; \"github.com/misskey-go/misskey/gen\")\nvar (\nt time.Time\nd time.Duration\nn int64\n)\nvar _ = %s\nvar _ gen.Note", expression)
		file, err := parser.ParseFile(fset, "p.go", source, 0)
		if err != nil {
			t.Fatalf("%s: %v", expression, err)
		}
		_, err = (&types.Config{Importer: imports}).Check("p", fset, []*ast.File{file}, nil)
		return err
	}
	for _, expression := range []string{
		`gen.NotesTimelineRequest{UntilDate: new(gen.At(t)), Limit: new(10)}`,
		`gen.PollInput{ExpiredAfter: new(gen.InMilliseconds(time.Hour))}`,
		`gen.PollInput{ExpiresAt: new(gen.At(t.Add(d)))}`,
		`gen.MuteCreateRequest{ExpiresAt: new(gen.At(t))}`,
		`gen.NotesDraftsUpdateRequest{ScheduledAt: gen.Value(gen.At(t))}`,
		`gen.NotesDraftsUpdateRequest{ScheduledAt: gen.Null[gen.UnixMilli]()}`,
		`gen.IUpdateRequest{MakeNotesHiddenBefore: gen.Value(gen.CutoffAge(d))}`,
		`gen.ChartsNotesRequest{Offset: new(gen.At(t))}`,
		`gen.UsersRequest{Offset: new(10), Limit: new(10)}`,
		`gen.NoteDraft{}.ScheduledAt.After(t)`,
		`gen.PingResponse{}.Pong.Sub(t)`,
		`gen.AdminMetaResponse{}.URLPreviewTimeout.Duration + d`,
	} {
		if err := compile(expression); err != nil {
			t.Errorf("%s does not compile: %v", expression, err)
		}
	}
	for _, expression := range []string{
		`gen.NotesTimelineRequest{UntilDate: new(t.Unix())}`,
		`gen.NotesTimelineRequest{UntilDate: new(t.UnixMilli())}`,
		`gen.NotesTimelineRequest{UntilDate: new(gen.UnixMilli(t.Unix()))}`,
		`gen.NotesTimelineRequest{UntilDate: new(gen.At(d))}`,
		`gen.NotesTimelineRequest{UntilDate: new(gen.InMilliseconds(d))}`,
		`gen.PollInput{ExpiredAfter: new(int64(3600))}`,
		`gen.PollInput{ExpiredAfter: new(gen.Milliseconds(3600))}`,
		`gen.PollInput{ExpiredAfter: new(gen.InSeconds(d))}`,
		`gen.PollInput{ExpiredAfter: new(gen.Milliseconds(gen.InSeconds(d).Seconds()))}`,
		`gen.PollInput{ExpiredAfter: new(gen.At(t))}`,
		`gen.MuteCreateRequest{ExpiresAt: new(n)}`,
		`gen.NotesDraftsUpdateRequest{ScheduledAt: gen.Value(n)}`,
		`gen.ChartsNotesRequest{Offset: new(10)}`,
	} {
		if err := compile(expression); err == nil {
			t.Errorf("%s compiles", expression)
		}
	}
}
