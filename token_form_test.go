package misskey

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
)

const formType = "multipart/form-data; boundary=BOUND"

func form(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		name, value, _ := strings.Cut(p, "=")
		fmt.Fprintf(&b, "--BOUND\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", name, value)
	}
	return b.String() + "--BOUND--\r\n"
}

const tokenPart = "--BOUND\r\nContent-Disposition: form-data; name=\"i\"\r\n\r\n" + canary + "\r\n"

func TestTokenEditorForm(t *testing.T) {
	body := form("comment=hello", "file=content")
	req := post(formType, body)
	if err := TokenEditor(canary)(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	checkBody(t, req, tokenPart+body)

	parts := multipart.NewReader(req.Body, "BOUND")
	first, err := parts.NextPart()
	if err != nil || first.FormName() != "i" {
		t.Fatalf("%v, %v", first, err)
	}

	// For another account, the token is replaced and not added.
	req.Body, _ = req.GetBody()
	if err := TokenEditor("other")(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	checkBody(t, req, strings.Replace(tokenPart, canary, "other", 1)+body)
}

func TestTokenEditorFormQuotedBoundary(t *testing.T) {
	body := strings.ReplaceAll(form("a=b"), "BOUND", "a b:c")
	req := post(`multipart/form-data; boundary="a b:c"`, body)
	if err := TokenEditor(canary)(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	checkBody(t, req, strings.ReplaceAll(tokenPart, "BOUND", "a b:c")+body)
}

// endless gives out a form that never ends, and counts what was read of it.
type endless struct {
	head io.Reader
	read int
}

func (e *endless) Read(p []byte) (int, error) {
	n, err := e.head.Read(p)
	if err == io.EOF {
		clear(p)
		n, err = len(p), nil
	}
	e.read += n
	return n, err
}

func TestTokenEditorFormIsNotRead(t *testing.T) {
	src := &endless{head: strings.NewReader("--BOUND\r\n\r\n")}
	req, _ := http.NewRequest("POST", "https://misskey.example/api/drive/files/create", src)
	req.Header.Set("Content-Type", formType)
	if err := TokenEditor(canary)(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	if src.read != 0 {
		t.Errorf("the editor has read %d bytes", src.read)
	}
	if req.ContentLength != 0 || req.GetBody != nil {
		t.Errorf("ContentLength %d, GetBody %v", req.ContentLength, req.GetBody != nil)
	}
	if _, err := io.CopyN(io.Discard, req.Body, 1<<20); err != nil {
		t.Error(err)
	}
	if seen := cap(req.Body.(*formBody).watch.seen); seen > 256<<10 {
		t.Errorf("%d bytes of the form are kept", seen)
	}
}

func TestTokenEditorFormRefused(t *testing.T) {
	big := strings.Repeat("x", 100_000)
	for _, tt := range []struct{ name, body, says string }{
		{"field i", form("a=b", "i=old", "file=x"), "field i"},
		{"field i first", form("i=old"), "field i"},
		{"field i after a large file", form("file="+big, "i=old"), "field i"},
		{"escaped i", "--BOUND\r\nContent-Disposition: form-data; name=i\r\n\r\nold\r\n--BOUND--", "field i"},
		{"extended i", "--BOUND\r\nContent-Disposition: form-data; name*=utf-8''%69\r\n\r\nold\r\n--BOUND--", "field i"},
		{"two dispositions", "--BOUND\r\nContent-Disposition: form-data; name=a\r\ncontent-disposition: form-data; name=i\r\n\r\nold\r\n--BOUND--", "field i"},
		{"folded header", "--BOUND\r\nContent-Disposition: form-data;\r\n name=\"i\"\r\n\r\nold\r\n--BOUND--", "field i"},
		{"preamble", "hello\r\n" + form("a=b"), "boundary"},
		{"empty line first", "\r\n" + form("a=b"), "boundary"},
		{"other boundary", strings.ReplaceAll(form("a=b"), "BOUND", "OTHER"), "boundary"},
		{"endless header", "--BOUND\r\nX: " + big, "long"},
		{"bad header", "--BOUND\r\nnothing\r\n\r\n", "malformed"},
		{"bad disposition", "--BOUND\r\nContent-Disposition: form-data; name=\"i\r\n\r\n", "malformed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, wrap := range []func(io.Reader) io.Reader{
				func(r io.Reader) io.Reader { return r }, iotest.OneByteReader, iotest.HalfReader, iotest.DataErrReader,
			} {
				req, _ := http.NewRequest("POST", "https://misskey.example/", wrap(strings.NewReader(tt.body)))
				req.Header.Set("Content-Type", formType)
				if err := TokenEditor(canary)(t.Context(), req); err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(req.Body)
				if err == nil || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("error %v does not speak of %q", err, tt.says)
				}
				if strings.Contains(string(got), "old") {
					t.Errorf("was let through: %q", got)
				}
			}
		})
	}
	for _, body := range []io.ReadCloser{nil, http.NoBody} {
		req := post(formType, "")
		req.Body = body
		if err := TokenEditor(canary)(t.Context(), req); err == nil {
			t.Error("an empty form is accepted")
		}
	}
}

func TestTokenEditorFormPassesOn(t *testing.T) {
	fault := errors.New("disk on fire")
	closed := false
	req := post(formType, "")
	req.GetBody = nil
	req.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(strings.NewReader("--BOUND\r\n"), iotest.ErrReader(fault)), closer(func() { closed = true })}
	if err := TokenEditor(canary)(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(req.Body); err != fault {
		t.Errorf("reading: %v", err)
	}
	if req.Body.Close(); !closed {
		t.Error("Close does not close the form")
	}
}

type closer func()

func (c closer) Close() error { c(); return nil }

// Whatever is in a form, it goes through as it is with the token before it, or
// not to its end; and what goes through has one field i.
func FuzzTokenEditorForm(f *testing.F) {
	f.Add([]byte(form("a=b", "file=x")), 7)
	f.Add([]byte(form("a=b", "i=x")), 1)
	f.Add([]byte("--BOUND\r\n\r\n--BOUND\r\nContent-Disposition: form-data; name*=UTF-8''i\r\n\r\n"), 3)
	f.Add([]byte("\r\n--BOUND"), 100)
	f.Add([]byte("--BOUND0\r\n--BOUND"), 5)
	f.Add([]byte("--BOUND\r\nContent-Disposition:form-dAtA;nAme=\"i\"\n\n"), 50)
	f.Add([]byte("--BOUND--x\r\n--BOUND\r\nContent-Disposition: form-data; name=i\r\n\r\nx"), 50)
	f.Fuzz(func(t *testing.T, body []byte, step int) {
		req, _ := http.NewRequest("POST", "https://misskey.example/", bytes.NewReader(body))
		req.Header.Set("Content-Type", formType)
		if err := TokenEditor(canary)(t.Context(), req); err != nil {
			if len(body) > 0 {
				t.Fatal(err)
			}
			return
		}
		step = min(max(step, 1), 1000)
		var got []byte
		var err error
		for err == nil {
			p := make([]byte, step)
			var n int
			n, err = req.Body.Read(p)
			got = append(got, p[:n]...)
		}
		whole := append([]byte(tokenPart), body...)
		if !bytes.HasPrefix(whole, got) {
			t.Fatalf("%q became %q", body, got)
		}
		if err != io.EOF {
			return
		}
		if !bytes.Equal(got, whole) {
			t.Fatalf("%q was cut to %q", body, got)
		}
		parts := multipart.NewReader(bytes.NewReader(got), "BOUND")
		first := true
		for {
			p, err := parts.NextRawPart()
			if err != nil {
				break
			}
			name := p.FormName()
			if first {
				if value, err := io.ReadAll(p); err == nil && (name != "i" || string(value) != canary) {
					t.Fatalf("%q: first part is %q=%q", body, name, value)
				}
			} else if name == "i" {
				t.Fatalf("%q has a second field i", body)
			}
			first = false
		}
	})
}
