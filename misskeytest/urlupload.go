package misskeytest

import (
	"context"
	"io"
	"net/http"
	"path"
	"strings"
	"time"
)

// uploadTimeout is how long the server waits for a file elsewhere.
const uploadTimeout = time.Minute

// uploadFromURL is the endpoint drive/files/upload-from-url. It answers before
// it has the file, and says nothing where it does not get it.
func uploadFromURL(c *call) (any, error) {
	s := c.s
	s.running.Go(func() {
		file, err := s.download(c.text("url"))
		if err != nil {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.done {
			return
		}
		if f, err := c.store(file); err == nil {
			s.publishMain(c.account, "urlUploadFinished", object{"marker": c.params["marker"], "file": s.packFile(f)})
		}
	})
	return nil, nil
}

// download fetches a file, of this server or of another.
func (s *Server) download(url string) (*upload, error) {
	ctx, cancel := context.WithTimeout(s.ctx, uploadTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	client := http.DefaultClient
	if strings.HasPrefix(url, s.URL+"/") {
		client = s.client
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, emptyError(resp.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxFile+1))
	if err != nil || len(data) > maxFile {
		return nil, fileTooLarge
	}
	return &upload{path.Base(r.URL.Path), data}, nil
}
