package misskey

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/misskey-go/misskey/gen"
)

// An Instance describes a server; see [Detect].
type Instance struct {
	// URL is the address of the server, in the form of [Client.BaseURL].
	URL string

	// Software is the name of the software in lower case, such as "misskey",
	// "sharkey" or "mastodon".
	Software string

	// Version is the version of the software, such as 2026.7.0. Forks have
	// schemes of their own; to learn what a server can do, use [Client.Supports].
	Version string

	// Repository is the address of its source, or empty.
	Repository string

	// Fork reports whether the software differs from the releases of the Misskey
	// project: it has another name or repository, or a version suffix other than
	// those of Misskey's alphas, betas and release candidates.
	Fork bool

	// Name is the name of the instance. It may be empty.
	Name string

	// MaxNoteTextLength is the maximum length of a note in characters, or 0 if it
	// is unknown.
	MaxNoteTextLength int

	// MaxFileSize is the maximum size of a file in bytes, for any account, or 0 if
	// it is unknown.
	MaxFileSize int64

	// Meta is the response of the endpoint meta, or nil if the server does not
	// have the API of Misskey.
	Meta *gen.MetaResponse
}

// String returns a description in one line.
func (i *Instance) String() string {
	return fmt.Sprintf("%s: %s %s", clean(i.URL, 200), clean(i.Software, 50), clean(i.Version, 50))
}

// maxNodeInfo is how large a nodeinfo may be.
const maxNodeInfo = 1 << 20

// Detect finds out which software a host runs, whether it is Misskey or a fork, and
// its limits. The host and the options are as for [New]. The host may run anything;
// Detect returns an error if it does not recognize the software. If strangers choose
// the host, pass [WithHTTPClient] with [PublicHTTPClient].
//
// Detect reads the nodeinfo, which all servers of the fediverse have, and the
// endpoint meta.
func Detect(ctx context.Context, host string, opts ...Option) (*Instance, error) {
	mk, err := New(host, opts...)
	if err != nil {
		return nil, err
	}
	i := &Instance{URL: mk.BaseURL()}
	infoErr := mk.readNodeInfo(ctx, i)
	meta, err := mk.Meta(ctx, gen.MetaRequest{Detail: new(true)})
	switch {
	case err == nil:
		i.addMeta(meta)
	case ctx.Err() != nil:
		return nil, err
	case infoErr != nil:
		return nil, fmt.Errorf("misskey: detecting what runs on %s: %w; its nodeinfo: %w", clean(host, 100), err, infoErr)
	case !hasNoAPI(err):
		return nil, err
	}
	i.Fork = i.isFork()
	return i, nil
}

// hasNoAPI reports whether an error of meta is one of a server without that endpoint
// or without the API.
func hasNoAPI(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Code == gen.ErrUnknownAPIEndpoint || e.Code == "" && e.Status < 500 && e.Status != http.StatusTooManyRequests)
}

// addMeta adds what the API says, which is about Misskey or a fork of it.
func (i *Instance) addMeta(meta *gen.MetaResponse) {
	i.Meta = meta
	if i.Software == "" { // there is no nodeinfo
		i.Software = "misskey"
	}
	i.Version = cmp.Or(meta.Version, i.Version)
	if meta.RepositoryURL != nil {
		i.Repository = *meta.RepositoryURL
	}
	if meta.Name != nil {
		i.Name = *meta.Name
	}
	i.MaxNoteTextLength, i.MaxFileSize = int(meta.MaxNoteTextLength), meta.MaxFileSize
}

// misskeyRepositories are the repositories of Misskey itself, present and past.
var misskeyRepositories = []string{"", "github.com/misskey-dev/misskey", "github.com/syuilo/misskey"}

func (i *Instance) isFork() bool {
	if i.Software != "misskey" {
		return i.Meta != nil // anything else is not Misskey at all
	}
	repository := strings.ToLower(i.Repository)
	if _, rest, ok := strings.Cut(repository, "://"); ok {
		repository = rest
	}
	repository = strings.TrimSuffix(strings.TrimRight(repository, "/"), ".git")
	_, suffix, ok := strings.Cut(i.Version, "-")
	name, _, _ := strings.Cut(suffix, ".")
	return !slices.Contains(misskeyRepositories, repository) || ok && name != "alpha" && name != "beta" && name != "rc" || strings.Contains(i.Version, "+")
}

// nodeInfo is what matters here of https://nodeinfo.diaspora.software.
type nodeInfo struct {
	Software struct {
		Name, Version, Repository string
	}
}

// readNodeInfo reads the nodeinfo of the server.
func (c *Client) readNodeInfo(ctx context.Context, i *Instance) error {
	var index struct {
		Links []struct{ Rel, Href string }
	}
	// Where Misskey has it, also if it does not federate and has no index.
	usual := c.config.base + "/nodeinfo/2.1"
	addresses := []string{usual}
	if err := c.getJSON(ctx, c.config.base+"/.well-known/nodeinfo", &index); err == nil {
		newest := ""
		for _, link := range index.Links {
			version, ok := strings.CutPrefix(link.Rel, "http://nodeinfo.diaspora.software/ns/schema/")
			if ok && version > newest {
				newest, addresses = version, []string{link.Href, usual}
			}
		}
	}
	var err error
	for _, address := range addresses {
		var info nodeInfo
		if err = c.getJSON(ctx, address, &info); err == nil && info.Software.Name == "" {
			err = errors.New("it has no name of the software")
		}
		if err == nil {
			i.Software = strings.ToLower(info.Software.Name)
			i.Version, i.Repository = info.Software.Version, info.Software.Repository
			return nil
		}
	}
	return err
}

// getJSON reads a document of the instance that is not part of the API, without the
// token.
func (c *Client) getJSON(ctx context.Context, address string, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return errors.New("its address is not one")
	}
	req.Header["User-Agent"] = c.config.userAgent
	req.Header["Accept"] = jsonHeader
	if err := edit(req, c.config.editors); err != nil {
		return err
	}
	resp, err := c.config.http.Do(req) // which refuses another host
	if err != nil {
		if ue, ok := errors.AsType[*url.Error](err); ok {
			err = ue.Err
		}
		return err
	}
	defer resp.Body.Close()
	body, err := readBody(nil, resp, maxNodeInfo)
	switch {
	case err != nil:
		return err
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	return json.Unmarshal(body, out)
}
