package misskey

import (
	"bufio"
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
)

// driveFile is a response that DriveFile can be decoded from.
func driveFile(name string, size int64, sum []byte) []byte {
	data, _ := json.Marshal(map[string]any{
		"id": "9abc", "createdAt": "2026-01-02T03:04:05.000Z", "name": name, "type": "text/plain",
		"md5": hex.EncodeToString(sum), "size": size, "isSensitive": false, "blurhash": nil, "properties": map[string]any{},
		"url": "https://misskey.example/f", "thumbnailUrl": nil, "comment": nil, "folderId": nil, "folder": nil, "userId": nil, "user": nil,
	})
	return data
}

// A drive is what an instance has for uploads. It reads forms like the server:
// what comes behind the file is ignored, and a file is taken as soon as its end
// has come.
type drive struct {
	mu       sync.Mutex
	requests []string // their endpoints
	stored   []map[string]string
	broken   int // forms that did not end
	expected int // requests with Expect

	found  []byte                                                   // what find-by-hash answers
	refuse func(w http.ResponseWriter, r *http.Request) (done bool) // instead of an upload
}

func (d *drive) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	endpoint := strings.TrimPrefix(r.URL.Path, "/api/")
	d.mu.Lock()
	d.requests = append(d.requests, endpoint)
	if r.Header.Get("Expect") != "" {
		d.expected++
	}
	d.mu.Unlock()
	w.Header().Set("Content-Type", jsonType)
	if endpoint == "drive/files/find-by-hash" {
		body, _ := io.ReadAll(r.Body)
		d.mu.Lock()
		d.stored = append(d.stored, map[string]string{"hash": string(body)})
		d.mu.Unlock()
		if d.found == nil {
			io.WriteString(w, "[]")
			return
		}
		w.Write(slices.Concat([]byte("["), d.found, []byte("]")))
		return
	}
	if d.refuse != nil && d.refuse(w, r) {
		return
	}
	form, err := r.MultipartReader()
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	fields := map[string]string{}
	for first := true; ; first = false {
		part, err := form.NextPart()
		if err != nil {
			d.breaks(w)
			return
		}
		if first && part.FormName() != "i" {
			fields["first"] = part.FormName()
		}
		if part.FileName() == "" {
			value, err := io.ReadAll(part)
			if err != nil {
				d.breaks(w)
				return
			}
			fields[part.FormName()] = string(value)
			continue
		}
		sum := md5.New()
		size, err := io.Copy(sum, part)
		if err != nil {
			d.breaks(w)
			return
		}
		fields["size"] = fmt.Sprint(size)
		fields["md5"] = hex.EncodeToString(sum.Sum(nil))
		fields["filename"] = part.FileName()
		fields["type"] = part.Header.Get("Content-Type")
		d.mu.Lock()
		d.stored = append(d.stored, fields)
		d.mu.Unlock()
		w.Write(driveFile(fields["name"], size, sum.Sum(nil)))
		return
	}
}

func (d *drive) breaks(w http.ResponseWriter) {
	d.mu.Lock()
	d.broken++
	d.mu.Unlock()
	w.WriteHeader(http.StatusBadRequest)
}

func (d *drive) count(endpoint string) (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range d.requests {
		if r == endpoint {
			n++
		}
	}
	return n
}

const uploadEndpoint = "drive/files/create"

// eachProtocol runs test with a drive that is spoken to by HTTP/1.1, and by
// HTTP/2, as it is behind most gateways.
func eachProtocol(t *testing.T, test func(t *testing.T, d *drive, mk *Client)) {
	for _, http2 := range []bool{false, true} {
		t.Run(map[bool]string{false: "HTTP 1.1", true: "HTTP 2"}[http2], func(t *testing.T) {
			d := &drive{}
			srv := httptest.NewUnstartedServer(d)
			if srv.EnableHTTP2 = http2; http2 {
				srv.StartTLS()
			} else {
				srv.Start()
			}
			hc := srv.Client()
			hc.Transport.(*http.Transport).ExpectContinueTimeout = time.Minute // the server answers
			mk, err := New(srv.URL, WithHTTPClient(hc), WithToken(canary))
			if err != nil {
				t.Fatal(err)
			}
			test(t, d, mk)
			srv.Close() // waits for its handlers
			noUploadLeft(t)
		})
	}
}

