package decode

import (
	"encoding"
	"encoding/binary"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
)

// A kind is how values of a type are decoded.
type kind uint8

const (
	kindOther  kind = iota // by encoding/json
	kindMethod             // by UnmarshalJSON
	kindParts              // by DecodeJSON, see [Parts]
	kindString
	kindBool
	kindInt64
	kindInt // of another size, or without a sign
	kindFloat
	kindTime
	kindPointer
	kindStruct
	kindSlice
	kindArray
	kindMap
	kindMapString // map[string]string
	kindMapInt64
	kindMapInt
	kindMapBool
	kindRaw // json.RawMessage
	kindAny
)

// Parts is a type that chooses what its JSON is decoded into: a value that may be
// one of several kinds, for instance. Unlike a type with UnmarshalJSON, it is
// decoded in the same pass, within the same bounds, and with mismatches in it reported
// one by one.
type Parts interface {
	// DecodeJSON decodes a value that begins with the byte first. It calls
	// decode with a pointer for the value, or not at all to have it skipped. It
	// returns the error of decode.
	DecodeJSON(first byte, decode func(any) error) error
}

// A table is what is known of a type.
type table struct {
	kind kind
	typ  reflect.Type
	size int64
	elem *table // of a pointer, a slice, an array, a map

	// Of a struct:
	fields []field // in the order that encoding/json has them
	slots  []*field
	shift  uint8
	folded map[string]*field
	longer int // than any name
	first  atomic.Pointer[field]
}

// A field is one of a struct.
type field struct {
	// The quoted name and the colon: as it is, and its first 16 bytes.
	quoted       string
	word0, mask0 uint64
	word1, mask1 uint64

	table  *table
	offset uintptr
	index  []int
	next   atomic.Pointer[field] // the field that followed it last time
}

func (f *field) name() string { return f.quoted[1 : len(f.quoted)-2] }

var (
	partsType       = reflect.TypeFor[Parts]()
	unmarshalerType = reflect.TypeFor[json.Unmarshaler]()
	textType        = reflect.TypeFor[encoding.TextUnmarshaler]()
	timeType        = reflect.TypeFor[time.Time]()
	rawType         = reflect.TypeFor[json.RawMessage]()
	numberType      = reflect.TypeFor[json.Number]()
)

var tables sync.Map // of *table by reflect.Type

// tableOf returns the table of a type, which is made when it is needed first.
func tableOf(t reflect.Type) *table {
	if known, ok := tables.Load(t); ok {
		return known.(*table)
	}
	c := compiler{}
	made := c.table(t)
	for t, made := range c {
		tables.LoadOrStore(t, made)
	}
	return made
}

// A compiler makes tables. It has those that it has begun.
type compiler map[reflect.Type]*table

func (c compiler) table(typ reflect.Type) *table {
	if known, ok := tables.Load(typ); ok {
		return known.(*table)
	}
	if begun, ok := c[typ]; ok {
		return begun
	}
	t := &table{typ: typ, size: int64(typ.Size())}
	c[typ] = t
	t.kind = c.kind(t)
	return t
}

func (c compiler) kind(t *table) kind {
	pointer := reflect.PointerTo(t.typ)
	switch {
	case t.typ == timeType:
		return kindTime
	case t.typ == rawType:
		return kindRaw
	case t.typ.Kind() == reflect.Pointer:
		t.elem = c.table(t.typ.Elem())
		return kindPointer
	case pointer.Implements(partsType):
		return kindParts
	case pointer.Implements(unmarshalerType):
		return kindMethod
	case pointer.Implements(textType), t.typ == numberType:
		return kindOther
	}
	switch t.typ.Kind() {
	case reflect.String:
		return kindString
	case reflect.Bool:
		return kindBool
	case reflect.Int, reflect.Int64:
		if t.size == 8 {
			return kindInt64
		}
		return kindInt
	case reflect.Int8, reflect.Int16, reflect.Int32,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return kindInt
	case reflect.Float32, reflect.Float64:
		return kindFloat
	case reflect.Slice:
		if t.typ.Elem().Kind() == reflect.Uint8 {
			return kindOther // base64
		}
		t.elem = c.table(t.typ.Elem())
		return kindSlice
	case reflect.Array:
		t.elem = c.table(t.typ.Elem())
		return kindArray
	case reflect.Map:
		return c.mapKind(t)
	case reflect.Struct:
		return c.structKind(t)
	case reflect.Interface:
		if t.typ.NumMethod() == 0 {
			return kindAny
		}
	}
	return kindOther
}

func (c compiler) mapKind(t *table) kind {
	switch t.typ {
	case reflect.TypeFor[map[string]string]():
		return kindMapString
	case reflect.TypeFor[map[string]int64]():
		return kindMapInt64
	case reflect.TypeFor[map[string]int]():
		return kindMapInt
	case reflect.TypeFor[map[string]bool]():
		return kindMapBool
	}
	if key := t.typ.Key(); key.Kind() != reflect.String || reflect.PointerTo(key).Implements(textType) {
		return kindOther
	}
	t.elem = c.table(t.typ.Elem())
	return kindMap
}

// A candidate is a field that may have a name to itself.
type candidate struct {
	name   string
	tagged bool
	quoted bool // has the option string
	typ    reflect.Type
	offset uintptr
	index  []int
}

