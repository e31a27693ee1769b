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

// A File is a file for [Client.Upload]. Most programs set only Name and Body.
type File struct {
	// Name is the name of the file in the drive, without a directory. Spaces
	// around it are dropped. If it is empty or "blob", the server invents a name.
	// Upload rejects a name that the server would refuse before it sends anything,
	// with an error that is [gen.ErrInvalidFileName].
	Name string

	// Body is the content. Upload streams it and never holds all of it in memory.
	//
	// If Body is an [io.Closer], Upload closes it once, in every case. As with
	// the Body of an [http.Request], Close may be called during a Read, and
	// should end it.
	Body io.Reader

	// Size is the length of Body in bytes, or 0 if it is unknown. Set it for a
	// Body whose length Upload cannot find out, such as a pipe or the body of a
	// response. Files and readers of packages bytes and strings do not need it.
	// Upload fails if Body is shorter or longer.
	Size int64

	// FolderID is the folder of the drive, or empty for the root.
	FolderID string

	// Comment is the alternative text, for people who cannot see the file.
	Comment string

	// ContentType is optional. The server determines the type from the content.
	ContentType string

	// IsSensitive hides the file behind a warning.
	IsSensitive bool

	// Force stores the file even if the drive has a file with the same content.
	// Without Force, the server returns the existing file, which keeps its name,
	// folder and comment.
	Force bool

	// FindDuplicate looks for a file with the same MD5 sum in the drive first,
	// and returns it without sending Body if there is one. Body must be an
	// [io.Seeker], because it is read twice. An app token needs the permission
	// read:drive.
	FindDuplicate bool

	// Progress, if not nil, is called with the number of bytes handed to the
	// network so far and the total, which is -1 if it is unknown. After the server
	// has accepted the file, the last call has the total as both numbers.
	//
	// One goroutine makes the calls, one at a time and with growing numbers. The
	// last call returns before Upload does. Bytes sent while Progress runs are
	// reported by the next call, so a slow Progress does not slow down the upload.
	// Upload waits for the last call to return.
	Progress func(sent, total int64)
}

// Upload uploads a file to the drive. It streams the file, and never sends it
// twice. It returns as soon as ctx ends, even during a Read of the Body. If the
// upload ends early, the server cannot mistake the part it received for the file.
//
// Errors are those of [gen.Client.DriveFilesCreate]. If a Read of the Body fails,
// Upload returns its error. If the file exceeds the limit of the server, rather than
// that of the account, the error is an [Error] of status 413 without a Code, whose
// Message has the size.
//
// For files larger than 1 MiB or of unknown size, Upload first asks the server for
// its consent with the header Expect. To prevent that, remove the header with an
// [api.RequestEditorFn].
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