// noUploadLeft returns when no goroutine of an upload is left, or never.
func noUploadLeft(t testing.TB) {
	t.Helper()
	buf := make([]byte, 1<<20)
	for {
		stacks := string(buf[:runtime.Stack(buf, true)])
		if !strings.Contains(stacks, "misskey.interruptible") && !strings.Contains(stacks, "misskey.(*uploadBody)") {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// A bodyCloser is a Body that counts how often it is closed. Its Read must not be
// called once that has happened.
type bodyCloser struct {
	io.Reader
	closed atomic.Int32
	late   atomic.Bool
}

func (c *bodyCloser) Read(p []byte) (int, error) {
	if c.closed.Load() > 0 {
		c.late.Store(true)
	}
	return c.Reader.Read(p)
}

func (c *bodyCloser) Close() error {
	c.closed.Add(1)
	return nil
}

func (c *bodyCloser) check(t *testing.T) {
	t.Helper()
	if n := c.closed.Load(); n != 1 || c.late.Load() {
		t.Errorf("the Body was closed %d times; read after that: %v", n, c.late.Load())
	}
}

// noise is content without a pattern.
func noise(n int) []byte {
	data := make([]byte, n)
	rand.NewChaCha8([32]byte{}).Read(data)
	return data
}

func sumOf(data []byte) string {
	sum := md5.Sum(data)
	return hex.EncodeToString(sum[:])
}

func TestUploadFile(t *testing.T) {
	big := noise(3 << 20)
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, big, 0o600); err != nil {
		t.Fatal(err)
	}
	open := func() io.Reader {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	tests := map[string]struct {
		body  func() io.Reader
		size  int64
		want  []byte
		total int64 // as Progress is given it
	}{
		"nothing":      {func() io.Reader { return strings.NewReader("") }, 0, nil, 0},
		"no end known": {func() io.Reader { return io.LimitReader(strings.NewReader(""), 9) }, 0, nil, -1},
		"memory":       {func() io.Reader { return bytes.NewReader(big) }, 0, big, int64(len(big))},
		"file":         {open, 0, big, int64(len(big))},
		"stream":       {func() io.Reader { return io.MultiReader(bytes.NewReader(big)) }, 0, big, -1},
		"size given":   {func() io.Reader { return io.MultiReader(bytes.NewReader(big)) }, int64(len(big)), big, int64(len(big))},
		"odd pieces": {func() io.Reader {
			return iotest.DataErrReader(iotest.OneByteReader(bytes.NewReader(big[:5000])))
		}, 0, big[:5000], -1},
	}
	eachProtocol(t, func(t *testing.T, d *drive, mk *Client) {
		for name, tt := range tests {
			t.Run(name, func(t *testing.T) {
				body := &bodyCloser{Reader: tt.body()}
				file := File{Name: " a \"b\" 日本語.txt ", Body: body, Size: tt.size, FolderID: "f", Comment: "é\n<b>", ContentType: "text/x", IsSensitive: true, Force: true}
				if _, ok := body.Reader.(io.Seeker); ok {
					file.Body = struct {
						io.ReadSeeker
						io.Closer
					}{body.Reader.(io.ReadSeeker), body}
				}
				var calls [][2]int64 // without a lock: the calls must not overlap
				file.Progress = func(sent, total int64) { calls = append(calls, [2]int64{sent, total}) }
				got, err := mk.Upload(t.Context(), file)
				if err != nil {
					t.Fatal(err)
				}
				body.check(t)
				if got.Name != `a "b" 日本語.txt` || got.Size != int64(len(tt.want)) {
					t.Errorf("got %q with %d bytes", got.Name, got.Size)
				}
				want := map[string]string{
					"i": canary, "name": `a "b" 日本語.txt`, "filename": `a "b" 日本語.txt`, "folderId": "f", "comment": "é\n<b>",
					"isSensitive": "true", "force": "true", "type": "text/x", "size": fmt.Sprint(len(tt.want)), "md5": sumOf(tt.want),
				}
				if sent := d.stored[len(d.stored)-1]; fmt.Sprint(sent) != fmt.Sprint(want) {
					t.Errorf("sent %v\nwant %v", sent, want)
				}
				checkProgress(t, calls, tt.total, int64(len(tt.want)))
			})
		}
	})
}

// checkProgress checks the calls of an upload that succeeded.
func checkProgress(t *testing.T, calls [][2]int64, total, size int64) {
	t.Helper()
	if len(calls) == 0 || calls[len(calls)-1] != [2]int64{size, size} {
		t.Fatalf("Progress was called with %v; the last should be %d of %d", calls, size, size)
	}
	for i, call := range calls[:len(calls)-1] {
		if call[1] != total || call[0] <= 0 || call[0] > size || i > 0 && call[0] <= calls[i-1][0] {
			t.Errorf("call %d of Progress is %v after %v", i, call, calls[:i])
		}
	}
}

func TestUploadFileLeavesOutWhatIsNotGiven(t *testing.T) {
	d := &drive{}
	mk := serverClient(t, d, WithToken(canary))
	if _, err := mk.Upload(t.Context(), File{Body: strings.NewReader("x")}); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"i": canary, "filename": "blob", "type": "application/octet-stream", "size": "1", "md5": sumOf([]byte("x"))}
	if fmt.Sprint(d.stored[0]) != fmt.Sprint(want) {
		t.Errorf("sent %v\nwant %v", d.stored[0], want)
	}
}

func TestUploadFileRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		file File
		want string
		is   error
	}{
		"slash":          {File{Name: "/home/alice/a.png"}, "directory", gen.ErrInvalidFileName},
		"backslash":      {File{Name: `C:\a.png`}, "directory", gen.ErrInvalidFileName},
		"dots":           {File{Name: "a..png"}, "dots", gen.ErrInvalidFileName},
		"newline":        {File{Name: "a\nb"}, "control", gen.ErrInvalidFileName},
		"zero":           {File{Name: "a\x00b"}, "control", gen.ErrInvalidFileName},
		"escape":         {File{Name: "\x1b[2J"}, "control", gen.ErrInvalidFileName},
		"not UTF-8":      {File{Name: "\xff"}, "UTF-8", gen.ErrInvalidFileName},
		"long":           {File{Name: strings.Repeat("é", 201)}, "200", gen.ErrInvalidFileName},
		"long in UTF-16": {File{Name: strings.Repeat("🐱", 101)}, "200", gen.ErrInvalidFileName},
		"negative":       {File{Size: -1}, "Size", nil},
		"both":           {File{FindDuplicate: true, Force: true}, "Force", nil},
		"content type":   {File{ContentType: "a\r\nb"}, "ContentType", nil},
		"no seeker":      {File{FindDuplicate: true}, "io.Seeker", nil},
		"other size":     {File{Size: 3, Body: struct{ *strings.Reader }{strings.NewReader("xx")}}, "has 2 bytes", nil},
	} {
		t.Run(name, func(t *testing.T) {
			all, f := recorder(200, jsonType, `{}`)
			r := tt.file.Body
			if r == nil {
				r = strings.NewReader("x")
			}
			body := &bodyCloser{Reader: r}
			tt.file.Body = body
			if s, ok := r.(struct{ *strings.Reader }); ok {
				tt.file.Body = struct {
					io.ReadSeeker
					io.Closer
				}{s, body}
			}
			_, err := fakeClient(t, f, WithToken(canary)).Upload(t.Context(), tt.file)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "misskey: drive/files/") {
				t.Errorf("%v", err)
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%v is not %v", err, tt.is)
			}
			if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' }) {
				t.Errorf("%q has control characters", err)
			}
			if len(*all) > 0 {
				t.Error("sent")
			}
			body.check(t)
		})
	}
	if _, err := fakeClient(t, nil).Upload(t.Context(), File{Name: "x"}); err == nil || !strings.Contains(err.Error(), "Body") {
		t.Errorf("without a Body: %v", err)
	}
}

