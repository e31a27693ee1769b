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

// An Instance is what a server says of itself; see [Detect].
type Instance struct {
	// URL is the address of the server, as [Client.BaseURL] has it.
	URL string

	// Software is the name of what runs there, in lower case: "misskey", or that
	// of a fork such as "sharkey", or of other software such as "mastodon".
	Software string

	// Version is that of the software, such as 2026.7.0. Forks number as they
	// like. [Client.Supports] says more about what a server can do.
	Version string

	// Repository is where its source is, if it says so.
	Repository string

	// Fork reports whether the software is not Misskey as its project releases
	// it: it has another name or repository, or its version has a suffix other
	// than those of Misskey's own alphas, betas and release candidates.
	Fork bool

	// Name is what the administrators call the instance. It may be empty.
	Name string

	// MaxNoteTextLength is how many characters a note may have, or 0 where that
	// is not known.
	MaxNoteTextLength int

	// MaxFileSize is how many bytes a file may have, whoever uploads it, or 0
	// where that is not known.
	MaxFileSize int64

	// Meta is all that the API says, or nil where the server does not have the
	// API of Misskey.
	Meta *gen.MetaResponse
}

// String describes the instance in one line.
func (i *Instance) String() string {
	return fmt.Sprintf("%s: %s %s", clean(i.URL, 200), clean(i.Software, 50), clean(i.Version, 50))
}

// maxNodeInfo is how large a nodeinfo may be.
const maxNodeInfo = 1 << 20

// Detect finds out what runs on a host: whether it has the API of Misskey, is a
// fork, and which limits it has. The host and the options are as for [New]. Nothing
// is assumed about the host, which may run anything; an error says that it runs
// nothing that could be recognized. Where strangers choose the host, give the
// option [WithHTTPClient] with [PublicHTTPClient].
//
// It asks for the nodeinfo, which all servers of the fediverse have, and for the
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

// hasNoAPI reports whether an error of meta is what servers say that have no such
// endpoint, or no API at all.
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

// misskeyRepositories are where Misskey itself is, and was.
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