func (c compiler) structKind(t *table) kind {
	all, ok := candidates(nil, t.typ, 0, nil)
	if !ok {
		return kindOther
	}
	names := map[string][]candidate{}
	for _, f := range all {
		names[f.name] = append(names[f.name], f)
	}
	all = all[:0]
	for _, same := range names {
		if f, ok := dominant(same); ok {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b candidate) int { return slices.Compare(a.index, b.index) })

	t.fields = make([]field, len(all))
	t.folded = make(map[string]*field, len(all))
	size := 4
	for t.shift = 62; size < 2*len(all); t.shift-- {
		size *= 2
	}
	t.slots = make([]*field, size)
	for n, from := range all {
		f := &t.fields[n]
		f.quoted, f.offset, f.index = `"`+from.name+`":`, from.offset, from.index
		var words, masks [16]byte
		for i := range min(len(f.quoted), len(words)) {
			words[i], masks[i] = f.quoted[i], 0xff
		}
		f.word0, f.mask0 = binary.LittleEndian.Uint64(words[:8]), binary.LittleEndian.Uint64(masks[:8])
		f.word1, f.mask1 = binary.LittleEndian.Uint64(words[8:]), binary.LittleEndian.Uint64(masks[8:])
		if f.table = c.table(from.typ); from.quoted {
			f.table = quotedTable(from.typ)
		}
		if folded := string(fold(nil, []byte(from.name))); t.folded[folded] == nil {
			t.folded[folded] = f
		}
		t.longer = max(t.longer, len(from.name)+1)
		slot := hash([]byte(from.name)) >> t.shift
		for t.slots[slot] != nil {
			slot = (slot + 1) % uint64(size)
		}
		t.slots[slot] = f
	}
	if len(t.fields) > 0 {
		t.first.Store(&t.fields[0])
	}
	return kindStruct
}

// candidates appends the fields of a struct and of those that it embeds. ok is
// false where it embeds a pointer, which is left to encoding/json.
func candidates(to []candidate, typ reflect.Type, offset uintptr, index []int) (all []candidate, ok bool) {
	for i := range typ.NumField() {
		f := typ.Field(i)
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		if !validName(name) {
			name = ""
		}
		at := candidate{name, name != "", false, f.Type, offset + f.Offset, append(slices.Clip(index), i)}
		switch {
		case tag == "-":
			continue
		case f.Anonymous && f.Type.Kind() == reflect.Pointer && f.Type.Elem().Kind() == reflect.Struct && (name == "" || !f.IsExported()):
			return nil, false
		case f.Anonymous && f.Type.Kind() == reflect.Struct && name == "":
			if to, ok = candidates(to, f.Type, at.offset, at.index); !ok {
				return nil, false
			}
			continue
		case !f.IsExported():
			continue
		case name == "":
			at.name = f.Name
		}
		switch f.Type.Kind() {
		case reflect.Pointer:
			at.quoted = isScalar(f.Type.Elem())
		default:
			at.quoted = isScalar(f.Type)
		}
		at.quoted = at.quoted && slices.Contains(strings.Split(options, ","), "string")
		to = append(to, at)
	}
	return to, true
}

func isScalar(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return true
	}
	return false
}

// validName reports whether a tag can be a name. Those that cannot are ignored.
func validName(name string) bool {
	for _, c := range name {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return false
		}
	}
	return true
}

// dominant returns the one of several fields with the same name that Go's rules
// of embedding, and tags, prefer.
func dominant(same []candidate) (f candidate, ok bool) {
	slices.SortStableFunc(same, func(a, b candidate) int {
		switch {
		case len(a.index) != len(b.index):
			return len(a.index) - len(b.index)
		case a.tagged == b.tagged:
			return 0
		case a.tagged:
			return -1
		}
		return 1
	})
	if len(same) > 1 && len(same[0].index) == len(same[1].index) && same[0].tagged == same[1].tagged {
		return f, false
	}
	return same[0], true
}

// quotedTable returns the table for a field with the option string. It is left to
// encoding/json, as a struct with this one field.
func quotedTable(typ reflect.Type) *table {
	wrapped := reflect.StructOf([]reflect.StructField{{Name: "V", Type: typ, Tag: `json:"v,string"`}})
	return &table{kind: kindOther, typ: typ, size: int64(typ.Size()), elem: &table{kind: kindOther, typ: wrapped}}
}

// find returns the field of a name, or nil. The name has no escapes.
func (t *table) find(name []byte) *field {
	if len(t.fields) == 0 {
		return nil
	}
	slot := hash(name) >> t.shift
	for t.slots[slot] != nil {
		if f := t.slots[slot]; f.name() == string(name) {
			return f
		}
		slot = (slot + 1) & uint64(len(t.slots)-1)
	}
	// A letter has up to three bytes where its other case has one.
	if len(name) >= 3*t.longer {
		return nil
	}
	var buf [128]byte
	return t.folded[string(fold(buf[:0], name))]
}

// hash mixes the first and the last bytes of a name and its length.
func hash(name []byte) uint64 {
	n := len(name)
	x := uint64(n)
	switch {
	case n >= 8:
		x += binary.LittleEndian.Uint64(name) ^ binary.LittleEndian.Uint64(name[n-8:])*0x9e3779b97f4a7c15
	case n >= 4:
		x += uint64(binary.LittleEndian.Uint32(name)) | uint64(binary.LittleEndian.Uint32(name[n-4:]))<<32
	case n > 0:
		x += uint64(name[0])<<16 | uint64(name[n/2])<<24 | uint64(name[n-1])<<32
	}
	x *= 0xbf58476d1ce4e5b9
	return x ^ x<<29
}

// fold appends a name in the form that it has in common with all that encoding/json
// takes for the same.
func fold(to, name []byte) []byte {
	for _, c := range string(name) {
		switch {
		case 'a' <= c && c <= 'z':
			c += 'A' - 'a'
		case c >= 0x80:
			for next := unicode.SimpleFold(c); ; next = unicode.SimpleFold(next) {
				if next <= c { // the first of the round
					c = next
					break
				}
				c = next
			}
		}
		to = append(to, string(c)...)
	}
	return to
}
