package misskey

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
)

// Call calls an endpoint by its name, such as "notes/show". Use it for endpoints
// that have no method: those of a fork, and those newer than this module. params is
// nil, a [Form], or a value that encoding/json encodes as an object.
//
// Call decodes the response into a T. If T is struct{}, the response is checked and
// dropped. If T is [json.RawMessage], it is returned as JSON. If T is []byte, it is
// returned as it is, and need not be JSON. An empty response is the zero value of T.
//
// Call does not know whether the endpoint only reads; see [ReadOnly].
func Call[T any](ctx context.Context, mk *Client, endpoint string, params any, opts ...gen.CallOption) (T, error) {
	var out T
	err := mk.Call(ctx, byName(endpoint, params), params, &out, opts...)
	return out, err
}

// byName is an operation of which only the name is known.
func byName(endpoint string, params any) *api.Operation {
	_, form := params.(interface{ MultipartFile() api.File })
	return &api.Operation{Endpoint: endpoint, GET: !form, Multipart: form, MayBeEmpty: true}
}

// A Form holds the parameters of [Call] for an endpoint that takes a file. It is
// sent as multipart/form-data, with the file as the last part, named "file". A call
// with a Form is never retried.
type Form struct {
	// Params is nil, or a value that encoding/json encodes as an object. A form
	// cannot express null, objects or arrays.
	Params any

	// File is the file. Its Body is read once and not closed.
	File api.File
}

// MarshalJSON encodes Params.
func (f Form) MarshalJSON() ([]byte, error) { return json.Marshal(f.Params) }

// MultipartFile returns File.
func (f Form) MultipartFile() api.File { return f.File }

// Pages iterates over the items of a paged endpoint, which it calls by its name. Use
// it for endpoints that have no method whose name ends in All. A page is an array
// of T.
//
//	for cat, err := range misskey.Pages[Cat](ctx, mk, "cats/list", map[string]any{"limit": 100}) { … }
//
// params are the parameters of the first page, as for [Call]. Without a limit the
// server chooses the size of pages. If params have an offset, which may be 0, Pages
// asks for the next page by the number of items before it. Otherwise it asks by the
// id of an item, with untilId, or with sinceId if params have only a lower bound.
//
// Pages assumes that the endpoint only reads, and retries accordingly. After an
// error the iteration ends.
func Pages[T any](ctx context.Context, mk *Client, endpoint string, params any, opts ...gen.CallOption) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		p := &pager[T]{ctx: ctx, mk: mk, op: byName(endpoint, nil), opts: opts}
		p.op.ReadOnly = true
		err := p.run(params, func(i int) bool { return yield(p.items[i].value, nil) })
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}

// A pager asks for the pages of a list.
type pager[T any] struct {
	ctx  context.Context
	mk   *Client
	op   *api.Operation
	opts []gen.CallOption

	params map[string]json.RawMessage
	items  []pagedItem[T] // of the page that was fetched last
	noID   int            // items without an id so far
}

func (p *pager[T]) run(params any, yield func(i int) bool) error {
	fail := func(err error) error {
		return fmt.Errorf("misskey: listing %s: %w", clean(p.op.Endpoint, 100), err)
	}
	object, err := encodeParams(params, "")
	if err != nil {
		return fail(err)
	}
	if err := json.Unmarshal(object, &p.params); err != nil {
		return fail(err)
	}
	var first struct {
		Offset    *int           `json:"offset"`
		SinceID   *string        `json:"sinceId"`
		UntilID   *string        `json:"untilId"`
		SinceDate *api.UnixMilli `json:"sinceDate"`
		UntilDate *api.UnixMilli `json:"untilDate"`
	}
	if err := json.Unmarshal(object, &first); err != nil {
		return fail(err)
	}
	list := api.List{Operation: p.op, ID: func(i int) string { return p.items[i].id }, Yield: yield}
	if first.Offset != nil {
		return list.ByOffset(first.Offset, p.byOffset)
	}
	return list.ByCursor(api.Bounds{
		SinceID: first.SinceID, UntilID: first.UntilID, SinceDate: first.SinceDate, UntilDate: first.UntilDate,
	}, p.byCursor)
}

func (p *pager[T]) byOffset(offset int) (int, error) {
	p.set("offset", &offset)
	return p.fetch()
}

func (p *pager[T]) byCursor(at api.Bounds) (int, error) {
	p.set("sinceId", at.SinceID)
	p.set("untilId", at.UntilID)
	p.set("sinceDate", at.SinceDate)
	p.set("untilDate", at.UntilDate)
	n, err := p.fetch()
	if err == nil && p.noID > 0 {
		err = fmt.Errorf("misskey: listing %s: its items have no id to ask for the next page by; give the parameter offset, or use Call", clean(p.op.Endpoint, 100))
	}
	return n, err
}

// set sets a parameter to what value points to, or removes it.
func (p *pager[T]) set(name string, value any) {
	data, err := json.Marshal(value)
	if err != nil || string(data) == "null" { // a pointer to a text or a number has no error
		delete(p.params, name)
		return
	}
	p.params[name] = data
}

// fetch fetches a page.
func (p *pager[T]) fetch() (int, error) {
	p.items = nil
	if err := p.mk.Call(p.ctx, p.op, p.params, &p.items, p.opts...); err != nil {
		return 0, err
	}
	for i := range p.items {
		if p.items[i].id == "" {
			p.noID++
			p.items[i].id = fmt.Sprintf("item %d without an id", p.noID) // is like no other
		}
	}
	return len(p.items), nil
}

// A pagedItem is an item of a list and its id.
type pagedItem[T any] struct {
	value T
	id    string
}

// DecodeJSON decodes the item, and its id once more.
func (it *pagedItem[T]) DecodeJSON(first byte, decode func(any) error) error {
	if err := decode(&it.value); err != nil || first != '{' {
		return err
	}
	var named struct {
		ID json.RawMessage `json:"id"`
	}
	if err := decode(&named); err != nil {
		return err
	}
	_ = json.Unmarshal(named.ID, &it.id) // which stays empty if it is none
	return nil
}
