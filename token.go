package misskey

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/misskey-go/misskey/api"
)

// TokenEditor returns an editor that adds a token in the way that all versions of
// Misskey accept: as the property i of a JSON body, whose other bytes it does not
// change; as the first part of a multipart form, which is still streamed; and for
// GET, which has no body, in the header that [BearerEditor] sets. An empty body
// becomes {"i":…}.
//
// The editor replaces a token that is already in the body or in the header. So it
// can be passed as an option of one call, to make that call for another account. It
// returns an error for a multipart form of another writer that has a token, and for
// a body of another type.
func TokenEditor(token string) api.RequestEditorFn {
	invalid := checkToken(token)
	return func(_ context.Context, req *http.Request) error {
		if invalid != nil {
			return invalid
		}
		if isGET(req) {
			setBearer(req, token)
			return nil
		}
		dropBearer(req)
		if err := addToken(req, token); err != nil {
			return fmt.Errorf("putting the token into the request: %w", err)
		}
		return nil
	}
}

// BearerEditor returns an editor that adds a token in the Authorization header.
// Misskey prefers it to a token in the body.
func BearerEditor(token string) api.RequestEditorFn {
	invalid := checkToken(token)
	return func(_ context.Context, req *http.Request) error {
		if invalid == nil {
			setBearer(req, token)
		}
		return invalid
	}
}

// QueryTokenEditor is like [TokenEditor], but adds the token of a GET to the URL,
// for servers that are too old to read the header. URLs end up in the logs of
// servers and proxies, so prefer not to use GET with such servers.
func QueryTokenEditor(token string) api.RequestEditorFn {
	inBody := TokenEditor(token)
	return func(ctx context.Context, req *http.Request) error {
		if !isGET(req) || checkToken(token) != nil {
			return inBody(ctx, req)
		}
		dropBearer(req)
		query := req.URL.Query()
		query.Set("i", token)
		u := *req.URL
		u.RawQuery = query.Encode()
		req.URL = &u
		return nil
	}
}

const bearer = "Bearer "

func setBearer(req *http.Request, token string) {
	if req.Header == nil {
		req.Header = http.Header{}
	}
	req.Header.Set("Authorization", bearer+token)
}

// dropBearer removes a token from the header, where the server would prefer it.
// Credentials of another kind may be for a proxy.
func dropBearer(req *http.Request) {
	if strings.HasPrefix(req.Header.Get("Authorization"), bearer) {
		req.Header.Del("Authorization")
	}
}

func isGET(req *http.Request) bool {
	return req.Method == "" || req.Method == http.MethodGet || req.Method == http.MethodHead
}

// checkToken returns an error for a token that no server has issued. White space
// comes from a file that was read with its line end.
func checkToken(token string) error {
	if token == "" {
		return errors.New("the token is empty")
	}
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("the token has white space or other characters in it that no token has")
	}
	return nil
}

// addToken puts the token into the body of req.
func addToken(req *http.Request, token string) error {
	contentType := req.Header.Get("Content-Type")
	if contentType == "" || contentType == "application/json" {
		return addTokenMember(req, token)
	}
	mediaType, params, err := mime.ParseMediaType(contentType)
	switch {
	case mediaType == "application/json":
		return addTokenMember(req, token)
	case mediaType == "multipart/form-data" && err == nil:
		return addTokenPart(req, params["boundary"], token)
	}
	return fmt.Errorf("its content type %q is neither application/json nor multipart/form-data", clean(mediaType, 50))
}

// addTokenMember puts the token into a JSON body.
func addTokenMember(req *http.Request, token string) error {
	body, err := takeBody(req)
	if err != nil {
		return fmt.Errorf("reading its body: %w", err)
	}
	if body, err = insertToken(body, token); err != nil {
		return err
	}
	if req.Header == nil {
		req.Header = http.Header{}
	}
	if req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	setJSONBody(req, body)
	return nil
}

// takeBody reads the body of req and closes it.
func takeBody(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	defer req.Body.Close()
	var buf bytes.Buffer
	if req.ContentLength > 0 {
		buf.Grow(int(min(req.ContentLength, 1<<20)) + bytes.MinRead)
	}
	_, err := buf.ReadFrom(req.Body)
	return buf.Bytes(), err
}

// sentToken returns the token that req carries, so that it can be kept out of
// errors when the server quotes it.
func sentToken(req *http.Request) string {
	if token, ok := strings.CutPrefix(req.Header.Get("Authorization"), bearer); ok {
		return token
	}
	if form, ok := req.Body.(*formBody); ok {
		return form.token
	}
	if isGET(req) || req.GetBody == nil {
		return req.URL.Query().Get("i")
	}
	body, err := req.GetBody()
	if err != nil {
		return ""
	}
	defer body.Close()
	data, _ := io.ReadAll(body)
	return text(object(bytes.TrimPrefix(data, byteOrderMark))["i"])
}
