package misskey

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
)

// A File is a file for [Client.Upload]. Name and Body are enough.
type File struct {
	// Name is the name that the file gets, without a directory; spaces around
	// it are dropped. Where it is empty or "blob", the server makes one. A name
	// that the server would refuse is refused before anything is sent, with an
	// error that is [gen.ErrInvalidFileName].
	Name string

	// Body is the content. It is read as it is sent, and never kept in memory.
	//
	// A Body that is an [io.Closer] is closed once before Upload returns,
	// whatever happens. As with the Body of an [http.Request], Close may be
	// called while a Read waits, and should end it.
	Body io.Reader

	// Size is how many bytes Body has, for a Body that does not say, such as a
	// pipe or the body of a response to another request; 0 where that is not
	// known. A Body that turns out to have fewer or more is an error.
	//
	// It need not be given for files and for what package bytes and strings
	// make readers of.
	Size int64

	// FolderID is the folder of the drive to put the file into; empty for none.
	FolderID string

	// Comment describes the file, for those who cannot see it.
	Comment string

	// ContentType is optional; the server looks at the content itself.
	ContentType string

	// IsSensitive hides the file behind a warning.
	IsSensitive bool

	// Force stores the file even if the drive has one of the same content.
	// Without it, the server responds with that one, which keeps its name,
	// folder and comment.
	Force bool

	// FindDuplicate looks for a file of the same content in the drive by its
	// MD5 sum, before anything is sent. If there is one, it is the result, and
	// Body is not sent at all. Body must be an [io.Seeker], since it is read
	// twice, and the token of an app needs the permission read:drive.
	FindDuplicate bool

	// Progress, if it is not nil, is called with how many bytes of the file were
	// handed to the network, of how many; total is -1 where that is not known.
	// When the server has accepted the file, the last call says that all of its
	// bytes were sent, as both numbers.
	//
	// The calls come from one goroutine, one after the other, with numbers that
	// only grow, and end before Upload returns. What is sent while Progress is
	// running is reported in the next call, so a slow Progress does not slow down
	// the upload; but one that never returns keeps Upload from returning.
	Progress func(sent, total int64)
}

// Upload puts a file into the drive. It does not take more memory for a large
// file than for a small one. It is never sent twice, and ends as soon as ctx
// does, even while a Read of the Body is waiting. One that ends before all of the
// file was sent is broken off, so that the server cannot take it for the file.
//
// Errors are those of [gen.Client.DriveFilesCreate]. A Body that fails gives its
// own error, and a file that is too large for the server as a whole, rather than
// for the account, an [Error] of status 413 without a Code, whose Message says
// the size.
//
// For a file of more than 1 MiB, or of unknown size, the server is asked for its
// consent first, with the header Expect. Where that does harm, take it out with
// an [api.RequestEditorFn].
func (c *Client) Upload(ctx context.Context, file File, opts ...gen.CallOption) (*gen.DriveFile, error) {
	if body, ok := file.Body.(io.Closer); ok {
		defer body.Close()
	}
	fail := func(err error) (*gen.DriveFile, error) {
		return nil, fmt.Errorf("misskey: %s: %w", gen.OpDriveFilesCreate.Endpoint, err)
	}
	file.Name = strings.TrimSpace(file.Name)
	size, err := file.check()
	if err != nil {
		return fail(err)
	}
	// What waits for the Body ends with Upload.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if file.FindDuplicate {
		found, err := c.findDuplicate(ctx, file, size, opts)
		if found != nil || err != nil {
			return found, err
		}
	}
	body := newUploadBody(file.Body, size)
	defer body.end()
	if size < 0 || size > maxUnasked {
		opts = append([]gen.CallOption{askFirst}, opts...)
	}
	accepted, progressed := false, body.report(file.Progress)
	defer func() { progressed(accepted) }()
	stored, err := c.DriveFilesCreate(ctx, file.request(body), opts...)
	if err != nil {
		explainRefusal(err, body)
		return nil, err
	}
	accepted = true
	return stored, nil
}

