package misskey

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/misskey-go/misskey/api"
)

// uploadRequest is what the generator makes of drive/files/create.
type uploadRequest struct {
	FolderID    *string              `json:"folderId,omitempty"`
	Name        *string              `json:"name,omitempty"`
	Comment     api.Nullable[string] `json:"comment,omitzero"`
	IsSensitive *bool                `json:"isSensitive,omitempty"`
	File        api.File             `json:"-"`
}

func (r uploadRequest) MultipartFile() api.File { return r.File }

// formOf reads a form as name=value, in order.
func formOf(t *testing.T, r *http.Request) (parts []string, fileType string) {
	t.Helper()
	mr, err := r.MultipartReader()
	if err != nil {
		t.Error(err)
		return nil, ""
	}
	for {
		p, err := mr.NextPart()
		if err == io.EOF {
			return parts, fileType
		}
		if err != nil {
			t.Error(err)
			return parts, fileType
		}
		value, err := io.ReadAll(p)
		if err != nil {
			t.Error(err)
		}
		s := p.FormName() + "=" + string(value)
		if p.FileName() != "" {
			s = p.FormName() + "(" + p.FileName() + ")=" + string(value)
			fileType = p.Header.Get("Content-Type")
		}
		parts = append(parts, s)
	}
}

func TestUpload(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("xxhello"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		body  func() io.Reader
		known bool
		want  string
	}{
		{"string", func() io.Reader { return strings.NewReader("hello") }, true, "hello"},
		{"buffer", func() io.Reader { return bytes.NewBufferString("hello") }, true, "hello"},
		{"no bytes", func() io.Reader { return strings.NewReader("") }, true, ""},
		{"half read", func() io.Reader {
			r := bytes.NewReader([]byte("xxhello"))
			r.Seek(2, io.SeekStart)
			return r
		}, true, "hello"},
		{"file", func() io.Reader {
			file, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { file.Close() })
			file.Seek(2, io.SeekStart)
			return file
		}, true, "hello"},
		{"pipe", func() io.Reader {
			pr, pw := io.Pipe()
			go func() { io.WriteString(pw, "hello"); pw.Close() }()
			return pr
		}, false, "hello"},
		{"device", func() io.Reader {
			file, err := os.Open(os.DevNull)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { file.Close() })
			return file
		}, false, ""},
	} {
		for kind, option := range map[string]Option{"token": WithToken(canary), "bearer": WithBearer(canary)} {
			t.Run(tt.name+" "+kind, func(t *testing.T) {
				var got []string
				var fileType string
				var length int64
				mk := serverClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					length = r.ContentLength
					got, fileType = formOf(t, r)
					if kind == "bearer" {
						got = append([]string{"i=" + strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")}, got...)
					}
					w.Header().Set("Content-Type", jsonType)
					io.WriteString(w, `{"id":"x"}`)
				}), option)
				err := mk.Call(t.Context(), opUpload, uploadRequest{
					FolderID: new("abc"), Name: new("a \"b\"\r\nc.png"), Comment: api.Value("<é> &"), IsSensitive: new(false),
					File: api.File{Name: "cät \"x\".png", Body: tt.body(), ContentType: "image/png"},
				}, new(any))
				if err != nil {
					t.Fatal(err)
				}
				want := []string{"i=" + canary, "folderId=abc", "name=a \"b\"\r\nc.png", "comment=<é> &", "isSensitive=false", "file(cät \"x\".png)=" + tt.want}
				if strings.Join(got, "|") != strings.Join(want, "|") || fileType != "image/png" {
					t.Errorf("sent %q (%s)\nwant %q", got, fileType, want)
				}
				if (length > 0) != tt.known {
					t.Errorf("length is %d", length)
				}
			})
		}
	}
}

