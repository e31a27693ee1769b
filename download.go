package misskey

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/misskey-go/misskey/gen"
)

// ErrContent reports that a file downloaded with [Verified] has another size or
// another MD5 sum than the drive says.
var ErrContent = errors.New("the content is not that of the file")

// A DownloadOption changes a [Client.Download].
type DownloadOption func(*download)

// Verified compares the content with the Size and the MD5 of the file. If they
// differ, the last Read returns an error that is [ErrContent]. No more than Size
// bytes are read.
//
// For some pictures Misskey serves a converted version without metadata, but
// reports the size and the digest of the original. Expect the error for those.
func Verified() DownloadOption { return func(d *download) { d.verify = true } }

// ThroughClient uses hc in place of [PublicHTTPClient] for hosts other than the
// instance, for example if the files of the instance are on a host in a private
// network. The CheckRedirect of hc is not used.
func ThroughClient(hc *http.Client) DownloadOption { return func(d *download) { d.others = hc } }

// downloadStall is how long a download may bring nothing.
const downloadStall = 60 * time.Second

// Download opens the content of a drive file, of the account itself or of anyone
// else. The caller must close the content. It is streamed, and its size is not
// limited; see [Verified].
//
// Download never sends the token, because the instance does not need it for files.
// The editors of [WithRequestEditor] apply to requests to the instance only. Files
// on other hosts are fetched through [PublicHTTPClient], because strangers choose
// those addresses.
//
// A status other than 200 is an [Error] without a Code. The download ends with ctx,
// also after Download has returned, and when a Read has received nothing for a
// minute.
func (c *Client) Download(ctx context.Context, file *gen.DriveFile, opts ...DownloadOption) (io.ReadCloser, error) {
	d := &download{name: "file " + clean(file.ID, 40), size: file.Size, md5: file.MD5, others: PublicHTTPClient()}
	for _, opt := range opts {
		if opt != nil {
			opt(d)
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	d.timer = time.AfterFunc(downloadStall, func() {
		cancel(fmt.Errorf("nothing came for %v: %w", downloadStall, os.ErrDeadlineExceeded))
	})
	d.end = func() {
		d.timer.Stop()
		cancel(nil)
	}
	d.ctx = ctx
	if err := d.open(c.config, file.URL); err != nil {
		err = d.explain(err)
		d.end()
		return nil, err
	}
	d.timer.Stop()
	if d.verify {
		d.sum = md5.New()
	}
	return d, nil
}

// A download is the content of a file, being read.
type download struct {
	name   string // for errors
	size   int64
	md5    string
	verify bool
	others *http.Client

	ctx   context.Context
	timer *time.Timer // runs while something is to come
	end   func()
	body  io.ReadCloser
	sum   hash.Hash // nil where nothing is verified
	read  int64
	err   error // of the last Read
}

// open follows an address to a body.
func (d *download) open(cfg *config, address string) error {
	next, err := url.Parse(address)
	if err != nil {
		return errors.New("its URL is not an address")
	}
	for range maxRedirects + 1 {
		resp, err := d.get(cfg, next)
		if err != nil {
			return err
		}
		if !isRedirect(resp.StatusCode) {
			d.body = resp.Body
			if resp.StatusCode != http.StatusOK {
				resp.Body.Close()
				return &Error{Endpoint: d.name, Status: resp.StatusCode}
			}
			return nil
		}
		resp.Body.Close()
		to, err := resp.Location()
		if err != nil {
			return &Error{Endpoint: d.name, Status: resp.StatusCode, Message: "redirect to nowhere"}
		}
		if next.Scheme == "https" && to.Scheme != "https" {
			return errors.New("refused a redirect from https to http")
		}
		next = to
	}
	return fmt.Errorf("stopped after %d redirects", maxRedirects)
}

// get sends one request, to the instance with the client and the editors of the
// instance, and to any other host with neither.
func (d *download) get(cfg *config, u *url.URL) (*http.Response, error) {
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, errors.New("its URL is not one of http or https")
	}
	req, err := http.NewRequestWithContext(d.ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, errors.New("its URL is not an address")
	}
	req.Header["User-Agent"] = cfg.userAgent
	req.Header.Set("Accept-Encoding", "identity") // so that the bytes are those of the file
	if originOf(u) != cfg.origin {
		others := *d.others
		others.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		return others.Do(req)
	}
	if err := edit(req, cfg.editors); err != nil {
		return nil, err
	}
	return cfg.http.Do(req) // which refuses another host
}

func (d *download) Read(p []byte) (int, error) {
	if d.err != nil {
		return 0, d.err
	}
	if d.verify && int64(len(p)) > d.size-d.read+1 {
		p = p[:d.size-d.read+1] // one more than there should be
	}
	d.timer.Reset(downloadStall)
	n, err := d.body.Read(p)
	d.timer.Stop()
	d.read += int64(n)
	if d.sum != nil {
		d.sum.Write(p[:n])
	}
	switch {
	case d.verify && d.read > d.size:
		n, err = 0, fmt.Errorf("%w: it has more than the %d bytes of the file", ErrContent, d.size)
	case err == io.EOF && d.verify:
		err = d.compare()
	}
	if err != nil && err != io.EOF {
		err = d.explain(err)
	}
	d.err = err
	return n, err
}

// compare returns io.EOF if what was read is the file.
func (d *download) compare() error {
	switch got := hex.EncodeToString(d.sum.Sum(nil)); {
	case d.read != d.size:
		return fmt.Errorf("%w: it has %d bytes, not the %d of the file", ErrContent, d.read, d.size)
	case d.md5 != "" && !strings.EqualFold(got, d.md5):
		return fmt.Errorf("%w: its MD5 sum is %s, not %s", ErrContent, got, clean(d.md5, 40))
	}
	return io.EOF
}

// explain says what an error is about, without the address, which can let anyone
// read the file.
func (d *download) explain(err error) error {
	if _, ok := err.(*Error); ok {
		return err
	}
	if d.ctx.Err() != nil {
		err = context.Cause(d.ctx)
	}
	for {
		ue, ok := errors.AsType[*url.Error](err)
		if !ok {
			break
		}
		err = ue.Err
	}
	return fmt.Errorf("misskey: downloading %s: %w", d.name, err)
}

// Close ends the download, whether or not all was read.
func (d *download) Close() error {
	err := d.body.Close()
	d.end()
	return err
}