// maxUnasked is the size from which on a file is worth a round trip, in case
// that a gateway, or the server, does not want it. It is that of curl.
const maxUnasked = 1 << 20

// askFirst makes net/http wait, a second at most, for the server to say that it
// wants the file. One that answers and closes the connection in the middle of
// an upload is not heard, since the bytes that it never reads make its system
// reset the connection.
var askFirst = api.RequestEditorFn(func(_ context.Context, req *http.Request) error {
	req.Header.Set("Expect", "100-continue")
	return nil
})

// check refuses what cannot be uploaded, and returns the size of the file, or
// -1.
func (f *File) check() (size int64, err error) {
	switch {
	case f.Body == nil:
		return 0, errors.New("the Body of the file is nil")
	case f.Size < 0:
		return 0, fmt.Errorf("the Size of the file is %d", f.Size)
	case f.FindDuplicate && f.Force:
		return 0, errors.New("FindDuplicate and Force are both set: either look for a file of the same content or store it once more")
	}
	if err := checkFileName(f.Name); err != nil {
		return 0, fmt.Errorf("the Name %q %w: %w", clip(f.Name, 300), err, gen.ErrInvalidFileName)
	}
	size, err = sizeOf(f.Body)
	switch {
	case err != nil:
		return 0, fmt.Errorf("finding out the size of the file %q: %w", f.Name, err)
	case f.Size == 0:
		return size, nil
	case size >= 0 && size != f.Size:
		return 0, fmt.Errorf("the Size of the file %q is %d, but its Body has %d bytes", f.Name, f.Size, size)
	}
	return f.Size, nil
}

// maxFileName is in the units of UTF-16, as JavaScript counts.
const maxFileName = 200

