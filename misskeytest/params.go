package misskeytest

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
)

const (
	maxJSON = 1 << 20
	maxFile = 262144000
)

// An upload is the file part of a form.
type upload struct {
	name string
	data []byte
}

// readParams reads the parameters of a request. They are an object unless the
// caller has sent something else.
func readParams(r *http.Request, op *operation) (params any, file *upload, err error) {
	switch {
	case r.Method == http.MethodGet:
		return queryParams(r.URL.Query()), nil, nil
	case op.multipart:
		return readForm(r)
	}
	params, err = readBody(r)
	return params, nil, err
}

func queryParams(query url.Values) object {
	params := object{}
	for name, values := range query {
		if len(values) == 1 {
			params[name] = values[0]
			continue
		}
		var all []any
		for _, v := range values {
			all = append(all, v)
		}
		params[name] = all
	}
	return params
}

// The errors of the framework that reads bodies.
var (
	errEmptyJSON = &frameworkError{400, "FST_ERR_CTP_EMPTY_JSON_BODY", "the body is empty, but said to be JSON"}
	errBadJSON   = &frameworkError{400, "FST_ERR_CTP_INVALID_JSON_BODY", "the body is not JSON"}
	errBadLength = &frameworkError{400, "FST_ERR_CTP_INVALID_CONTENT_LENGTH", "the length of the body is not the one that was said"}
	errTooLarge  = &frameworkError{413, "FST_ERR_CTP_BODY_TOO_LARGE", "the body is too large"}
	errMediaType = &frameworkError{415, "FST_ERR_CTP_INVALID_MEDIA_TYPE", "the content type is none that is read here"}
	noFile       = emptyError(http.StatusBadRequest)
	fileTooLarge = emptyError(http.StatusRequestEntityTooLarge)
)

func readBody(r *http.Request) (any, error) {
	data, err := io.ReadAll(io.LimitReader(r.Body, maxJSON+1))
	contentType := r.Header.Get("Content-Type")
	mediaType, _, _ := mime.ParseMediaType(contentType)
	switch {
	case err != nil:
		return nil, errBadLength
	case contentType == "" && len(data) == 0:
		return nil, nil
	case len(data) > maxJSON:
		return nil, errTooLarge
	case mediaType == "text/plain":
		return string(data), nil
	case mediaType == "multipart/form-data":
		return nil, nil
	case mediaType != "application/json":
		return nil, errMediaType
	case r.Header.Get("Content-Encoding") != "":
		return nil, errBadLength
	case len(data) == 0:
		return nil, errEmptyJSON
	}
	v, err := decodeJSON(bytes.TrimPrefix(data, []byte("\ufeff")))
	if err != nil || poisoned(v) {
		return nil, errBadJSON
	}
	return v, nil
}

// poisoned finds keys with a meaning in JavaScript, which the framework refuses.
func poisoned(v any) bool {
	switch v := v.(type) {
	case object:
		if _, ok := v["__proto__"]; ok {
			return true
		}
		if constructor, ok := v["constructor"].(object); ok {
			if _, ok := constructor["prototype"]; ok {
				return true
			}
		}
		for _, value := range v {
			if poisoned(value) {
				return true
			}
		}
	case []any:
		for _, item := range v {
			if poisoned(item) {
				return true
			}
		}
	}
	return false
}

// maxFirstRead is how much of a form Misskey has seen when it begins its work, if
// the network brings it at once.
const maxFirstRead = 64 << 10

// readForm reads a form up to its first file. Misskey begins its work then, and
// does not see what comes later. Fields after a file are seen in a small form
// only, which comes as a whole: programs should send them first.
func readForm(r *http.Request) (any, *upload, error) {
	body := &countingReader{r: r.Body}
	r.Body = io.NopCloser(body)
	form, err := r.MultipartReader()
	if err != nil {
		_, _ = io.Copy(io.Discard, body)
		return nil, nil, noFile
	}
	var file *upload
	fields := object{}
	for {
		part, err := form.NextPart()
		switch {
		case err != nil && file == nil:
			return nil, nil, noFile
		case err != nil, file != nil && body.n > maxFirstRead:
			_, _ = io.Copy(io.Discard, body)
			return fields, file, nil
		case part.FileName() != "" && file != nil:
			continue
		case part.FileName() != "":
			if file, err = readFile(part); err != nil {
				return nil, nil, err
			}
			continue
		}
		value, err := io.ReadAll(io.LimitReader(part, maxJSON))
		if err != nil {
			return nil, nil, noFile
		}
		if _, ok := fields[part.FormName()]; !ok || file == nil {
			fields[part.FormName()] = string(value)
		}
	}
}

// A countingReader counts what is read.
type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func readFile(part *multipart.Part) (*upload, error) {
	data, err := io.ReadAll(io.LimitReader(part, maxFile+1))
	if err != nil {
		return nil, noFile
	}
	if len(data) > maxFile {
		return nil, fileTooLarge
	}
	return &upload{part.FileName(), data}, nil
}