func TestUploadFileNames(t *testing.T) {
	d := &drive{}
	mk := serverClient(t, d, WithToken(canary))
	for _, name := range []string{"blob", ".", "a.b.c", "%0D", "a;b=c", `"`, "'", "null", strings.Repeat("🐱", 100), "\u202egnp.exe"} {
		if _, err := mk.Upload(t.Context(), File{Name: name, Body: strings.NewReader("x")}); err != nil {
			t.Errorf("%q: %v", name, err)
		} else if got := d.stored[len(d.stored)-1]["name"]; got != name {
			t.Errorf("%q became %q", name, got)
		}
	}
}

// A file that breaks off, or is not of its size, is nothing that the server
// could take for a file.
func TestUploadFileBreaksOff(t *testing.T) {
	fault := errors.New("disk on fire")
	data := noise(1 << 18)
	for name, tt := range map[string]struct {
		body func() io.Reader
		size int64
		want string
		is   error
	}{
		"fault, size unknown": {func() io.Reader { return io.MultiReader(bytes.NewReader(data), iotest.ErrReader(fault)) }, 0, "disk on fire", fault},
		"fault, size known":   {func() io.Reader { return io.MultiReader(bytes.NewReader(data), iotest.ErrReader(fault)) }, 1 << 19, "disk on fire", fault},
		"fault at once":       {func() io.Reader { return iotest.ErrReader(fault) }, 0, "disk on fire", fault},
		"fault at the end":    {func() io.Reader { return io.MultiReader(bytes.NewReader(data), iotest.ErrReader(fault)) }, 1 << 18, "disk on fire", fault},
		"too short":           {func() io.Reader { return io.MultiReader(bytes.NewReader(data)) }, 1<<18 + 1, "ended after 262144 of 262145", io.ErrUnexpectedEOF},
		"too long":            {func() io.Reader { return io.MultiReader(bytes.NewReader(data)) }, 1<<18 - 1, "more than the 262143", nil},
		"nothing comes":       {func() io.Reader { return idleReader{} }, 0, "", io.ErrNoProgress},
		"it became shorter":   {func() io.Reader { return &shrunk{strings.NewReader("xxxx"), 2} }, 0, "ended after 2 of 4", io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			eachProtocol(t, func(t *testing.T, d *drive, mk *Client) {
				body := &bodyCloser{Reader: tt.body()}
				file := File{Name: "cat.webp", Body: body, Size: tt.size}
				if s, ok := body.Reader.(io.ReadSeeker); ok {
					file.Body = struct {
						io.ReadSeeker
						io.Closer
					}{s, body}
				}
				var last [2]int64
				file.Progress = func(sent, total int64) { last = [2]int64{sent, total} }
				_, err := mk.Upload(t.Context(), file)
				if err == nil || !strings.HasPrefix(err.Error(), `misskey: drive/files/create: reading the file "cat.webp": `) || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%v", err)
				}
				if tt.is != nil && !errors.Is(err, tt.is) {
					t.Errorf("%v is not %v", err, tt.is)
				}
				if last[1] > 0 && last[0] == last[1] && name != "fault at the end" {
					t.Errorf("Progress was given %v", last)
				}
				body.check(t)
				t.Cleanup(func() { // after the server
					if len(d.stored) > 0 || d.count(uploadEndpoint) > 1 {
						t.Errorf("stored %v, %d requests", d.stored, d.count(uploadEndpoint))
					}
				})
			})
		})
	}
}

