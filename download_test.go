package misskey_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/misskeytest"
)

func ExampleClient_Download() {
	srv, err := misskeytest.Start(ctx, "", misskeytest.Options{}) // instead of an instance
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	mk := srv.Client("alice")
	file, err := mk.Upload(ctx, misskey.File{Name: "haiku.txt", Body: strings.NewReader("old pond")})
	if err != nil {
		fmt.Println(err)
		return
	}

	content, err := mk.Download(ctx, file, misskey.Verified())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer content.Close()
	text, err := io.ReadAll(content)
	fmt.Println(string(text), err)
	// Output: old pond <nil>
}

// A site serves files, and notes what it was sent.
type site struct {
	*httptest.Server
	asked []*http.Request
}

func newSite(t *testing.T, handler http.HandlerFunc) *site {
	s := &site{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked = append(s.asked, r)
		handler(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func serveText(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

func driveFile(url, text string) *gen.DriveFile {
	sum := md5.Sum([]byte(text))
	return &gen.DriveFile{ID: "9abc", Name: "x.txt", URL: url, Size: int64(len(text)), MD5: hex.EncodeToString(sum[:])}
}

// The token goes nowhere, and what else is added to requests only to the instance.
func TestDownloadSendsNoToken(t *testing.T) {
	elsewhere := newSite(t, serveText("content"))
	instance := newSite(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, elsewhere.URL+"/x", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "content")
	})
	for _, option := range []misskey.Option{misskey.WithToken("s3cret"), misskey.WithBearer("s3cret")} {
		mk, err := misskey.New(instance.URL, option, misskey.WithRequestEditor(func(_ context.Context, req *http.Request) error {
			req.Header.Set("X-Gateway", "pass")
			return nil
		}))
		if err != nil {
			t.Fatal(err)
		}
		for _, url := range []string{instance.URL + "/files/x", instance.URL + "/moved", elsewhere.URL + "/x"} {
			content, err := mk.Download(t.Context(), driveFile(url, "content"), misskey.ThroughClient(http.DefaultClient), misskey.Verified())
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(content)
			if err != nil || string(data) != "content" {
				t.Errorf("%q, %v", data, err)
			}
			if err := content.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	for _, r := range append(instance.asked, elsewhere.asked...) {
		if r.Header.Get("Authorization") != "" || strings.Contains(fmt.Sprint(r.Header, r.URL), "s3cret") {
			t.Errorf("the token was sent: %v %v", r.URL, r.Header)
		}
	}
	for _, r := range instance.asked {
		if r.Header.Get("X-Gateway") == "" {
			t.Errorf("the instance did not get what the editor adds: %v", r.Header)
		}
	}
	for _, r := range elsewhere.asked {
		if r.Header.Get("X-Gateway") != "" {
			t.Errorf("another host got what the editor adds: %v", r.Header)
		}
	}
	if len(elsewhere.asked) != 4 {
		t.Errorf("%d requests went to the other host, want 4", len(elsewhere.asked))
	}
}

// Strangers choose the addresses of files: they do not choose any in the network of
// the program.
func TestDownloadRefusesPrivateAddresses(t *testing.T) {
	inside := newSite(t, serveText("metadata"))
	instance := newSite(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, inside.URL+"/x", http.StatusMovedPermanently)
	})
	mk, err := misskey.New(instance.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{inside.URL, instance.URL + "/files/x", "http://169.254.169.254/latest/meta-data"} {
		if _, err := mk.Download(t.Context(), driveFile(url, "")); !errors.Is(err, misskey.ErrNotPublic) {
			t.Errorf("%s: %v, want one that is ErrNotPublic", url, err)
		}
	}
	for _, url := range []string{"", "file:///etc/passwd", "gopher://x/", "//host/x", "/files/x", "http://", "http://a b/", "\x00"} {
		if _, err := mk.Download(t.Context(), driveFile(url, "")); err == nil {
			t.Errorf("%q is not an address of a file", url)
		}
	}
	if len(inside.asked) > 0 {
		t.Errorf("%d requests went to the private address", len(inside.asked))
	}
}

func TestDownloadVerifies(t *testing.T) {
	text := strings.Repeat("0123456789", 1000)
	sent := text
	instance := newSite(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, sent) })
	mk, err := misskey.New(instance.URL)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		sent string
		ok   bool
	}{
		"the same": {text, true},
		"shorter":  {text[:len(text)-1], false},
		"longer":   {text + "0", false},
		"endless":  {strings.Repeat(text, 100), false},
		"another":  {strings.Replace(text, "0", "1", 1), false},
		"nothing":  {"", false},
	} {
		sent = tt.sent
		content, err := mk.Download(t.Context(), driveFile(instance.URL+"/files/x", text), misskey.Verified())
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(content)
		if tt.ok && (err != nil || string(data) != text) || !tt.ok && !errors.Is(err, misskey.ErrContent) {
			t.Errorf("%s: %d bytes, %v", name, len(data), err)
		}
		if len(data) > len(text) {
			t.Errorf("%s: %d bytes of a file of %d", name, len(data), len(text))
		}
		if n, again := content.Read(make([]byte, 1)); n != 0 || again == nil {
			t.Errorf("%s: after the end, Read returns %d, %v", name, n, again)
		}
		content.Close()

		content, err = mk.Download(t.Context(), driveFile(instance.URL+"/files/x", text)) // as it comes
		if err != nil {
			t.Fatal(err)
		}
		if data, err := io.ReadAll(content); err != nil || string(data) != tt.sent {
			t.Errorf("%s, not verified: %d bytes, %v", name, len(data), err)
		}
		content.Close()
	}
}

