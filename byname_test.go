package misskey_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

// An endpoint of a fork is listed by its name.
func ExamplePages() {
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{}) // instead of an instance
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	mk := srv.Client("alice")
	for i := range 5 {
		if _, err := mk.NotesCreate(ctx, gen.NotesCreateRequest{Text: new(fmt.Sprint("note ", i))}); err != nil {
			fmt.Println(err)
			return
		}
	}

	type note struct {
		Text string `json:"text"`
	}
	for n, err := range misskey.Pages[note](ctx, mk, "notes/timeline", map[string]any{"limit": 2}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(n.Text)
	}
	// Output:
	// note 4
	// note 3
	// note 2
	// note 1
	// note 0
}

// A fork takes uploads at an endpoint that this module does not know.
func ExampleForm() {
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{}) // instead of an instance
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	file, err := misskey.Call[gen.DriveFile](ctx, srv.Client("alice"), "drive/files/create", misskey.Form{
		Params: map[string]any{"comment": "a haiku"},
		File:   gen.File{Name: "haiku.txt", Body: strings.NewReader("old pond")},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(file.Name, *file.Comment, file.Size)
	// Output: haiku.txt a haiku 8
}

// lister serves a list of 7 items, by cursor or by offset, and counts calls.
func lister(t *testing.T, ids bool, asked *[]map[string]any) *misskey.Client {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var params struct {
			Limit            int
			Offset           int
			SinceID, UntilID string
		}
		body, _ := io.ReadAll(r.Body)
		var all map[string]any
		_ = json.Unmarshal(body, &all)
		_ = json.Unmarshal(body, &params)
		*asked = append(*asked, all)
		var items []map[string]any
		for i := 6; i >= 0; i-- {
			id := fmt.Sprintf("9abc%d", i)
			if params.UntilID != "" && id >= params.UntilID || params.SinceID != "" && id <= params.SinceID {
				continue
			}
			item := map[string]any{"name": fmt.Sprint("cat ", i)}
			if ids {
				item["id"] = id
			}
			items = append(items, item)
		}
		if params.SinceID != "" && params.UntilID == "" {
			slices.Reverse(items)
		}
		items = items[min(params.Offset, len(items)):]
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(items[:min(params.Limit, len(items))])
	}))
	t.Cleanup(srv.Close)
	mk, err := misskey.New(srv.URL, misskey.WithToken("token"))
	if err != nil {
		t.Fatal(err)
	}
	return mk
}

type cat struct{ Name string }

func names(t *testing.T, mk *misskey.Client, params any) (all []string, err error) {
	t.Helper()
	for c, err := range misskey.Pages[cat](t.Context(), mk, "cats/list", params) {
		if err != nil {
			return all, err
		}
		all = append(all, strings.TrimPrefix(c.Name, "cat "))
	}
	return all, nil
}

func TestPages(t *testing.T) {
	type request struct {
		Limit  int    `json:"limit"`
		Offset *int   `json:"offset,omitempty"`
		Color  string `json:"color"`
	}
	for _, tt := range []struct {
		params any
		ids    bool
		want   string
		calls  int
	}{
		{map[string]any{"limit": 3}, true, "6543210", 4},
		{map[string]any{"limit": 3, "untilId": "9abc4"}, true, "3210", 3},
		{map[string]any{"limit": 3, "sinceId": "9abc4"}, true, "56", 2},
		{map[string]any{"limit": 3, "sinceId": "9abc1", "untilId": "9abc5"}, true, "432", 2},
		{map[string]any{"limit": 3, "offset": 0}, true, "6543210", 4},
		{map[string]any{"limit": 3, "offset": 5}, false, "10", 2},
		{request{Limit: 4, Color: "black", Offset: new(0)}, false, "6543210", 3},
		{&request{Limit: 4, Color: "black"}, true, "6543210", 3},
	} {
		var asked []map[string]any
		got, err := names(t, lister(t, tt.ids, &asked), tt.params)
		if err != nil || strings.Join(got, "") != tt.want {
			t.Errorf("%v lists %v, %v, want %s", tt.params, got, err, tt.want)
		}
		if len(asked) != tt.calls {
			t.Errorf("%v: %d calls, want %d: %v", tt.params, len(asked), tt.calls, asked)
		}
		for _, params := range asked {
			if _, ok := tt.params.(*request); ok && params["color"] != "black" {
				t.Errorf("a page was asked for without a parameter: %v", params)
			}
		}
	}
}

