package misskey

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
)

// Call calls an endpoint by its name, such as "notes/show". It is for endpoints
// of a fork and for those that are younger than this module; others have a
// method. params is anything that encoding/json makes an object of, or nil, or a
// [Form]. A response without content is the zero value of T.
//
// T is what the response is decoded into. With struct{} the response is checked
// but not kept, with [json.RawMessage] it is kept as the JSON that it is, and with
// []byte as the bytes that came, which need not be JSON.
//
// Whether the endpoint only reads is not known: see [ReadOnly].
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

// A Form is parameters of [Call] for an endpoint that takes a file. It travels as
// multipart/form-data, with the file as the last part, named "file". A call with a
// Form is never sent twice.
type Form struct {
	// Params is anything that encoding/json makes an object of, or nil. A form has
	// no null, and neither objects nor arrays.
	Params any

	// File is the file. Its Body is read once and not closed.
	File api.File
}

// MarshalJSON encodes Params.
func (f Form) MarshalJSON() ([]byte, error) { return json.Marshal(f.Params) }

// MultipartFile returns File.
func (f Form) MultipartFile() api.File { return f.File }

// Pages lists what an endpoint lists that is called by its name, page after page,
// as the methods of generated clients do whose names end in All. It is for
// endpoints that have no such method. A page is an array of T.
//
//	for cat, err := range misskey.Pages[Cat](ctx, mk, "cats/list", map[string]any{"limit": 100}) { … }
//
// params are those of the first page, as for [Call]; without a limit, pages have
// the size that the server likes. If params have no offset, the next page is asked
// for by the id of an item, with untilId, or with sinceId where params have a lower
// end only. If they have one, which may be 0, the next page is asked for by the
// number of items before it.
//
// Pages takes the endpoint for one that only reads, so that a page is asked for
// again where that may help. An error is the last thing that it yields.
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
