package misskey

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/misskey-go/misskey/api"
)

// A DecodeError is an answer that was JSON, but not of the expected shape, or
// broken off.
type DecodeError struct {
	// Endpoint is what was called.
	Endpoint string

	// Pointer is the place in the answer as a JSON pointer, such as
	// /0/createdAt; empty for the whole of it, or where it is not known.
	Pointer string

	// Err is what the decoder says.
	Err error
}

// Error names the endpoint and the place.
func (e *DecodeError) Error() string {
	place := ""
	if e.Pointer != "" {
		place = " at " + clean(e.Pointer, 200)
	}
	return fmt.Sprintf("misskey: %s: decoding the answer%s: %s", e.Endpoint, place, clean(e.Err.Error(), 300))
}

// Unwrap returns what the decoder says.
func (e *DecodeError) Unwrap() error { return e.Err }

// unmarshal is the one place where answers are decoded, so that the decoder can
// be exchanged. It must refuse anything after the value.
func unmarshal(data []byte, out any) error { return json.Unmarshal(data, out) }

func decode(op *api.Operation, data []byte, out any) error {
	err := unmarshal(data, out)
	if err == nil {
		return nil
	}
	return &DecodeError{Endpoint: op.Endpoint, Pointer: findFault(data, reflect.TypeOf(out)), Err: err}
}

// Looking for a fault decodes its surroundings once for each level.
const (
	maxFaultDepth = 16
	maxFaultBytes = 8 << 20
)

// findFault returns the JSON pointer of what in data cannot be decoded into the
// type that out points to. The decoder knows the place only of some faults (not
// of a time, for instance) and never the index in an array; so the answer is
// decoded again with one member or item at a time left over, for as long as that
// fails, too.
func findFault(data []byte, out reflect.Type) string {
	if out == nil || out.Kind() != reflect.Pointer || len(data) > maxFaultBytes || !json.Valid(data) {
		return ""
	}
	var (
		pointer      strings.Builder
		before, past []byte // around the value that is looked at
		value        = json.RawMessage(data)
	)
	fails := func(prefix string, part json.RawMessage, suffix string) bool {
		document := bytes.Join([][]byte{before, []byte(prefix), part, []byte(suffix), past}, nil)
		return unmarshal(document, reflect.New(out.Elem()).Interface()) != nil
	}
search:
	for range maxFaultDepth {
		switch value = bytes.TrimSpace(value); value[0] {
		case '{':
			members, err := splitParams(value)
			if err != nil {
				break search
			}
			if fails("{", nil, "}") { // it is not what is in it
				break search
			}
			for _, m := range members {
				name, _ := json.Marshal(m.name)
				prefix := "{" + string(name) + ":"
				if fails(prefix, m.value, "}") {
					before, past = append(before, prefix...), append([]byte("}"), past...)
					value = m.value
					pointer.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(m.name))
					continue search
				}
			}
		case '[':
			var items []json.RawMessage
			if json.Unmarshal(value, &items) != nil {
				break search
			}
			if fails("[", nil, "]") {
				break search
			}
			for i, item := range items {
				if fails("[", item, "]") {
					before, past = append(before, '['), append([]byte("]"), past...)
					value = item
					pointer.WriteString("/" + strconv.Itoa(i))
					continue search
				}
			}
		}
		break
	}
	return pointer.String()
}