func TestPagesThatFail(t *testing.T) {
	var asked []map[string]any
	if got, err := names(t, lister(t, false, &asked), map[string]any{"limit": 3}); err == nil || !strings.Contains(err.Error(), "offset") {
		t.Errorf("items without an id: %v, %v", got, err)
	}
	for name, params := range map[string]any{"an array": []int{1}, "a text": "x", "a channel": make(chan int), "an offset": map[string]any{"offset": "x"}} {
		if _, err := names(t, lister(t, true, &asked), params); err == nil || !strings.Contains(err.Error(), "cats/list") {
			t.Errorf("%s: %v", name, err)
		}
	}
	srv := misskeytest.NewServer(t, misskeytest.Options{Lenient: true})
	if _, err := names(t, srv.Client("alice"), nil); !errors.Is(err, gen.ErrUnknownAPIEndpoint) {
		t.Errorf("an endpoint that is not there: %v", err)
	}
	stopped := 0
	for _, err := range misskey.Pages[cat](t.Context(), lister(t, true, &asked), "cats/list", map[string]any{"limit": 3}) {
		if err != nil {
			t.Fatal(err)
		}
		if stopped++; stopped == 2 {
			break
		}
	}
}

// A page is asked for again after the connection was lost, while other calls by name are not.
func TestPagesAreReadOnly(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{Lenient: true})
	mk := srv.Client("alice")
	srv.Fail("notes/timeline", misskeytest.ErrDropped, 1)
	for _, err := range misskey.Pages[gen.Note](t.Context(), mk, "notes/timeline", nil) {
		t.Error(err)
	}
}

// A form is sent once, whatever comes of it.
func TestFormIsSentOnce(t *testing.T) {
	calls := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer srv.Close()
	mk, err := misskey.New(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	_, err = misskey.Call[struct{}](context.Background(), mk, "fork/upload", misskey.Form{File: api.File{Body: strings.NewReader("x")}})
	if err == nil || calls != 1 {
		t.Errorf("%d calls, %v", calls, err)
	}
	_, err = misskey.Call[struct{}](context.Background(), mk, "fork/upload", misskey.Form{Params: map[string]any{"x": nil}, File: api.File{Body: strings.NewReader("x")}})
	if err == nil || calls != 1 {
		t.Errorf("null in a form: %d calls, %v", calls, err)
	}
}

// What is not JSON comes as bytes, if bytes are asked for, and what is JSON as well.
func TestCallReturnsBytes(t *testing.T) {
	const feed = "<?xml version=\"1.0\"?><feed/>"
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/fork/feed":
			w.Header().Set("Content-Type", "application/xml")
			_, _ = io.WriteString(w, feed)
		case "/api/fork/json":
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, ` {"a": 1.0}`)
		case "/api/fork/empty":
			w.WriteHeader(http.StatusNoContent)
		default:
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	defer srv.Close()
	mk, err := misskey.New(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	for endpoint, want := range map[string]string{"fork/feed": feed, "fork/json": ` {"a": 1.0}`, "fork/empty": ""} {
		got, err := misskey.Call[[]byte](t.Context(), mk, endpoint, nil)
		if err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", endpoint, got, err)
		}
	}
	if got, err := misskey.Call[json.RawMessage](t.Context(), mk, "fork/json", nil); err != nil || strings.TrimSpace(string(got)) != `{"a": 1.0}` {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := misskey.Call[json.RawMessage](t.Context(), mk, "fork/feed", nil); err == nil {
		t.Error("XML is JSON")
	}
	if got, err := misskey.Call[[]byte](t.Context(), mk, "fork/broken", nil, misskey.NoRetry()); err == nil {
		t.Errorf("a gateway's error is %q", got)
	}
}
