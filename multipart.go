package misskey

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"

	"github.com/misskey-go/misskey/api"
)

// setForm gives req a multipart form: the parameters, then the file, because
// the server starts as soon as it has the file. The file is streamed.
func setForm(req *http.Request, object []byte, in any) error {
	upload, ok := in.(interface{ MultipartFile() api.File })
	if !ok {
		return fmt.Errorf("the endpoint takes a file, and %T has no method MultipartFile() api.File", in)
	}
	file := upload.MultipartFile()
	if file.Body == nil {
		return errors.New("the Body of the file is nil")
	}
	params, err := splitParams(object)
	if err != nil {
		return err
	}
	if strings.ContainsFunc(file.Name+file.ContentType, unicode.IsControl) {
		return errors.New("the Name or ContentType of the file has control characters in it")
	}
	size, err := sizeOf(file.Body)
	if err != nil {
		return fmt.Errorf("finding out the size of the file: %w", err)
	}
	var buf bytes.Buffer // never fails
	form := multipart.NewWriter(&buf)
	for _, p := range params {
		s, ok := scalar(p.value)
		if !ok {
			return fmt.Errorf("parameter %s: a form cannot say %s; leave it out", p.name, kind(p.value))
		}
		_ = form.WriteField(p.name, s)
	}
	_, _ = form.CreatePart(fileHeader(file))
	head := buf.Len()
	_ = form.Close()

	var content io.Reader = &fileContent{name: file.Name, r: file.Body, size: size}
	if !inMemory(file.Body) {
		content = interruptible(req.Context(), content)
	}
	req.ContentLength = -1
	if size >= 0 {
		req.ContentLength = int64(buf.Len()) + size
	}
	req.Body = &fileBody{content: io.MultiReader(
		bytes.NewReader(buf.Bytes()[:head]),
		content,
		bytes.NewReader(buf.Bytes()[head:]),
	)}
	req.Header.Set("Content-Type", form.FormDataContentType())
	return nil
}

func fileHeader(file api.File) textproto.MIMEHeader {
	name, contentType := file.Name, file.ContentType
	if name == "" {
		name = "blob" // which the server takes for no name
	}
	if contentType == "" {
		contentType = "application/octet-stream"
	}
	return textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition("file", name)},
		"Content-Type":        {contentType},
	}
}

// sizeOf returns how much can be read from r, or -1 if that is unknown.
func sizeOf(r io.Reader) (int64, error) {
	switch r := r.(type) {
	case *uploadBody:
		return r.size, nil
	case *bytes.Buffer:
		return int64(r.Len()), nil
	case *bytes.Reader:
		return int64(r.Len()), nil
	case *strings.Reader:
		return int64(r.Len()), nil
	case io.Seeker:
		at, err := r.Seek(0, io.SeekCurrent)
		if err != nil { // a pipe
			return -1, nil
		}
		end, err := r.Seek(0, io.SeekEnd)
		if err != nil {
			return -1, nil
		}
		if _, err := r.Seek(at, io.SeekStart); err != nil {
			return -1, err
		}
		if end > at { // devices and files of /proc say that they are empty
			return end - at, nil
		}
	}
	return -1, nil
}

// inMemory reports whether no Read of r ever waits.
func inMemory(r io.Reader) bool {
	switch r.(type) {
	case *bytes.Buffer, *bytes.Reader, *strings.Reader:
		return true
	}
	return false
}

// fileContent is the content of a file. It makes an error of what has another
// size than it was said to have, because a form that goes on behind it looks
// complete, and the server stores a file as soon as it has seen its end.
type fileContent struct {
	name string
	r    io.Reader
	size int64 // -1 where it is not known
	read int64
	err  error
}

// A fileError is why a file could not be read.
type fileError struct {
	name string
	err  error
}

func (e *fileError) Error() string { return fmt.Sprintf("reading the file %q: %v", e.name, e.err) }
func (e *fileError) Unwrap() error { return e.err }

// maxEmptyReads is how often a reader may return nothing.
const maxEmptyReads = 100

func (f *fileContent) Read(p []byte) (int, error) {
	if f.err != nil || len(p) == 0 {
		return 0, f.err
	}
	n, err := 0, error(nil)
	for i := 0; n == 0 && err == nil; i++ {
		if i == maxEmptyReads {
			err = io.ErrNoProgress
			break
		}
		n, err = readInto(f.r, p)
	}
	f.read += int64(n)
	switch {
	case f.size >= 0 && f.read > f.size:
		n, err = 0, fmt.Errorf("it has more than the %d bytes that it should have", f.size)
	case f.size >= 0 && f.read < f.size && err == io.EOF:
		err = fmt.Errorf("it ended after %d of %d bytes: %w", f.read, f.size, io.ErrUnexpectedEOF)
	}
	if err != nil && err != io.EOF {
		err = &fileError{f.name, err}
	}
	f.err = err
	return n, err
}

// interruptible returns a reader that ends with ctx also while r is waiting, as
// a pipe does; net/http would wait for it.
func interruptible(ctx context.Context, r io.Reader) io.Reader {
	pr, pw := io.Pipe()
	context.AfterFunc(ctx, func() { pr.CloseWithError(context.Cause(ctx)) })
	start := sync.OnceFunc(func() {
		go func() {
			_, err := io.Copy(pw, r)
			pw.CloseWithError(err)
		}()
	})
	return readerFunc(func(p []byte) (int, error) {
		start()
		return pr.Read(p)
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// fileBody is the body of an upload. A transport may go on reading after the
// answer has come; once it has closed the body, the file is left alone.
type fileBody struct {
	content io.Reader
	closed  atomic.Bool
}

func (b *fileBody) Read(p []byte) (int, error) {
	if b.closed.Load() {
		return 0, errors.New("the upload has ended")
	}
	return b.content.Read(p)
}

func (b *fileBody) Close() error {
	b.closed.Store(true)
	return nil
}