type idleReader struct{}

func (idleReader) Read([]byte) (int, error) { return 0, nil }

// shrunk says that it has more than can be read.
type shrunk struct {
	*strings.Reader
	left int
}

func (s *shrunk) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	n, err := s.Reader.Read(p[:min(len(p), s.left)])
	s.left -= n
	return n, err
}

// waiting is a Body whose Read waits for ever once its beginning was read.
type waiting struct {
	head  io.Reader
	waits chan struct{} // closed by the Read that waits
	free  chan struct{} // ends the waiting
	once  sync.Once
}

func newWaiting(head string) *waiting {
	return &waiting{head: strings.NewReader(head), waits: make(chan struct{}), free: make(chan struct{})}
}

func (w *waiting) Read(p []byte) (int, error) {
	if n, err := w.head.Read(p); err == nil {
		return n, nil
	}
	w.once.Do(func() { close(w.waits) })
	<-w.free
	return 0, io.EOF
}

// Upload returns when its context ends, although nothing ends the Read.
func TestUploadFileCanceledInRead(t *testing.T) {
	why := errors.New("the user has gone")
	for _, size := range []int64{0, 1 << 20} {
		eachProtocol(t, func(t *testing.T, d *drive, mk *Client) {
			ctx, cancel := context.WithCancelCause(t.Context())
			body := newWaiting("hello")
			go func() {
				<-body.waits
				cancel(why)
			}()
			var after atomic.Bool
			_, err := mk.Upload(ctx, File{Name: "x", Body: body, Size: size, Progress: func(int64, int64) {
				if after.Load() {
					t.Error("Progress was called after Upload had returned")
				}
			}})
			after.Store(true)
			if !errors.Is(err, context.Canceled) || !errors.Is(err, why) {
				t.Errorf("%v", err)
			}
			close(body.free) // now noUploadLeft must return
		})
	}
}

