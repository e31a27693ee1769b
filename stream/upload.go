package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/misskey-go/misskey/gen"
)

// uploadTimeout is how long to wait for a file where the context has no end.
const uploadTimeout = 5 * time.Minute

// UploadFromURL lets the instance fetch a file into the drive of the account
// (drive/files/upload-from-url), and waits until it is there. The marker of the
// request is set by this method. The instance says nothing where it does not get
// the file, so that the error is that of the context then, or after five minutes
// that it has not come.
func (s *Stream) UploadFromURL(ctx context.Context, req gen.DriveFilesUploadFromURLRequest) (*gen.DriveFile, error) {
	main, err := s.Subscribe(ctx, Main{})
	if err != nil {
		return nil, err
	}
	defer main.Unsubscribe()
	marker := uuid.NewString()
	req.Marker = &marker
	done := make(chan *URLUploadFinished, 1)
	s.mu.Lock()
	s.uploads[marker] = done
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.uploads, marker)
	}()
	if err := s.mk.DriveFilesUploadFromURL(ctx, req); err != nil {
		return nil, err
	}
	timer := time.NewTimer(uploadTimeout)
	defer timer.Stop()
	const silence = "the file has not come; the instance never says why it does not get one"
	select {
	case event := <-done:
		return &event.File, nil
	case <-timer.C:
		return nil, errors.New("stream: uploading from a URL: after 5 minutes " + silence)
	case <-ctx.Done():
		return nil, fmt.Errorf("stream: uploading from a URL: %s: %w", silence, ctx.Err())
	case <-s.ctx.Done():
		s.mu.Lock()
		defer s.mu.Unlock()
		return nil, s.ended()
	}
}
