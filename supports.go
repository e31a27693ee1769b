package misskey

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/misskey-go/misskey/api"
)

// endpointsFor is how long the list of an instance's endpoints is kept.
const endpointsFor = time.Hour

// routes are served beside the endpoints, which do not list them (protocol A.1).
var routes = []string{"signup", "signup-pending", "signin-flow", "signin-with-passkey", "v1/instance/peers", "miauth/{session}/check"}

// Supports reports whether the instance has the endpoint of an operation, which
// depends on its version, and on whether it is a fork:
//
//	if ok, err := mk.Supports(ctx, gen.OpChatMessagesCreateToUser); err == nil && ok { … }
//
// Supports fetches the list of endpoints (endpoints) and keeps it for an hour. All
// clients that [Client.As] has derived from one another share the list. Calling an
// endpoint that the instance lacks fails with [gen.ErrUnknownAPIEndpoint]. For routes
// beside the endpoints, such as signup and the MiAuth check, Supports returns an
// error, because no instance lists those.
func (c *Client) Supports(ctx context.Context, op *api.Operation) (bool, error) {
	if slices.Contains(routes, op.Endpoint) {
		return false, fmt.Errorf("misskey: %s: instances do not report whether they have it", op.Endpoint)
	}
	names, err := c.endpoints(ctx)
	return names[op.Endpoint], err
}

// An endpointList holds the endpoints of an instance.
type endpointList struct {
	mu    sync.Mutex
	names map[string]bool // never changed
	until time.Time
}

// endpoints returns those of the instance. Callers that come at once may all ask.
func (c *Client) endpoints(ctx context.Context) (map[string]bool, error) {
	list := c.config.list
	list.mu.Lock()
	names, until := list.names, list.until
	list.mu.Unlock()
	if time.Now().Before(until) {
		return names, nil
	}
	all, err := c.Endpoints(ctx)
	if err != nil {
		return nil, err
	}
	names = map[string]bool{}
	for _, name := range all {
		names[name] = true
	}
	list.mu.Lock()
	defer list.mu.Unlock()
	list.names, list.until = names, time.Now().Add(endpointsFor)
	return names, nil
}
