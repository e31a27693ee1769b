package conformance

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// maxLine is more than any response of a server is long.
const maxLine = 64 << 20

// ErrNotExchanges says that a file holds JSON lines of another kind, such as
// recorded frames of a stream.
var ErrNotExchanges = errors.New("holds no HTTP exchanges")

// An Exchange is one recorded request and its response.
type Exchange struct {
	// Endpoint is the path below /api/.
	Endpoint string `json:"endpoint"`

	// Method is POST or GET.
	Method string `json:"method"`

	// Auth says who called: "anon" without a token, else any other word.
	Auth string `json:"auth"`

	// ContentType is that of the request; empty for GET.
	ContentType string `json:"contentType,omitempty"`

	// Request is the JSON object that was sent, without the token; for GET
	// the query, for an upload the form's fields and a [SentFile] in "file".
	Request json.RawMessage `json:"request"`

	// Status is the HTTP status of the response.
	Status int `json:"status"`

	// Headers are some of the response's headers, with names in lower case.
	Headers map[string]string `json:"headers"`

	// Response is the JSON response, or null where there was none.
	Response json.RawMessage `json:"response"`

	// Source is the file and the line.
	Source string `json:"-"`
}

// A SentFile is what is recorded of the file part of an upload.
type SentFile struct {
	Filename    string `json:"filename"`
	ContentType string `json:"contentType"`
	Size        int64  `json:"size"`
}

// mediaType is the content type of the request without its parameters.
func (e *Exchange) mediaType() string {
	kind, _, _ := strings.Cut(e.ContentType, ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

// Succeeded reports whether the server did what it was asked.
func (e *Exchange) Succeeded() bool { return e.Status >= 200 && e.Status < 300 }

// Version returns the version of Misskey that was recorded, as its meta says, or
// "unknown" where that was not recorded.
func Version(exchanges []*Exchange) string {
	for _, e := range exchanges {
		var meta struct {
			Version string `json:"version"`
		}
		if e.Endpoint == "meta" && e.Succeeded() && json.Unmarshal(e.Response, &meta) == nil && meta.Version != "" {
			return meta.Version
		}
	}
	return "unknown"
}

// RecordingName returns what the file with a recording of a version is called.
func RecordingName(version string) string { return "http-" + version + ".jsonl.gz" }

// Body returns the bytes of the response as they were on the wire. A response of
// null has none: a server sends no body then.
func (e *Exchange) Body() []byte {
	if e.Status == 204 || bytes.Equal(bytes.TrimSpace(e.Response), []byte("null")) {
		return nil
	}
	return e.Response
}

// ReadFolder reads every recording (*.jsonl and *.jsonl.gz) in a folder.
// It returns the names of the files that hold something else, too.
func ReadFolder(folder string) (exchanges []*Exchange, skipped []string, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, nil, fmt.Errorf("conformance: reading recordings: %w", err)
	}
	for _, entry := range entries {
		if name := strings.TrimSuffix(entry.Name(), ".gz"); entry.IsDir() || !strings.HasSuffix(name, ".jsonl") {
			continue
		}
		read, err := ReadFile(filepath.Join(folder, entry.Name()))
		if errors.Is(err, ErrNotExchanges) {
			skipped = append(skipped, entry.Name())
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		exchanges = append(exchanges, read...)
	}
	if len(exchanges) == 0 {
		return nil, skipped, fmt.Errorf("conformance: no recording in %s: want files *.jsonl or *.jsonl.gz with one HTTP exchange a line", folder)
	}
	return exchanges, skipped, nil
}

// ReadFile reads one recording, which may be compressed with gzip.
func ReadFile(path string) ([]*Exchange, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("conformance: reading a recording: %w", err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		z, err := gzip.NewReader(f)
		if err != nil {
			return nil, fmt.Errorf("conformance: reading %s: %w", path, err)
		}
		defer z.Close()
		r = z
	}
	return Read(r, filepath.Base(path))
}

// Read reads a recording; name is what it is called in messages.
func Read(r io.Reader, name string) ([]*Exchange, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 1<<20), maxLine)
	var exchanges []*Exchange
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		e := &Exchange{Source: fmt.Sprintf("%s:%d", name, n)}
		if err := json.Unmarshal(lines.Bytes(), e); err != nil {
			return nil, fmt.Errorf("conformance: %s: %w", e.Source, err)
		}
		if e.Endpoint == "" || e.Status == 0 {
			if len(exchanges) == 0 {
				return nil, fmt.Errorf("conformance: %s: %w", e.Source, ErrNotExchanges)
			}
			return nil, fmt.Errorf("conformance: %s: an exchange without endpoint or status", e.Source)
		}
		exchanges = append(exchanges, e)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("conformance: reading %s: %w", name, err)
	}
	return exchanges, nil
}
