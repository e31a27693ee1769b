package decode

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
)

const (
	// maxDepth is how deep arrays and objects may nest.
	maxDepth = 512

	// maxMismatches is how many mismatches a value may have before it is an error
	// as a whole.
	maxMismatches = 100

	// checkEvery is how many bytes are read between two looks at the context.
	checkEvery = 64 << 10

	// What a value may take: freeBytes, and factor bytes for each byte of input.
	freeBytes = 1 << 20
	factor    = 32

	// DefaultMaxMemory is the bound of [Options].MaxMemory where none is set.
	DefaultMaxMemory = 256 << 20
)

// Options change how a value is decoded. The zero value is the default.
type Options struct {
	// Strict makes every mismatch an error, and null for a value that cannot
	// hold it a mismatch.
	Strict bool

	// MaxMemory is the largest number of bytes that slices, pointers and maps
	// may take, however long the input is; 0 is [DefaultMaxMemory]. Independent
	// of it, they may take 1 MiB and 32 times the length of the input.
	MaxMemory int64
}

// ErrTooMuch is found by errors.Is where a value would take more memory than
// [Options].MaxMemory and the length of the input allow.
var ErrTooMuch = errors.New("the value would take too much memory")

// A SyntaxError is input that is not JSON.
type SyntaxError struct {
	// Offset is the number of bytes before the fault.
	Offset int

	message string
}

// Error names the fault and the offset.
func (e *SyntaxError) Error() string { return fmt.Sprintf("%s at offset %d", e.message, e.Offset) }

// A MismatchError is input of another kind as a whole, input with more than 100
// mismatches, or input with one where [Options].Strict is set.
type MismatchError struct {
	// First is the first mismatch.
	First Mismatch

	// Count is how many there are, or 101 for more than 100.
	Count int
}

// Error describes the first mismatch, without its pointer.
func (e *MismatchError) Error() string {
	message := fmt.Sprintf("cannot decode %s into %s", e.First.Found, e.First.Want)
	if e.First.Err != nil {
		message += ": " + e.First.Err.Error()
	}
	switch more := e.Count - 1; {
	case e.Count > maxMismatches:
		message += fmt.Sprintf(" (and at more than %d other places)", maxMismatches)
	case more > 0:
		message += fmt.Sprintf(" (and at %d other places)", more)
	}
	return message
}

// Unwrap returns the error of the first mismatch, which may be nil.
func (e *MismatchError) Unwrap() error { return e.First.Err }

// A Report is what is known of a value that was decoded.
type Report struct {
	// Mismatches are the values of another kind, in the order of the input.
	Mismatches []Mismatch

	// Memory is about how many bytes slices, structs behind pointers and maps
	// take, from above; texts are not among them.
	Memory int64
}

// Unmarshal decodes data, which must be one JSON value, into what out points to.
// It accepts the documents that [encoding/json.Unmarshal] accepts, nested at most
// 512 deep, and gives them the same meaning.
//
// A value whose kind does not fit its place leaves that place zero and is
// reported as a mismatch; everything else is decoded. The error is a
// [*SyntaxError], a [*MismatchError], one that wraps [ErrTooMuch], or that of ctx.
// After an error a zero value that out pointed to is zero still. Any other value
// is as it was, unless one of its own methods failed.
//
// Unmarshal keeps no reference to data.
func Unmarshal(ctx context.Context, data []byte, out any, opts Options) (Report, error) {
	v := reflect.ValueOf(out)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return Report{}, fmt.Errorf("cannot decode into a %T: it is not a pointer or nil", out)
	}
	t := tableOf(v.Type().Elem())
	d := decoders.Get().(*decoder)
	defer d.release()
	d.reset(ctx, data, opts)
	fresh := isZero(t, v)
	if !fresh {
		// What is there may only be changed by what is known to succeed.
		if err := d.decode(t, reflect.New(t.typ)); err != nil {
			return Report{}, err
		}
		d.reset(ctx, data, opts)
	}
	if err := d.decode(t, v); err != nil {
		if fresh {
			v.Elem().SetZero()
		}
		return Report{}, err
	}
	return Report{d.mismatches(), d.limit - d.room}, nil
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// A decoder is what one call of Unmarshal works with.
type decoder struct {
	ctx  context.Context
	data []byte

	strict bool
	depth  int
	check  int   // the offset where to look at the context next
	limit  int64 // how many bytes may be allocated
	room   int64 // how many of them are left

	found []found // the mismatches
	text  []byte  // where strings with escapes are put together
	dates dates
	names interned
}

func (d *decoder) reset(ctx context.Context, data []byte, opts Options) {
	d.ctx, d.data, d.strict = ctx, data, opts.Strict
	d.depth, d.check, d.found = 0, 0, d.found[:0]
	d.limit = DefaultMaxMemory
	if opts.MaxMemory > 0 {
		d.limit = opts.MaxMemory
	}
	d.limit = min(d.limit, freeBytes+factor*int64(len(data)))
	d.room = d.limit
}

// release gives the decoder to the next call, without what belongs to this one.
func (d *decoder) release() {
	d.ctx, d.data = nil, nil
	clear(d.found)
	if cap(d.text) > checkEvery {
		d.text = nil
	}
	decoders.Put(d)
}

// decode decodes the data into what v points to.
func (d *decoder) decode(t *table, v reflect.Value) (err error) {
	defer func() {
		switch fault := recover().(type) {
		case nil:
		case *abort:
			err = fault.err
		default:
			// A fault of this package, or of a method that it called, concerns
			// this value alone.
			err = fmt.Errorf("decoding into a %v: %v", t.typ, fault)
		}
	}()
	_, i := d.next(0)
	root := i
	i, _ = d.value(t, placeOf(v), i)
	if _, i = d.next(i); i < len(d.data) {
		d.fail(i, "more after the value")
	}
	for _, f := range d.found {
		if d.strict || f.offset == root {
			return d.mismatchError()
		}
	}
	return nil
}

// An abort is what ends decoding from within, as a panic.
type abort struct{ err error }

// fail ends decoding because of a syntax error.
func (d *decoder) fail(i int, message string) {
	if i >= len(d.data) {
		i, message = len(d.data), "unexpected end"
	}
	panic(&abort{&SyntaxError{i, message}})
}

// charge counts what is about to be allocated.
func (d *decoder) charge(bytes int64) {
	if d.room -= bytes; d.room < 0 {
		panic(&abort{fmt.Errorf("%w: it is %d bytes long", ErrTooMuch, len(d.data))})
	}
}

// enter is called with the offset of each array and object.
func (d *decoder) enter(i int) {
	if d.depth++; d.depth > maxDepth {
		d.fail(i, fmt.Sprintf("arrays and objects nested more than %d deep", maxDepth))
	}
}

// pause looks at the context, where it is time to.
func (d *decoder) pause(i int) {
	d.check = i + checkEvery
	if err := d.ctx.Err(); err != nil {
		panic(&abort{err})
	}
}
