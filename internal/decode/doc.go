// Package decode decodes JSON that a server sends: responses and frames of the
// stream. It accepts what encoding/json accepts and gives it the same meaning, with
// three differences:
//
//   - A value of another kind does not fail the whole. Its place stays zero, the
//     rest is decoded, and the mismatch is reported with its JSON pointer.
//   - What the input can make the decoder allocate is bounded, and decoding ends
//     with its context.
//   - It takes a fifth of the time.
//
// # How
//
// For each type a table is made once, by reflection: the kind of the type, and for
// a struct its fields with their names and offsets. One pass over the input then
// reads values and stores them, without a pass that only validates. Each field
// remembers which field came after it, so that the order in which a server writes
// is recognized by one comparison of a name. Strings are copied one by one, because
// a part of the input would keep all of it alive, and short ones are looked up
// among those decoded lately. Numbers, times and strings in their usual form have a
// fast path; what is unusual goes to package strconv, to the methods of time.Time,
// and, for the rarest types, to encoding/json.
//
// # Unsafe stores
//
// Values are stored through unsafe.Pointer (store_unsafe.go), which makes decoding
// a third faster than reflect.Value does. The rules: all memory is allocated by
// reflect for its type or by new; a pointer only moves by the offset of a field or
// of an element, which reflect reports; nothing is linked by name, and the layout of
// no type but the slice is assumed. Reading is plain Go with bounds checks, so that
// no input leads outside of it. The build tag purego replaces the stores by
// reflection; all tests pass either way, and with -gcflags=all=-d=checkptr.
//
// # Why not a library
//
// Measured on recordings of Misskey with Go 1.26: encoding/json takes twice as
// long as JSON.parse in V8. bytedance/sonic compiles machine code at run time, does
// not run on 32 bits, has to be adapted to each Go release, and accepts input that
// is not JSON unless it is slowed down. goccy/go-json depends on internals of the
// runtime and panics on some inputs. encoding/json/v2 comes with Go 1.27 and is
// still three times slower. None of them reports a mismatch and goes on, and none
// bounds what it allocates.
package decode