// closing is a Body whose Close ends the Read that waits, as that of a pipe or
// of a connection does.
type closing struct{ *waiting }

func (c closing) Close() error {
	close(c.free) // panics the second time
	return nil
}

func TestUploadFileCanceledCloses(t *testing.T) {
	eachProtocol(t, func(t *testing.T, d *drive, mk *Client) {
		ctx, cancel := context.WithCancel(t.Context())
		body := closing{newWaiting("hello")}
		go func() {
			<-body.waits
			cancel()
		}()
		_, err := mk.Upload(ctx, File{Name: "x", Body: body})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		<-body.free
	})
}

// A server that stops reading does not keep Upload from ending.
func TestUploadFileCanceledInWrite(t *testing.T) {
	eachProtocol(t, func(t *testing.T, d *drive, mk *Client) {
		ctx, cancel := context.WithCancel(t.Context())
		returned := make(chan struct{})
		d.refuse = func(w http.ResponseWriter, r *http.Request) bool {
			io.ReadFull(r.Body, make([]byte, 1000))
			cancel()
			<-returned
			return true
		}
		body := &bodyCloser{Reader: &endless{head: strings.NewReader("x")}}
		_, err := mk.Upload(ctx, File{Name: "x", Body: body})
		close(returned)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		if body.closed.Load() != 1 {
			t.Error("the Body is open")
		}
	})
}

func TestUploadFileCanceledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, find := range []bool{false, true} {
		d := &drive{}
		mk := serverClient(t, d, WithToken(canary))
		body := &bodyCloser{Reader: strings.NewReader("x")}
		_, err := mk.Upload(ctx, File{Name: "x", FindDuplicate: find, Body: struct {
			io.ReadSeeker
			io.Closer
		}{body.Reader.(io.ReadSeeker), body}})
		if !errors.Is(err, context.Canceled) || len(d.requests) > 0 {
			t.Errorf("%v after %v", err, d.requests)
		}
		body.check(t)
		noUploadLeft(t)
	}
}

func TestUploadFileRefusals(t *testing.T) {
	const size = 3 << 20
	for name, tt := range map[string]struct {
		status      int
		contentType string
		body        string
		unknown     bool
		want        string
		is          error
	}{
		"server's limit":          {413, "", "", false, "misskey: drive/files/create: the file, of 3.0 MiB (3145728 bytes), is larger than the server takes: see MaxFileSize of its meta (HTTP 413)", nil},
		"server's limit, unknown": {413, "", "", true, "misskey: drive/files/create: the file, of unknown size, of which 3.0 MiB (3145728 bytes) were sent, is larger than the server takes: see MaxFileSize of its meta (HTTP 413)", nil},
		"gateway's limit":         {413, "text/html", "<html><title>413 Request Entity Too Large</title>", false, "misskey: drive/files/create: the file, of 3.0 MiB (3145728 bytes), is larger than a gateway before the server takes: a page of HTML in place of a response: 413 Request Entity Too Large (HTTP 413)", nil},
		"account's limit":         {413, jsonType, `{"error":{"message":"Too large.","code":"MAX_FILE_SIZE_EXCEEDED","id":"b9d8c348-33f0-4673-b9a9-5d4da058977a"}}`, false, "misskey: drive/files/create: MAX_FILE_SIZE_EXCEEDED: Too large. (HTTP 413)", gen.ErrMaxFileSizeExceeded},
		"no file":                 {400, "", "", false, "misskey: drive/files/create: the server found no file in the form; something on the way to it may have changed the request (HTTP 400)", nil},
		"no room":                 {400, jsonType, `{"error":{"message":"Full.","code":"NO_FREE_SPACE","id":"x"}}`, false, "misskey: drive/files/create: NO_FREE_SPACE: Full. (HTTP 400)", gen.ErrNoFreeSpace},
	} {
		t.Run(name, func(t *testing.T) {
			eachProtocol(t, func(t *testing.T, d *drive, mk *Client) {
				d.refuse = func(w http.ResponseWriter, r *http.Request) bool {
					io.Copy(io.Discard, r.Body)
					w.Header()["Content-Type"] = []string{tt.contentType}
					w.WriteHeader(tt.status)
					io.WriteString(w, tt.body)
					return true
				}
				file := File{Name: "x", Body: bytes.NewReader(make([]byte, size))}
				if tt.unknown {
					file.Body = io.MultiReader(file.Body)
				}
				_, err := mk.Upload(t.Context(), file)
				e, ok := errors.AsType[*Error](err)
				if !ok || e.Status != tt.status || err.Error() != tt.want {
					t.Errorf("%v\nwant %s", err, tt.want)
				}
				if tt.is != nil && !errors.Is(err, tt.is) {
					t.Errorf("%v is not %v", err, tt.is)
				}
			})
		})
	}
}

