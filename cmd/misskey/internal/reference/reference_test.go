package reference

import (
	"slices"
	"testing"
)

func TestReferenceHasWhatHelpShows(t *testing.T) {
	r := Load()
	if len(r.Endpoints) < 400 || r.Version == "" {
		t.Fatalf("%d endpoints of version %q", len(r.Endpoints), r.Version)
	}
	e := r.Find("notes/create")
	if e == nil || e.Permission != "write:notes" || !e.Credential || e.ReadOnly || e.Max != 300 || e.Window != 3600_000 {
		t.Fatalf("notes/create is %+v", e)
	}
	if e.Summary.EN == "" || e.Summary.JA == "" || !slices.Contains(e.Errors, "NO_SUCH_FILE") || r.Errors["NO_SUCH_FILE"].JA == "" {
		t.Errorf("there are no descriptions of notes/create: %+v", e)
	}
	poll := e.Params.Props["poll"]
	if poll == nil || poll.Type != "object" || !poll.Null || poll.Props["choices"].Doc.EN == "" || !slices.Equal(poll.Required, []string{"choices"}) {
		t.Errorf("the poll is %+v", poll)
	}
	if visibility := e.Params.Props["visibility"]; len(visibility.Enum) != 4 || visibility.Null {
		t.Errorf("the visibility is %+v", visibility)
	}
	if e := r.Find("users/show"); len(e.OneOf) != 3 || !e.ReadOnly {
		t.Errorf("users/show is %+v", e)
	}
	if e := r.Find("drive/files/create"); !e.Multipart || e.Params.Props["file"].Format != "binary" {
		t.Errorf("drive/files/create is %+v", e)
	}
	for _, e := range r.Endpoints {
		for _, names := range append(e.OneOf, func() []string {
			if e.Params == nil {
				return nil
			}
			return e.Params.Required
		}()) {
			for _, name := range names {
				if e.Params.Props[name] == nil {
					t.Errorf("%s needs %s, which it does not have", e.Name, name)
				}
			}
		}
	}
	if e := r.Find("notes/reactions/delete"); e.Interval != 3000 {
		t.Errorf("notes/reactions/delete is %+v", e)
	}
	if r.Find("nothing") != nil {
		t.Error("there is an endpoint nothing")
	}
}