func TestUploadNames(t *testing.T) {
	var got []string
	mk := serverClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parts, fileType := formOf(t, r)
		got = append(got, append(parts, fileType)...)
		w.WriteHeader(204)
	}), WithToken("alice"))
	err := mk.Call(t.Context(), opUpload, uploadRequest{File: api.File{Body: strings.NewReader("x")}}, nil, TokenEditor("bob"))
	if want := "i=bob|file(blob)=x|application/octet-stream"; err != nil || strings.Join(got, "|") != want {
		t.Errorf("%v, sent %q, want %q", err, got, want)
	}
	for _, name := range []string{`\`, `"`, `\"`, `a;b=c`, "日本語.png", "\xff", strings.Repeat("x", 300), "%0D"} {
		if err := mk.Call(t.Context(), opUpload, uploadRequest{File: api.File{Name: name, Body: strings.NewReader("x")}}, nil); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestUploadRefused(t *testing.T) {
	body := func() io.Reader { return strings.NewReader("x") }
	for name, in := range map[string]any{
		"no file":     struct{}{},
		"nothing":     nil,
		"no body":     uploadRequest{},
		"null":        uploadRequest{Comment: api.Null[string](), File: api.File{Body: body()}},
		"line break":  uploadRequest{File: api.File{Body: body(), ContentType: "image/png\r\nX: y"}},
		"nested":      nested{},
		"escape":      uploadRequest{File: api.File{Body: body(), Name: "\x1b[0m"}},
		"break":       uploadRequest{File: api.File{Body: body(), Name: "a\r\nb"}},
		"cannot seek": uploadRequest{File: api.File{Body: &badSeeker{}}},
	} {
		all, f := recorder(200, jsonType, `{}`)
		err := fakeClient(t, f, WithToken(canary)).Call(t.Context(), opUpload, in, nil)
		if err == nil || len(*all) > 0 {
			t.Errorf("%s: sent", name)
		}
	}
}

type nested struct{}

func (nested) MultipartFile() api.File      { return api.File{Body: strings.NewReader("x")} }
func (nested) MarshalJSON() ([]byte, error) { return []byte(`{"a":{}}`), nil }

// badSeeker cannot go back to where it was.
type badSeeker struct{ n int }

func (*badSeeker) Read([]byte) (int, error) { return 0, io.EOF }
func (s *badSeeker) Seek(int64, int) (int64, error) {
	if s.n++; s.n > 2 {
		return 0, errors.New("no way back")
	}
	return 0, nil
}

func TestUploadReadsNothingTwice(t *testing.T) {
	fault := errors.New("disk on fire")
	mk := serverClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }), WithToken(canary))
	err := mk.Call(t.Context(), opUpload, uploadRequest{File: api.File{Body: io.MultiReader(strings.NewReader("x"), iotest.ErrReader(fault))}}, nil)
	if !errors.Is(err, fault) {
		t.Errorf("%v", err)
	}
}

// A server that answers before it has all of the file ends the upload.
func TestUploadAnsweredEarly(t *testing.T) {
	mk := serverClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	}), WithToken(canary))
	err := mk.Call(t.Context(), opUpload, uploadRequest{File: api.File{Body: &endless{head: strings.NewReader("x")}}}, nil)
	if err == nil {
		t.Error("no error")
	}
}

// The call ends although the reader of the file is waiting for ever.
func TestUploadCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	pr, pw := io.Pipe()
	defer pw.Close()
	go io.WriteString(pw, "hello") // and no more
	mk := serverClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.ReadFull(r.Body, make([]byte, 100))
		cancel()
		io.Copy(io.Discard, r.Body) // until the connection is gone
	}), WithToken(canary))
	err := mk.Call(ctx, opUpload, uploadRequest{File: api.File{Body: pr}}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestUploadIsNotBuffered(t *testing.T) {
	const size = 64 << 20
	var sent int64
	mk := fakeClient(t, func(req *http.Request) (*http.Response, error) {
		n, err := io.Copy(io.Discard, req.Body)
		sent = n
		return answer(204, "", ""), err
	}, WithToken(canary))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := mk.Call(t.Context(), opUpload, uploadRequest{File: api.File{Body: io.LimitReader(&endless{head: strings.NewReader("")}, size)}}, nil)
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; err != nil || sent < size || allocated > 1<<20 {
		t.Errorf("%v, %d bytes sent, %d allocated", err, sent, allocated)
	}
}

func TestUploadParametersAreOrdered(t *testing.T) {
	params, err := splitParams([]byte(`{"z":1,"a":"x","m":null,"é\n":[{}]}`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range params {
		got = append(got, p.name+" "+string(p.value))
	}
	if want := []string{`z 1`, `a "x"`, `m null`, "é\n [{}]"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	var _ json.RawMessage = params[0].value
}
