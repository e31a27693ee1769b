package misskeytest_test

import (
	"bytes"
	"mime/multipart"
	"strings"
	"testing"

	"github.com/misskey-go/misskey/misskeytest"
)

// Misskey sees the fields after a file where the form is small, as that of
// misskey-js is, which sends the parameters in the order of its caller.
func TestFieldsAfterTheFile(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{})
	for _, tt := range []struct {
		size int
		want string
	}{{10, `"name":"b.txt"`}, {1 << 20, `"name":"a.txt"`}} {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		for _, write := range []func() error{
			func() error { return form.WriteField("i", srv.Token("alice")) },
			func() error {
				part, err := form.CreateFormFile("file", "a.txt")
				if err == nil {
					_, err = part.Write(bytes.Repeat([]byte("x"), tt.size))
				}
				return err
			},
			func() error { return form.WriteField("name", "b.txt") },
			form.Close,
		} {
			if err := write(); err != nil {
				t.Fatal(err)
			}
		}
		a := send(t, srv, "POST", "/api/drive/files/create", form.FormDataContentType(), body.String())
		if a.status != 200 || !strings.Contains(a.body, tt.want) {
			t.Errorf("%d bytes: %d %s, want %s", tt.size, a.status, a.body, tt.want)
		}
	}
}
