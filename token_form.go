package misskey

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/textproto"
)

// addTokenPart puts the token in front of the parts of a multipart form. The
// form is not read.
func addTokenPart(req *http.Request, boundary, token string) error {
	if boundary == "" {
		return errors.New("its multipart form has no boundary")
	}
	if prev, ok := req.Body.(*formBody); ok {
		prev.undo(req)
	}
	if req.Body == nil || req.Body == http.NoBody {
		return errors.New("its multipart form is empty")
	}
	part := fmt.Appendf(nil, "--%s\r\nContent-Disposition: form-data; name=\"i\"\r\n\r\n%s\r\n", boundary, token)
	form, again := req.Body, req.GetBody
	wrap := func(form io.ReadCloser) *formBody {
		return &formBody{
			token: token,
			part:  part,
			size:  len(part),
			form:  form,
			again: again,
			watch: formWatch{delimiter: []byte("--" + boundary)},
		}
	}
	req.Body = wrap(form)
	if again != nil {
		req.GetBody = func() (io.ReadCloser, error) {
			form, err := again()
			if err != nil {
				return nil, err
			}
			return wrap(form), nil
		}
	}
	if req.ContentLength > 0 {
		req.ContentLength += int64(len(part))
	}
	return nil
}

// formBody is a multipart form with a part for the token before it.
type formBody struct {
	token string
	part  []byte // what is left of it
	size  int    // of the whole part
	form  io.ReadCloser
	again func() (io.ReadCloser, error) // the GetBody of the form, if any
	watch formWatch
}

// undo gives req back the form that it had.
func (b *formBody) undo(req *http.Request) {
	req.Body, req.GetBody = b.form, b.again
	if req.ContentLength > 0 {
		req.ContentLength -= int64(b.size)
	}
}

func (b *formBody) Read(p []byte) (int, error) {
	if len(b.part) > 0 {
		n := copy(p, b.part)
		b.part = b.part[n:]
		return n, nil
	}
	n, err := readInto(b.form, p)
	if bad := b.watch.see(p[:n]); bad != nil {
		return 0, bad
	}
	return n, err
}

func (b *formBody) Close() error { return b.form.Close() }

// maxPartHeader is more than the header of any part of a form.
const maxPartHeader = 16 << 10

// formWatch looks at a multipart form as it goes by. It finds what would make a
// token in front of it go wrong: text before the first part, which would become
// part of the token, and a field i, of which the server would then see two and
// use none.
type formWatch struct {
	delimiter []byte
	seen      []byte // what may be the beginning of a delimiter or of a header
	state     formState
}

type formState uint8

const (
	atStart formState = iota
	inContent
	inHeader
)

func (w *formWatch) see(p []byte) error {
	w.seen = append(w.seen, p...)
	for {
		switch w.state {
		case atStart:
			n := min(len(w.seen), len(w.delimiter))
			if !bytes.Equal(w.seen[:n], w.delimiter[:n]) {
				return errors.New("the multipart form does not begin with its boundary, so no token can be put in front")
			}
			if n < len(w.delimiter) {
				return nil
			}
			w.state = inContent

		case inContent:
			i := bytes.Index(w.seen, w.delimiter)
			if i < 0 {
				w.keep(len(w.delimiter) - 1)
				return nil
			}
			w.keep(len(w.seen) - i - len(w.delimiter))
			w.state = inHeader

		case inHeader:
			// What is not a delimiter for one parser may be one for another,
			// so all that is unusual is refused.
			end := []byte("\r\n")
			if bytes.HasPrefix(w.seen, []byte("-")) {
				end = []byte("--\r\n") // the last one
			}
			n := min(len(w.seen), len(end))
			if !bytes.Equal(w.seen[:n], end[:n]) {
				return errors.New("the multipart form has its boundary within a line")
			}
			if n < len(end) {
				return nil
			}
			if len(end) > 2 {
				w.keep(len(w.seen) - len(end))
				w.state = inContent
				continue
			}
			i := bytes.Index(w.seen, []byte("\r\n\r\n"))
			header := w.seen
			if i >= 0 {
				header = w.seen[:i+4]
			}
			if bytes.Count(header, []byte("\n")) != bytes.Count(header, []byte("\r\n")) {
				return errors.New("a part of the multipart form has a malformed header")
			}
			if i < 0 && len(w.seen) < maxPartHeader {
				return nil
			}
			if i < 0 || i > maxPartHeader {
				return errors.New("a part of the multipart form has too long a header")
			}
			if err := checkPartHeader(header); err != nil {
				return err
			}
			w.keep(len(w.seen) - len(header))
			w.state = inContent
		}
	}
}

// keep drops all but the last n bytes of what was seen.
func (w *formWatch) keep(n int) {
	if drop := len(w.seen) - n; drop > 0 {
		w.seen = append(w.seen[:0], w.seen[drop:]...)
	}
}

// checkPartHeader returns an error if the header, which begins with the end of
// the line of the delimiter, is that of a field i, or cannot be read.
func checkPartHeader(header []byte) error {
	_, header, _ = bytes.Cut(header, []byte("\r\n"))
	fields, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(header))).ReadMIMEHeader()
	if err != nil {
		return errors.New("a part of the multipart form has a malformed header")
	}
	for _, disposition := range fields.Values("Content-Disposition") {
		_, params, err := mime.ParseMediaType(disposition)
		if err != nil {
			return errors.New("a part of the multipart form has a malformed Content-Disposition")
		}
		if params["name"] == "i" {
			return errors.New("the multipart form has a field i already")
		}
	}
	return nil
}
