package api

import "io"

// A File is a file to upload. It is sent as the last part of a multipart form.
type File struct {
	// Name is the file's name as it is sent to the server.
	Name string

	// Body is the content. It is read once; a Body that is an [io.Closer] is
	// not closed.
	Body io.Reader

	// ContentType is optional; the server looks at the content itself.
	ContentType string
}