func TestDownloadThatFails(t *testing.T) {
	instance := newSite(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/again" {
			http.Redirect(w, r, "/again", http.StatusFound)
			return
		}
		http.NotFound(w, r)
	})
	mk, err := misskey.New(instance.URL, misskey.WithToken("s3cret"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = mk.Download(t.Context(), driveFile(instance.URL+"/files/secret-key?sig=abc", ""))
	if e, ok := errors.AsType[*misskey.Error](err); !ok || e.Status != 404 || strings.Contains(err.Error(), "secret-key") {
		t.Errorf("a file that is gone: %v", err)
	}
	if _, err := mk.Download(t.Context(), driveFile(instance.URL+"/again", "")); err == nil || !strings.Contains(err.Error(), "redirects") {
		t.Errorf("redirects for ever: %v", err)
	}
	instance.Close()
	if _, err := mk.Download(t.Context(), driveFile(instance.URL+"/files/secret-key", "")); err == nil || strings.Contains(err.Error(), "secret-key") {
		t.Errorf("an instance that is down: %v", err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := mk.Download(canceled, driveFile(instance.URL+"/files/x", "")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A download that brings nothing ends, however slowly it is read otherwise.
func TestDownloadThatStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		hc := &http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			context.AfterFunc(req.Context(), func() { writer.CloseWithError(req.Context().Err()) })
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: reader, Request: req}, nil
		})}
		mk, err := misskey.New("misskey.example", misskey.WithHTTPClient(hc))
		if err != nil {
			t.Fatal(err)
		}
		content, err := mk.Download(t.Context(), driveFile("https://files.example/x", "ab"), misskey.ThroughClient(hc))
		if err != nil {
			t.Fatal(err)
		}
		defer content.Close()
		go writer.Write([]byte("a"))
		var got bytes.Buffer
		if _, err := io.CopyN(&got, content, 1); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour) // the program has other things to do
		start := time.Now()
		_, err = content.Read(make([]byte, 1))
		if took := time.Since(start); err == nil || took != time.Minute || !strings.Contains(err.Error(), "nothing came") {
			t.Errorf("after %v: %v", took, err)
		}
	})
}