// A server that refuses an upload by its header, and closes the connection
// without reading the file, is heard each time, and the file is not read.
func TestUploadFileRefusedEarly(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					io.WriteString(conn, "HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 75\r\n\r\n"+
						`{"error":{"message":"Who?","code":"AUTHENTICATION_FAILED","id":"b0a7f5f8"}}`)
				}
			}()
		}
	}()
	mk, err := New(ln.Addr().String(), WithToken(canary))
	if err != nil {
		t.Fatal(err)
	}
	for range 50 {
		for _, size := range []int64{0, 64 << 20} {
			_, err := mk.Upload(t.Context(), File{Name: "x", Size: size, Body: iotest.ErrReader(errors.New("the Body was read"))})
			if !errors.Is(err, gen.ErrAuthenticationFailed) {
				t.Fatalf("size %d: %v", size, err)
			}
		}
	}
}

// A response that comes while the file is still on its way ends the upload.
func TestUploadFileRefusedMidway(t *testing.T) {
	eachProtocol(t, func(t *testing.T, d *drive, mk *Client) {
		d.refuse = func(w http.ResponseWriter, r *http.Request) bool {
			io.CopyN(io.Discard, r.Body, 2<<20)
			w.Header().Set("Content-Length", "0")
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			w.(http.Flusher).Flush()
			if r.ProtoMajor == 1 {
				// A server that closed now could reset the connection before its response
				// is read, which is lost then.
				io.Copy(io.Discard, r.Body)
			}
			return true
		}
		body := &bodyCloser{Reader: &endless{head: strings.NewReader("x")}}
		_, err := mk.Upload(t.Context(), File{Name: "x", Body: body})
		if e, ok := errors.AsType[*Error](err); !ok || e.Status != http.StatusRequestEntityTooLarge {
			t.Errorf("%v", err)
		}
		if body.closed.Load() != 1 {
			t.Error("the Body is open")
		}
	})
}

func TestUploadFileAsksFirst(t *testing.T) {
	drop := api.RequestEditorFn(func(_ context.Context, req *http.Request) error {
		req.Header.Del("Expect")
		return nil
	})
	for _, tt := range []struct {
		body io.Reader
		opts []gen.CallOption
		want int
	}{
		{bytes.NewReader(make([]byte, maxUnasked)), nil, 0},
		{bytes.NewReader(make([]byte, maxUnasked+1)), nil, 1},
		{bytes.NewReader(make([]byte, maxUnasked+1)), []gen.CallOption{drop}, 0},
		{io.MultiReader(), nil, 1},
	} {
		d := &drive{}
		if _, err := serverClient(t, d, WithToken(canary)).Upload(t.Context(), File{Body: tt.body}, tt.opts...); err != nil || d.expected != tt.want {
			t.Errorf("%v, Expect %d times, want %d", err, d.expected, tt.want)
		}
	}
}

