package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"time"

	"github.com/misskey-go/misskey/api"
)

// fake is a small client for a few invented endpoints, some of whose types
// are wrong on purpose.
type fake struct {
	http  *http.Client
	token string
}

type shipRequest struct {
	Name   string               `json:"name"`
	Limit  *int64               `json:"limit,omitempty"`
	Note   *string              `json:"note,omitempty"`
	Flag   api.Nullable[string] `json:"flag,omitzero"`
	Cargo  []string             `json:"cargo,omitzero"`
	Masts  []string             `json:"masts,omitempty"` // wrong: drops []
	Forced *bool                `json:"forced,omitempty"`
}

type ship struct {
	ID      string           `json:"id"`
	SeenAt  time.Time        `json:"seenAt"`
	Name    *string          `json:"name,omitempty"`
	Docked  *bool            `json:"docked,omitempty"`
	Sails   int64            `json:"sails"`
	Crew    []ship           `json:"crew,omitzero"`
	Ratings map[string]int64 `json:"ratings,omitzero"`
}

func (f *fake) ShipsShow(ctx context.Context, req shipRequest, opts ...api.CallOption) (*ship, error) {
	var out ship
	if err := f.Call(ctx, opShow, req, &out, opts...); err != nil {
		return nil, err
	}
	return &out, nil
}

func (f *fake) ShipsSink(ctx context.Context, opts ...api.CallOption) error {
	return f.Call(ctx, opSink, nil, nil, opts...)
}

func (f *fake) ShipsMaybe(ctx context.Context, opts ...api.CallOption) (*ship, error) {
	var out *ship
	err := f.Call(ctx, opMaybe, nil, &out, opts...)
	return out, err
}

func (f *fake) HarborCheck(ctx context.Context, session string, opts ...api.CallOption) (*ship, error) {
	var out ship
	if err := f.Call(ctx, opCheck.WithPath("session", session), nil, &out, opts...); err != nil {
		return nil, err
	}
	return &out, nil
}

type uploadRequest struct {
	Comment *string  `json:"comment,omitempty"`
	Force   *bool    `json:"force,omitempty"`
	File    api.File `json:"-"`
}

func (f *fake) CargoUpload(ctx context.Context, req uploadRequest, opts ...api.CallOption) (*ship, error) {
	var out ship
	if err := f.Call(ctx, opUpload, req, &out, opts...); err != nil {
		return nil, err
	}
	return &out, nil
}

var (
	opShow    = &api.Operation{Endpoint: "ships/show", GET: true}
	opSink    = &api.Operation{Endpoint: "ships/sink"}
	opMaybe   = &api.Operation{Endpoint: "ships/maybe", MayBeEmpty: true}
	opCheck   = &api.Operation{Endpoint: "harbor/{session}/check"}
	opMissing = &api.Operation{Endpoint: "ships/build"}
	opUpload  = &api.Operation{Endpoint: "cargo/upload", Multipart: true}
)

// fakeError is what the fake returns for a refusal.
type fakeError struct{ Refusal }

func (e *fakeError) Error() string { return fmt.Sprintf("%+v", e.Refusal) }

func (e *fakeError) Is(target error) bool {
	return target == error(e.Code) || target == error(e.ID)
}

func (f *fake) Call(ctx context.Context, op *api.Operation, in, out any, opts ...api.CallOption) error {
	var settings api.CallSettings
	for _, opt := range opts {
		opt.Apply(&settings)
	}
	params := map[string]any{}
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		if err := d.Decode(&params); err != nil {
			return err
		}
	}
	req, err := f.request(ctx, op, in, params, settings.GET)
	if err != nil {
		return err
	}
	res, err := f.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode == 418 {
		return errors.New("the fake has no type for this one")
	}
	if res.StatusCode >= 300 {
		var answer struct {
			Error struct {
				Code api.ErrorCode
				ID   api.ErrorID
			}
		}
		_ = json.Unmarshal(body, &answer)
		return &fakeError{Refusal{res.StatusCode, answer.Error.Code, answer.Error.ID}}
	}
	if res.StatusCode == 204 || out == nil {
		return nil
	}
	return json.Unmarshal(body, out)
}

func (f *fake) request(ctx context.Context, op *api.Operation, in any, params map[string]any, get bool) (*http.Request, error) {
	target := "https://misskey.example/api/" + op.Path()
	if get {
		q := url.Values{}
		for name, value := range params {
			q.Set(name, fmt.Sprint(value))
		}
		return http.NewRequestWithContext(ctx, "GET", target+"?"+q.Encode(), nil)
	}
	if f.token != "" {
		params["i"] = f.token
	}
	var body bytes.Buffer
	contentType := "application/json"
	if upload, ok := in.(uploadRequest); ok {
		form := multipart.NewWriter(&body)
		for _, name := range keys(params) {
			if err := form.WriteField(name, fmt.Sprint(params[name])); err != nil {
				return nil, err
			}
		}
		part, err := form.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {`form-data; name="file"; filename="` + upload.File.Name + `"`},
			"Content-Type":        {upload.File.ContentType},
		})
		if err != nil {
			return nil, err
		}
		if _, err := io.Copy(part, upload.File.Body); err != nil {
			return nil, err
		}
		if err := form.Close(); err != nil {
			return nil, err
		}
		contentType = form.FormDataContentType()
	} else if err := json.NewEncoder(&body).Encode(params); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, "POST", target, &body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", contentType)
	return req, nil
}

func fakeTarget() Target {
	return Target{
		Operations: []*api.Operation{opUpload, opCheck, opShow, opSink, opMaybe},
		Client: func(transport http.RoundTripper, anonymous bool) (api.Caller, error) {
			f := &fake{http: &http.Client{Transport: transport}}
			if !anonymous {
				f.token = "secret"
			}
			return f, nil
		},
		Error: func(err error) (Refusal, bool) {
			e, ok := errors.AsType[*fakeError](err)
			if !ok {
				return Refusal{}, false
			}
			return e.Refusal, true
		},
		NullMeansAbsent: func(endpoint, place string) bool {
			return strings.HasPrefix(endpoint, "ships/") && place == "$.note"
		},
	}
}
