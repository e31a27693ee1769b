package conformance

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"testing"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
)

// What a call costs, from the parameters to the decoded response, beside what
// somebody would write by hand with net/http and encoding/json who needs only
// a few of the fields:
//
//	go test ./internal/conformance -run '^$' -bench Call
func BenchmarkCall(b *testing.B) {
	b.Run("timeline/generated", func(b *testing.B) {
		mk := benchClient(b, "testdata/timeline.json.gz")
		benchCall(b, "testdata/timeline.json.gz", func() (int, error) {
			notes, err := mk.NotesTimeline(b.Context(), gen.NotesTimelineRequest{Limit: new(100)})
			return len(notes), err
		})
	})
	b.Run("timeline/by hand", func(b *testing.B) {
		hc := &http.Client{Transport: playing(b, "testdata/timeline.json.gz")}
		benchCall(b, "testdata/timeline.json.gz", func() (int, error) {
			type user struct {
				ID, Username string
				Name, Host   *string
			}
			var notes []struct {
				ID, CreatedAt, Visibility string
				Text, CW                  *string
				User                      user
				Reactions                 map[string]int
			}
			err := byHand(hc, "notes/timeline", map[string]any{"limit": 100}, &notes)
			return len(notes), err
		})
	})
	b.Run("emojis/generated", func(b *testing.B) {
		mk := benchClient(b, "testdata/emojis.json.gz")
		benchCall(b, "testdata/emojis.json.gz", func() (int, error) {
			answer, err := mk.Emojis(b.Context())
			if err != nil {
				return 0, err
			}
			return len(answer.Emojis), nil
		})
	})
	b.Run("emojis/by hand", func(b *testing.B) {
		hc := &http.Client{Transport: playing(b, "testdata/emojis.json.gz")}
		benchCall(b, "testdata/emojis.json.gz", func() (int, error) {
			var answer struct {
				Emojis []struct {
					Name, URL string
					Category  *string
					Aliases   []string
				}
			}
			err := byHand(hc, "emojis", map[string]any{}, &answer)
			return len(answer.Emojis), err
		})
	})
}

func benchCall(b *testing.B, path string, call func() (items int, err error)) {
	b.SetBytes(int64(len(unpacked(b, path))))
	b.ReportAllocs()
	for b.Loop() {
		items, err := call()
		if err != nil || items == 0 {
			b.Fatalf("%d items, error %v", items, err)
		}
	}
}

func benchClient(b *testing.B, path string) *misskey.Client {
	b.Helper()
	mk, err := misskeyTarget().Client(playing(b, path), false)
	if err != nil {
		b.Fatal(err)
	}
	return mk.(*misskey.Client)
}

// byHand is the least that a program would do without a library.
func byHand(hc *http.Client, endpoint string, params map[string]any, out any) error {
	params["i"] = "tokenOfTheReplay"
	body, err := json.Marshal(params)
	if err != nil {
		return err
	}
	res, err := hc.Post("https://misskey.example/api/"+endpoint, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", endpoint, res.Status)
	}
	return json.NewDecoder(res.Body).Decode(out)
}

// playing answers everything with what is in a file.
func playing(b *testing.B, path string) http.RoundTripper {
	return &player{exchange: &Exchange{
		Status:   http.StatusOK,
		Headers:  map[string]string{"content-type": "application/json; charset=utf-8"},
		Response: unpacked(b, path),
	}}
}

func unpacked(b *testing.B, path string) []byte {
	b.Helper()
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		b.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		b.Fatal(err)
	}
	return data
}