// Whatever happens, the file is sent once.
func TestUploadFileIsNeverSentTwice(t *testing.T) {
	for name, refuse := range map[string]func(w http.ResponseWriter, r *http.Request){
		"429": func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(429)
		},
		"502":         func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body); w.WriteHeader(502) },
		"503":         func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(503) },
		"417":         func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(417) },
		"reset":       func(w http.ResponseWriter, r *http.Request) { hangUp(w) },
		"reset later": func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body); panic(http.ErrAbortHandler) },
		"no JSON":     func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body); io.WriteString(w, "<html>") },
		"308": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "/api/drive/files/create")
			w.WriteHeader(308)
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachProtocol(t, func(t *testing.T, d *drive, mk *Client) {
				if _, err := mk.Ping(t.Context()); err == nil { // leaves a connection that is reused
					t.Fatal("a drive that answers pings")
				}
				d.refuse = func(w http.ResponseWriter, r *http.Request) bool { refuse(w, r); return true }
				for _, body := range []io.Reader{strings.NewReader("x"), io.MultiReader(strings.NewReader("x")), bytes.NewReader(make([]byte, 2<<20))} {
					before := d.count(uploadEndpoint)
					if _, err := mk.Upload(t.Context(), File{Name: "x", Body: body}); err == nil {
						t.Error("no error")
					}
					if n := d.count(uploadEndpoint) - before; n != 1 {
						t.Errorf("sent %d times", n)
					}
				}
			})
		})
	}
}

// hangUp ends a connection, or a stream of HTTP/2, without a response.
func hangUp(w http.ResponseWriter) {
	if h, ok := w.(http.Hijacker); ok {
		if conn, _, err := h.Hijack(); err == nil {
			conn.Close()
			return
		}
	}
	panic(http.ErrAbortHandler)
}

func TestUploadFindDuplicate(t *testing.T) {
	data := noise(3 << 20)
	file := func(r io.ReadSeeker) (File, *bodyCloser) {
		c := &bodyCloser{Reader: r}
		return File{Name: "x", FindDuplicate: true, Body: struct {
			io.ReadSeeker
			io.Closer
		}{r, c}}, c
	}
	t.Run("none", func(t *testing.T) {
		eachProtocol(t, func(t *testing.T, d *drive, mk *Client) {
			r := bytes.NewReader(data)
			r.Seek(100, io.SeekStart)
			f, body := file(r)
			var calls [][2]int64
			f.Progress = func(sent, total int64) { calls = append(calls, [2]int64{sent, total}) }
			if _, err := mk.Upload(t.Context(), f); err != nil {
				t.Fatal(err)
			}
			want := sumOf(data[100:])
			if !strings.Contains(d.stored[0]["hash"], `"md5":"`+want+`"`) || d.stored[1]["md5"] != want {
				t.Errorf("%v, want %s", d.stored, want)
			}
			checkProgress(t, calls, int64(len(data)-100), int64(len(data)-100))
			body.check(t)
		})
	})
	t.Run("one", func(t *testing.T) {
		d := &drive{found: driveFile("older", 5, nil)}
		f, body := file(bytes.NewReader(data))
		f.Progress = func(sent, total int64) { t.Errorf("Progress(%d, %d), and nothing was sent", sent, total) }
		got, err := serverClient(t, d, WithToken(canary)).Upload(t.Context(), f)
		if err != nil || got.Name != "older" || d.count(uploadEndpoint) != 0 {
			t.Errorf("%v, %v, %v", got, err, d.requests)
		}
		body.check(t)
	})
	t.Run("a pipe", func(t *testing.T) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		d := &drive{}
		_, err = serverClient(t, d, WithToken(canary)).Upload(t.Context(), File{Name: "x", Body: r, FindDuplicate: true})
		if err == nil || !strings.Contains(err.Error(), "cannot seek") || len(d.requests) > 0 {
			t.Errorf("%v", err)
		}
		if _, err := r.Stat(); !errors.Is(err, os.ErrClosed) {
			t.Error("the Body is open")
		}
	})
	t.Run("a fault", func(t *testing.T) {
		fault := errors.New("disk on fire")
		d := &drive{}
		_, err := serverClient(t, d, WithToken(canary)).Upload(t.Context(), File{Name: "x", FindDuplicate: true, Body: struct {
			io.Reader
			io.Seeker
		}{iotest.ErrReader(fault), strings.NewReader("x")}})
		if !errors.Is(err, fault) || !strings.Contains(err.Error(), `"x"`) || len(d.requests) > 0 {
			t.Errorf("%v", err)
		}
	})
	t.Run("canceled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		w := newWaiting("hello")
		go func() { <-w.waits; cancel() }()
		d := &drive{}
		_, err := serverClient(t, d, WithToken(canary)).Upload(ctx, File{Name: "x", Size: 1 << 20, FindDuplicate: true, Body: struct {
			io.Reader
			io.Seeker
		}{w, failingSeeker{}}})
		if !errors.Is(err, context.Canceled) || len(d.requests) > 0 {
			t.Errorf("%v", err)
		}
		close(w.free)
		noUploadLeft(t)
	})
}

