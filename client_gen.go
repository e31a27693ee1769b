package misskey

import "github.com/misskey-go/misskey/gen"

// A Client calls the API of one instance for one account, or for nobody where
// it has no token. [New] makes one. It has a method for every endpoint, those of
// [gen.Client], and can be used by several goroutines at once.
type Client struct {
	*gen.Client

	// Behind a pointer, so that printing a Client does not print its token.
	config *config
}

func newClient(cfg *config) *Client {
	c := &Client{config: cfg}
	c.Client = gen.NewClient(c)
	return c
}
