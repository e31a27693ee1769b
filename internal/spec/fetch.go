package spec

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	// maxDocument is how many bytes of a document are read, packed or not.
	// Misskey's has 3 MB.
	maxDocument = 64 << 20
	// fetchTimeout is how long an instance may take to send it.
	fetchTimeout = 2 * time.Minute
)

// Fetch reads a document from src: "-" for stdin, a file, or a Misskey
// instance, whose document is at /api.json. An instance is named by its host
// (misskey.example) or its address (https://misskey.example, or
// http://127.0.0.1:3000 where it is meant to be plain HTTP); the full address
// of a document will do as well. A name that could be both is the file, if it
// is there. git:REV is api.yaml at that revision of the repository around the
// working directory, git:REV:PATH another file. What is compressed with gzip is
// unpacked.
//
// An instance is asked twice: releases before 2025.1.0 give a wrong document from
// the second request on. Where the responses differ the first one is returned, and
// a note that says so.
func Fetch(ctx context.Context, src string, stdin io.Reader) ([]byte, []Note, error) {
	data, notes, err := fetch(ctx, src, stdin)
	if err != nil {
		return nil, nil, err
	}
	data, err = unpack(src, data)
	return data, notes, err
}

// ReadFile reads a document from a file, which may be compressed with gzip.
func ReadFile(name string) ([]byte, error) {
	data, err := readFile(name)
	if err != nil {
		return nil, err
	}
	return unpack(name, data)
}

// unpack returns data, or what it holds if it is compressed with gzip.
func unpack(src string, data []byte) ([]byte, error) {
	if !bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		return data, nil
	}
	zr, err := gzip.NewReader(bytes.NewReader(data))
	if err == nil {
		data, err = readLimited(zr)
	}
	if err != nil {
		return nil, fmt.Errorf("unpacking %s: %w", src, err)
	}
	return data, nil
}

func fetch(ctx context.Context, src string, stdin io.Reader) ([]byte, []Note, error) {
	switch {
	case src == "":
		return nil, nil, errors.New("no source is given: expected a file, - or a Misskey instance")
	case src == "-":
		data, err := readLimited(stdin)
		if err != nil {
			return nil, nil, fmt.Errorf("reading standard input: %w", err)
		}
		return data, nil, nil
	case strings.Contains(src, "://"):
		u, err := documentURL(src)
		if err != nil {
			return nil, nil, err
		}
		return fetchTwice(ctx, u)
	}
	data, err := readFile(src)
	if errors.Is(err, fs.ErrNotExist) {
		if rev, ok := strings.CutPrefix(src, "git:"); ok {
			data, err := readGit(ctx, rev)
			return data, nil, err
		}
		host := strings.TrimSuffix(src, "/")
		if isHost(host) {
			return fetchTwice(ctx, "https://"+host+"/api.json")
		}
		return nil, nil, fmt.Errorf("%s: there is no such file, and it is not the name of an instance like misskey.example", src)
	}
	return data, nil, err
}

// fetchTwice reads a document twice, and notes where that gives two.
func fetchTwice(ctx context.Context, address string) ([]byte, []Note, error) {
	first, err := fetchURL(ctx, address)
	if err != nil {
		return nil, nil, err
	}
	second, err := fetchURL(ctx, address)
	if err != nil {
		return nil, nil, err
	}
	if bytes.Equal(first, second) {
		return first, nil, nil
	}
	return first, []Note{{address, "two requests gave two documents; the first is used, which is right only if nobody has asked this server since it started"}}, nil
}

func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := readLimited(f)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return data, nil
}

// readLimited reads all of r, or fails when that is too much.
func readLimited(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxDocument {
		return nil, fmt.Errorf("more than %d MiB: too large for Misskey's document", maxDocument>>20)
	}
	return data, nil
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*$`)

// documentSuffixes are how the names of documents end. A missing file of such
// a name is not taken for a host.
var documentSuffixes = []string{".json", ".yaml", ".yml", ".gz"}

func isDocument(name string) bool {
	return slices.Contains(documentSuffixes, strings.ToLower(path.Ext(name)))
}

// isHost reports whether s looks like the host of an instance, with or without
// a port.
func isHost(s string) bool {
	host, _, err := net.SplitHostPort(s)
	hasPort := err == nil
	if !hasPort {
		host = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	}
	switch {
	case net.ParseIP(host) != nil:
		return true
	case !hostName.MatchString(host):
		return false
	}
	return hasPort || host == "localhost" || strings.Contains(host, ".") && !isDocument(host)
}

// documentURL returns the address of the document of the instance, or of the
// document, at address.
func documentURL(address string) (string, error) {
	const expected = "expected the address of an instance, like https://misskey.example"
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: %s", err, expected)
	case u.Scheme != "https" && u.Scheme != "http":
		return "", fmt.Errorf("%s: cannot be read by %s: %s", address, u.Scheme, expected)
	case u.Host == "":
		return "", fmt.Errorf("%s: has no host: %s", address, expected)
	case u.User != nil:
		return "", fmt.Errorf("%s: holds a password, but the document is public: %s", u.Redacted(), expected)
	case isDocument(u.Path):
		return u.String(), nil
	case strings.Trim(u.Path, "/") == "" || strings.Trim(u.Path, "/") == "api":
		return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/api.json"}).String(), nil
	}
	return "", fmt.Errorf("%s: %s, or of a document that ends in .json", address, expected)
}

func fetchURL(ctx context.Context, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", address, err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "misskey-spec (+https://github.com/misskey-go/misskey)")
	client := &http.Client{CheckRedirect: sameOrigin}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", address, withoutURL(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("reading %s: the server answered %s: is a Misskey instance there?", address, resp.Status)
	}
	data, err := readLimited(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", address, err)
	}
	return data, nil
}

// sameOrigin follows redirects within an instance. That another one answers in
// its place, the caller should know.
func sameOrigin(req *http.Request, via []*http.Request) error {
	from, to := via[0].URL, req.URL
	if from.Scheme != to.Scheme || from.Host != to.Host {
		return fmt.Errorf("the server redirects to %s: if that is the instance you mean, name it", to)
	}
	if len(via) >= 5 {
		return errors.New("the server redirects in circles")
	}
	return nil
}

// withoutURL takes off the address that net/http puts before its errors: the
// message names it already.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