// checkFileName returns an error for a name that the server would not accept.
func checkFileName(name string) error {
	switch {
	case !utf8.ValidString(name):
		return errors.New("is not UTF-8")
	case strings.ContainsFunc(name, unicode.IsControl):
		return errors.New("has control characters in it")
	case strings.ContainsAny(name, `/\`):
		return errors.New("has a directory in it; filepath.Base takes it off")
	case strings.Contains(name, ".."):
		return errors.New("has two dots in a row")
	case len(utf16.Encode([]rune(name))) > maxFileName:
		return fmt.Errorf("has more than %d characters", maxFileName)
	}
	return nil
}

// request returns the parameters of the upload.
func (f *File) request(body *uploadBody) gen.DriveFilesCreateRequest {
	req := gen.DriveFilesCreateRequest{
		File: api.File{Name: f.Name, Body: body, ContentType: f.ContentType},
	}
	// The name as text needs no quotes, which servers understand differently.
	setUnlessZero(&req.Name, f.Name)
	setUnlessZero(&req.FolderID, f.FolderID)
	setUnlessZero(&req.Comment, f.Comment)
	setUnlessZero(&req.IsSensitive, f.IsSensitive)
	setUnlessZero(&req.Force, f.Force)
	return req
}

func setUnlessZero[T comparable](to **T, value T) {
	var zero T
	if value != zero {
		*to = &value
	}
}

// findDuplicate returns the file of the drive that has the content of f, or
// nil, and leaves the Body where it was.
func (c *Client) findDuplicate(ctx context.Context, f File, size int64, opts []gen.CallOption) (*gen.DriveFile, error) {
	fail := func(err error) (*gen.DriveFile, error) {
		return nil, callError(ctx, gen.OpDriveFilesFindByHash, fmt.Errorf("FindDuplicate: %w", err))
	}
	seeker, ok := f.Body.(io.Seeker)
	if !ok {
		return fail(fmt.Errorf("the Body of the file %q must be an io.Seeker, but is %T", f.Name, f.Body))
	}
	start, err := seeker.Seek(0, io.SeekCurrent)
	if err != nil {
		return fail(fmt.Errorf("the Body of the file %q cannot seek: %w", f.Name, err))
	}
	body := newUploadBody(f.Body, size)
	defer body.end()
	sum := md5.New()
	if _, err := io.Copy(sum, interruptible(ctx, &fileContent{name: f.Name, r: body, size: size})); err != nil {
		return fail(err)
	}
	if _, err := seeker.Seek(start, io.SeekStart); err != nil {
		return fail(fmt.Errorf("going back to the start of the file %q: %w", f.Name, err))
	}
	found, err := c.DriveFilesFindByHash(ctx, gen.DriveFilesFindByHashRequest{MD5: hex.EncodeToString(sum.Sum(nil))}, opts...)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// uploadBody reads the Body of a File, counts, and leaves the Body alone once
// the upload has ended.
type uploadBody struct {
	r     io.Reader
	size  int64 // -1 where it is not known
	sent  atomic.Int64
	more  chan struct{} // has something in it when sent has grown
	ended atomic.Bool

	// reading is locked during a Read, unless that may take for ever. A Body
	// that is in memory can so be used again after an upload that failed.
	reading sync.Mutex
}

func newUploadBody(r io.Reader, size int64) *uploadBody {
	return &uploadBody{r: r, size: size, more: make(chan struct{}, 1)}
}

func (b *uploadBody) Read(p []byte) (int, error) {
	if inMemory(b.r) {
		b.reading.Lock()
		defer b.reading.Unlock()
	}
	if b.ended.Load() {
		return 0, errors.New("the upload has ended")
	}
	n, err := readInto(b.r, p)
	if n > 0 {
		b.sent.Add(int64(n))
		select {
		case b.more <- struct{}{}:
		default:
		}
	}
	return n, err
}

func (b *uploadBody) end() {
	b.reading.Lock() // which only a Read that is over at once holds
	defer b.reading.Unlock()
	b.ended.Store(true)
}

// report calls progress, from a goroutine of its own, with what is sent, until the
// function that it returns is called.
func (b *uploadBody) report(progress func(sent, total int64)) (end func(accepted bool)) {
	if progress == nil {
		return func(bool) {}
	}
	type state struct{ sent, total int64 }
	last := state{sent: -1}
	notify := func(now state) {
		if now != last {
			progress(now.sent, now.total)
		}
		last = now
	}
	ended, done := make(chan bool), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-b.more:
				notify(state{b.sent.Load(), b.size})
			case accepted := <-ended:
				if accepted {
					n := max(b.size, b.sent.Load())
					notify(state{n, n})
				}
				return
			}
		}
	}()
	return func(accepted bool) {
		ended <- accepted
		<-done
	}
}

// explainRefusal adds what the server leaves out: these responses
// are empty, or pages of a gateway.
func explainRefusal(err error, body *uploadBody) {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Code != "" {
		return
	}
	size := "of unknown size, of which " + byteCount(body.sent.Load()) + " were sent"
	if body.size >= 0 {
		size = "of " + byteCount(body.size)
	}
	switch {
	case e.Status == http.StatusRequestEntityTooLarge && e.Message == "":
		e.Message = "the file, " + size + ", is larger than the server takes: see MaxFileSize of its meta"
	case e.Status == http.StatusRequestEntityTooLarge:
		e.Message = "the file, " + size + ", is larger than a gateway before the server takes: " + e.Message
	case e.Status == http.StatusBadRequest && e.Message == "":
		e.Message = "the server found no file in the form; something on the way to it may have changed the request"
	}
}

// byteCount writes a size for people, and exactly.
func byteCount(n int64) string {
	exact := fmt.Sprintf("%d bytes", n)
	switch {
	case n < 1<<10:
		return exact
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB (%s)", float64(n)/(1<<10), exact)
	case n < 1<<30:
		return fmt.Sprintf("%.1f MiB (%s)", float64(n)/(1<<20), exact)
	}
	return fmt.Sprintf("%.1f GiB (%s)", float64(n)/(1<<30), exact)
}