// failingSeeker knows where it is, and nothing else.
type failingSeeker struct{}

func (failingSeeker) Seek(offset int64, whence int) (int64, error) {
	if whence != io.SeekCurrent {
		return 0, errors.ErrUnsupported
	}
	return 0, nil
}

// A Body in memory can be used again as soon as an upload has failed.
func TestUploadFileAgain(t *testing.T) {
	data := noise(1 << 20)
	body := bytes.NewReader(data)
	d := &drive{refuse: func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	}}
	mk := serverClient(t, d, WithToken(canary))
	for range 20 {
		if _, err := mk.Upload(t.Context(), File{Body: body}); err == nil {
			t.Fatal("no error")
		}
		body.Seek(0, io.SeekStart)
	}
	d.refuse = nil
	if _, err := mk.Upload(t.Context(), File{Body: body}); err != nil || d.stored[0]["md5"] != sumOf(data) {
		t.Errorf("%v, stored %v", err, d.stored)
	}
}

// Progress is called while the file is on its way: here its second half waits for
// that.
func TestUploadFileProgressOnTheWay(t *testing.T) {
	eachProtocol(t, func(t *testing.T, d *drive, mk *Client) {
		half := make(chan struct{})
		body := io.MultiReader(strings.NewReader("hello"), readerFunc(func([]byte) (int, error) {
			<-half
			return 0, io.EOF
		}), strings.NewReader("world"))
		var calls [][2]int64
		_, err := mk.Upload(t.Context(), File{Body: body, Progress: func(sent, total int64) {
			calls = append(calls, [2]int64{sent, total})
			if len(calls) == 1 {
				close(half)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		if calls[0] != [2]int64{5, -1} {
			t.Errorf("Progress was called with %v", calls)
		}
		checkProgress(t, calls, -1, 10)
	})
}

// Progress that is slow is called less often, and waited for.
func TestUploadFileSlowProgress(t *testing.T) {
	const size = 4 << 20
	d := &drive{}
	mk := serverClient(t, d, WithToken(canary))
	arrived := make(chan struct{})
	d.refuse = func(_ http.ResponseWriter, r *http.Request) bool {
		data, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(data))
		close(arrived)
		return false
	}
	var calls [][2]int64
	_, err := mk.Upload(t.Context(), File{Body: io.MultiReader(bytes.NewReader(make([]byte, size))), Size: size, Progress: func(sent, total int64) {
		<-arrived // the first call outlasts the upload
		calls = append(calls, [2]int64{sent, total})
	}})
	if err != nil {
		t.Fatal(err)
	}
	checkProgress(t, calls, size, size)
	if len(calls) > 3 {
		t.Errorf("Progress was called with %v", calls)
	}
}

func TestByteCount(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 bytes", 1023: "1023 bytes", 1 << 10: "1.0 KiB (1024 bytes)",
		262144000: "250.0 MiB (262144000 bytes)", 3 << 30: "3.0 GiB (3221225472 bytes)",
	} {
		if got := byteCount(n); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// greedy claims to have read more than there was room for.
type greedy struct{ by int }

func (g greedy) Read(p []byte) (int, error) { return len(p) + g.by, nil }

// A mistake in the Body of a file is an error of the upload, and not the end of
// the process.
func TestUploadOfBrokenReader(t *testing.T) {
	mk := serverClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }))
	for _, body := range []io.Reader{greedy{1}, greedy{1 << 20}, greedy{-1 << 20}} {
		for _, size := range []int64{0, 100} {
			if _, err := mk.Upload(t.Context(), File{Name: "a", Body: body, Size: size}); err == nil || !strings.Contains(err.Error(), "the method Read of misskey.greedy returned") {
				t.Errorf("%v: %v", body, err)
			}
		}
	}
}
