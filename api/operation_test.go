package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
)

func TestWithPath(t *testing.T) {
	op := &Operation{Endpoint: "miauth/{session}/check", Credential: true}
	filled := op.WithPath("session", "a/b{other}?%")
	if got, want := filled.Path(), "miauth/a%2Fb%7Bother%7D%3F%25/check"; got != want {
		t.Errorf("Path is %s, want %s", got, want)
	}
	if filled.Endpoint != op.Endpoint || !filled.Credential {
		t.Errorf("%+v", filled)
	}
	if op.Path() != op.Endpoint {
		t.Errorf("the operation itself has got the path %s", op.Path())
	}
	two := (&Operation{Endpoint: "{a}/{b}"}).WithPath("a", "{b}").WithPath("b", "x")
	if two.Path() != "%7Bb%7D/x" {
		t.Errorf("Path is %s", two.Path())
	}
}

func TestRequestEditorIsACallOption(t *testing.T) {
	var s CallSettings
	ran := ""
	for _, name := range []string{"a", "b"} {
		var opt CallOption = RequestEditorFn(func(context.Context, *http.Request) error { ran += name; return nil })
		opt.Apply(&s)
	}
	for _, fn := range s.Editors {
		if err := fn(t.Context(), nil); err != nil {
			t.Error(err)
		}
	}
	if ran != "ab" {
		t.Errorf("ran %q", ran)
	}
}

func TestCodesAreErrors(t *testing.T) {
	err := fmt.Errorf("around: %w", ErrorCode("NO_SUCH_NOTE"))
	if !errors.Is(err, ErrorCode("NO_SUCH_NOTE")) || errors.Is(err, ErrorCode("X")) || errors.Is(err, ErrorID("NO_SUCH_NOTE")) {
		t.Error("errors.Is")
	}
	if err.Error() != "around: NO_SUCH_NOTE" || ErrorID("x").Error() != "x" {
		t.Error(err)
	}
}
