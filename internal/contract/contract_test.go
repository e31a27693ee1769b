package contract

import (
	"os"
	"testing"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/misskeytest"
)

func TestMisskeytest(t *testing.T) {
	srv := misskeytest.NewServer(t, misskeytest.Options{Lenient: true})
	root, err := misskey.New(srv.URL, misskey.WithToken(srv.Token("root")), misskey.WithHTTPClient(srv.HTTPClient()), misskey.WithPlainHTTP(), misskey.WithStrict())
	if err != nil {
		t.Fatal(err)
	}
	Run(t, root)
}

func TestInstance(t *testing.T) {
	url, token := os.Getenv("MISSKEY_URL"), os.Getenv("MISSKEY_TOKEN")
	if url == "" || token == "" {
		t.Skip("no instance: set MISSKEY_URL and MISSKEY_TOKEN, the account root's own token")
	}
	root, err := misskey.New(url, misskey.WithToken(token), misskey.WithPlainHTTP(), misskey.WithStrict())
	if err != nil {
		t.Fatal(err)
	}
	Run(t, root)
}
