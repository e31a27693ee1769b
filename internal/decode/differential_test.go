package decode_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/internal/decode"
)

// everything has a field of every kind.
type everything struct {
	S     string
	PS    *string `json:"ps,omitempty"`
	B     bool
	PB    *bool
	I     int
	I8    int8
	I16   int16
	I32   int32
	I64   int64
	PI    *int64
	U     uint
	U8    uint8
	U64   uint64
	F     float64
	F32   float32
	T     time.Time
	PT    *time.Time `json:"time"`
	Raw   json.RawMessage
	PRaw  *json.RawMessage
	Any   any
	Bytes []byte
	Num   json.Number

	Quoted   int64   `json:",string"`
	QuotedP  *bool   `json:"q,string"`
	QuotedS  string  `json:"qs,string"`
	Skipped  string  `json:"-"`
	Dash     string  `json:"-,"` //nolint:staticcheck // a field named "-"
	Odd      string  `json:"a<b>&c\u2028"`
	Japanese string  `json:"名前"`
	Kelvin   float64 `json:"kelvins"`

	Array  [3]int64
	Arrays [2][2]string
	Slice  []everything
	SliceP []*everything
	Texts  []string
	Self   *everything
	PP     **int64

	M    map[string]string
	MI   map[string]int64
	MB   map[string]bool
	MN   map[string]int
	MA   map[string]any
	ME   map[string]everything
	MP   map[string]*everything
	MS   map[name][]int64
	MInt map[int]string
	MRaw map[string]json.RawMessage

	Nullable api.Nullable[string]
	Many     api.OneOrMany[inner]
	Number   *api.NumberOr[inner]
	Words    []api.MutedWord
	Delay    api.QueueDelay
	Policy   map[string]api.PolicyValue

	Method  method
	PMethod *method
	Text    text
	Shouted shout

	embedded
	Embedded2
	Both
	Name name
}

type (
	name     string
	embedded struct {
		E1 string
		E2 string `json:"tagged"`
	}
	Embedded2 struct {
		E1 string `json:"E1"`
		E3 *inner
		S  int64 // hidden
	}
	Both  struct{ Deeper }
	inner struct {
		X, Y int64
		In   *inner
	}
	Deeper struct {
		E1   int64
		Deep []string
	}
)

type method struct{ Text string }

func (m *method) UnmarshalJSON(data []byte) error {
	if bytes.Contains(data, []byte("bad")) {
		m.Text = "half"
		return errors.New("it is bad")
	}
	m.Text = string(data)
	return nil
}

type text struct{ Text string }

func (t *text) UnmarshalText(data []byte) error {
	t.Text = "text " + string(data)
	return nil
}

type shout string

func (s *shout) UnmarshalJSON(data []byte) error {
	var plain string
	err := json.Unmarshal(data, &plain)
	*s = shout(strings.ToUpper(plain))
	return err
}

type pointers struct {
	*inner2
	Z string
}

type inner2 struct{ X int64 }

// deeper reports whether arrays and objects nest deeper than is taken.
func deeper(data []byte) bool {
	depth := 0
	for _, c := range data {
		switch c {
		case '[', '{':
			if depth++; depth > 512 {
				return true
			}
		case ']', '}':
			depth--
		}
	}
	return false
}

// compare decodes with encoding/json, too, and reports what differs.
func compare(t testing.TB, data []byte, typ reflect.Type) {
	t.Helper()
	if deeper(data) {
		return
	}
	got, want := reflect.New(typ), reflect.New(typ)
	mismatches, err := unmarshal(data, got.Interface())
	wantErr := json.Unmarshal(data, want.Interface())
	_, syntax := errors.AsType[*decode.SyntaxError](err)
	_, wantSyntax := errors.AsType[*json.SyntaxError](wantErr)
	wantSyntax = wantSyntax && !json.Valid(data)
	_, whole := errors.AsType[*decode.MismatchError](err)
	switch {
	case errors.Is(err, decode.ErrTooMuch):
		return
	case wantErr != nil && strings.HasPrefix(wantErr.Error(), "parsing time") && strings.Contains(wantErr.Error(), `\\`):
		return // Go 1.26 does not take escapes in times, later releases do
	case syntax != wantSyntax && (wantErr == nil || !whole), !syntax && !whole && err != nil:
		t.Fatalf("%.3000q into %v: error %v, want %v", data, typ, err, wantErr)
	case (whole || len(mismatches) > 0) != (wantErr != nil) && !syntax:
		t.Fatalf("%.3000q into %v: mismatches %v, error %v, want %v", data, typ, mismatches, err, wantErr)
	case err != nil && !got.Elem().IsZero():
		t.Fatalf("%.3000q into %v: not zero after the error %v", data, typ, err)
	case wantErr == nil && !reflect.DeepEqual(got.Interface(), want.Interface()):
		g, _ := json.Marshal(got.Interface())
		w, _ := json.Marshal(want.Interface())
		t.Fatalf("%.3000q into %v:\n got %s\nwant %s", data, typ, g, w)
	}
	var doc any
	if len(mismatches) > 0 && json.Unmarshal(data, &doc) == nil && !repeats(json.NewDecoder(bytes.NewReader(data))) {
		for _, m := range mismatches {
			if found, ok := resolve(doc, m.Pointer); !ok || found != m.Found {
				t.Fatalf("%.3000q into %v: there is %q at %+v", data, typ, found, m)
			}
		}
	}
}

// repeats reports whether an object in the next value has a name twice, so that a
// pointer may mean either.
func repeats(d *json.Decoder) bool {
	token, err := d.Token()
	if delim, ok := token.(json.Delim); err != nil || !ok {
		return false
	} else if names := map[any]bool{}; delim == '{' || delim == '[' {
		for d.More() {
			if delim == '{' {
				name, _ := d.Token()
				if names[name] {
					return true
				}
				names[name] = true
			}
			if repeats(d) {
				return true
			}
		}
		_, _ = d.Token()
	}
	return false
}

// resolve returns the kind of what is at a pointer.
func resolve(doc any, pointer string) (kind string, ok bool) {
	for step := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if pointer == "" {
			break
		}
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		switch d := doc.(type) {
		case map[string]any:
			next, ok := d[step]
			if !ok {
				return "", false
			}
			doc = next
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n < 0 || n >= len(d) {
				return "", false
			}
			doc = d[n]
		default:
			return "", false
		}
	}
	switch doc.(type) {
	case nil:
		return "null", true
	case bool:
		return "bool", true
	case float64:
		return "number", true
	case string:
		return "string", true
	case []any:
		return "array", true
	}
	return "object", true
}

var seeds = []string{
	``, ` `, `{}`, `[]`, `null`, `{"S":"x"}`, `{"s":"lower"}`, `{"S":"a","S":"b"}`, ` { "S" : "x" , "B" : true } `, `{"S":"x"} x`, `{"S":"x",}`, `{,}`, `[,]`, `[1,]`, `[1 2]`,
	`{"I64":1,"I64":-0,"PI":123456789012345678,"I8":128,"U8":-1,"U":-0,"U64":18446744073709551615,"I":9223372036854775808}`,
	`{"I64":1.0}`, `{"I64":1e3}`, `{"I64":01}`, `{"I64":-}`, `{"I64":1e}`, `{"F":1e400}`, `{"F32":1e39,"F":-0.0}`, `{"F":1.}`, `{"F":.5}`, `{"F":+1}`, `7`, `-7`, `1e999`, `[1e999]`,
	`{"T":"2026-11-22T06:38:07.859Z","time":"2026-11-22T06:38:07.859Z"}`, `{"T":"2026-02-29T06:38:07.859Z"}`, `{"T":"2024-02-29T23:59:59.999Z"}`, `{"T":"0000-01-01T00:00:00.000Z"}`,
	`{"T":"2026-11-22T24:00:00.000Z"}`, `{"T":"2026-11-22T06:38:60.000Z"}`, `{"T":"2026-11-22T06:38:07.8x9Z"}`, `{"T":"2026-13-22T06:38:07.859Z"}`, `{"T":"2026-00-22T06:38:07.859Z"}`, `{"T":"2026-01-00T06:38:07.859Z"}`,
	`{"T":"2026-11-22T06:38:07+09:00"}`, `{"T":"2026-11-22"}`, `{"T":7}`, `{"T":"2026-11-22T06:38:07.859\u005a"}`, `{"T":"2026-11-22t06:38:07.859z"}`, `{"T":null,"time":null}`,
	`{"S":"\u00e9\n\"\\\/\b\f\r\t","PS":"\ud83d\ude00"}`, `{"S":"\ud83d"}`, `{"S":"\ud83dx"}`, `{"S":"\ude00\ud83d\ude00"}`, `{"S":"\ud83d\ud83d\ude00"}`, `{"S":"\uD83D\u0041"}`, `{"S":"\u12"}`, `{"S":"\u123g"}`, `{"S":"\x"}`, "{\"S\":\"\x00\"}", "{\"S\":\"a\nb\"}",
	"{\"S\":\"\xff\xfe\"}", "{\"S\":\"\xe3\x81\"}", "{\"\xff\":1}", `{"S":"日本語の長い文字列とasciiと、また日本語"}`, "{\"S\":\"\u2028\"}", "{\"S\":\"\xed\xa0\x80\"}", "\ufeff{}",
	`{"\u0053":"escaped name","PS":"x"}`, `{"名前":"x","KELVINS":1,"kelvin\u017f":2}`, "{\"\u212aelvins\":3}", "{\"kelvin\u017f\":3}", `{"E1":"x","TAGGED":"y","E3":{"X":1,"in":{"y":2,"In":null}},"Deep":["a"]}`,
	`{"Raw": [ 1 , 2 ] ,"PRaw":null,"Any":{"a":[1,"x",null,true,{}],"a":[]},"Bytes":"aGVsbG8=","Num":1.50}`, `{"Bytes":"!"}`, `{"Num":"12"}`, `{"Num":"x"}`, `{"Raw":null,"PRaw":{"x":[]}}`, `{"Any":7,"Any":null}`,
	`{"Quoted":"12","q":"true","qs":"\"x\""}`, `{"Quoted":12}`, `{"Quoted":null,"q":null}`, `{"Quoted":"x"}`, `{"q":"null"}`, `{"-":"dash","Skipped":"x"}`,
	`{"Array":[1,2,3,4],"Arrays":[["a"],["b","c"]]}`, `{"Array":[1]}`, `{"Array":[1,2],"Array":[3]}`, `{"Array":{}}`, `{"Array":null}`,
	`{"Slice":[{"S":"a","I":1},{"S":"b"}],"Slice":[{"B":true}],"Slice":[{},{},{}]}`, `{"SliceP":[null,{"S":"x"}],"SliceP":[{"B":true},null]}`, `{"Texts":["a","b","c"],"Texts":[],"Texts":["d"]}`, `{"Texts":null}`, `{"Slice":[]}`, `{"Texts":[1]}`,
	`{"Self":{"Self":{"S":"x"}},"Self":{"Self":{"B":true}}}`, `{"Self":{"S":"x"},"Self":null}`, `{"PP":5,"PP":null}`, `{"Self":7}`, `{"Self":[]}`,
	`{"M":{"a":"b","a":"c"},"M":{"d":null},"MI":{"a":1,"b":-2},"MB":{"x":true},"MA":{"a":{"b":[]}},"ME":{"a":{"S":"x"},"a":{"B":true}},"MP":{"a":null,"b":{}},"MS":{"n":[1]},"MInt":{"1":"x"},"MRaw":{"a": {} }}`,
	`{"M":{},"MI":null,"ME":{}}`, `{"M":{"a":1}}`, `{"MI":{"a":"x","b":2}}`, `{"MInt":{"x":"y"}}`, `{"M":[]}`, `{"M":{"\u0061\n":"x"}}`,
	`{"Method": {"x": [ ]} ,"PMethod":null}`, `{"Method":"bad"}`, `{"PMethod":"bad"}`, `{"Text":"x","Shouted":"y"}`, `{"Text":7}`, `{"Method":null,"PMethod":[]}`, `{"Shouted":7}`, `{"Text":null}`,
	`{"unknown":{"a":[1,2,{"b":[]}],"c":"\u0041","d":-1.5e+10},"S":"x"}`, `{"unknown":[1,2,}`, `{"unknown":"\q"}`, `{"unknown":tru}`, `{"unknown":{"a" 1}}`, `{"unknown":[{]}`, `{"unknown":{}]}`, `{"unknown":[1`, `{"unknown":-x}`, `{"u":{"a":1,}}`, `{"u":{1:2}}`,
	`{"Nullable":null,"Many":{"X":1},"Number":7,"Words":["/x/",["a","b"],null],"Delay":["x",2,3],"Policy":{"a":[1],"b":null,"c":"x"},"MN":{"a":-5}}`,
	`{"Nullable":"x","Many":[{"X":1},{"Y":2}],"Number":{"X":3},"Words":[[]],"Delay":null}`, `{"Many":[]}`, `{"Many":null,"Number":null}`, `{"Many":7}`, `{"Number":1.5}`, `{"Number":-9223372036854775809}`, `{"Words":[7]}`, `{"Delay":["x"]}`, `{"Nullable":nul}`, `{"Nullable":}`,
	`{"z":"x","X":5}`, strings.Repeat("[", 600), strings.Repeat("[", 500) + strings.Repeat("]", 500), strings.Repeat(`{"u":`, 300) + "1" + strings.Repeat("}", 300),
}

var seedTypes = []reflect.Type{
	reflect.TypeFor[everything](), reflect.TypeFor[[]everything](), reflect.TypeFor[any](), reflect.TypeFor[pointers](), reflect.TypeFor[map[string]any](), reflect.TypeFor[string](),
	reflect.TypeFor[json.RawMessage](), reflect.TypeFor[*json.RawMessage](), reflect.TypeFor[struct{}](), reflect.TypeFor[gen.Note](), reflect.TypeFor[[]gen.Note](), reflect.TypeFor[gen.MeDetailed](), reflect.TypeFor[float64](), reflect.TypeFor[[]int8](),
}

func TestSameAsEncodingJSON(t *testing.T) {
	for _, seed := range seeds {
		for _, typ := range seedTypes {
			compare(t, []byte(seed), typ)
			compare(t, []byte("["+seed+","+seed+"]"), typ)
		}
	}
}

func TestRecordingsAsEncodingJSON(t *testing.T) {
	all := documents(t)
	if len(all) < 500 {
		t.Fatalf("only %d documents", len(all))
	}
	for _, doc := range all {
		compare(t, doc.data, doc.typ)
	}
}

// DECODE_MUTATIONS is how many mutations of each recorded document are tried.
func TestMutationsAsEncodingJSON(t *testing.T) {
	count, err := strconv.Atoi(os.Getenv("DECODE_MUTATIONS"))
	if err != nil {
		count = 3
	}
	for n, doc := range documents(t) {
		r := rand.New(rand.NewPCG(uint64(n), uint64(count)))
		for range count {
			compare(t, mutate(r, doc.data), doc.typ)
		}
	}
	for n, seed := range seeds {
		r := rand.New(rand.NewPCG(uint64(n), 1))
		for range 20 * count {
			compare(t, mutate(r, []byte(seed)), seedTypes[r.IntN(len(seedTypes))])
		}
	}
}

var pieces = []string{
	`"`, `\`, `{`, `}`, `[`, `]`, `,`, `:`, ` `, "\n", `null`, `true`, `false`, `0`, `-`, `1.5`, `1e9`, `99999999999999999999`, `"x"`, `""`, `{}`, `[]`, `[{}]`, `{"id":1}`, `\ud800`, `\u0061`, `\n`, "\xff", "\xe3\x81", "\x00", "\x1f",
	`"2026-11-22T06:38:07.859Z"`, `"2026-11-22T06:38:07Z"`, "é", "日本", "\u017f", "\u212a", "E", ".", "+",
}

// mutate changes a document in a few places.
func mutate(r *rand.Rand, data []byte) []byte {
	data = bytes.Clone(data)
	for range 1 + r.IntN(3) {
		if len(data) == 0 {
			return data
		}
		i := r.IntN(len(data))
		piece := pieces[r.IntN(len(pieces))]
		switch r.IntN(9) {
		case 0:
			data = data[:i]
		case 1:
			data[i] = byte(r.IntN(256))
		case 2:
			data = append(data[:i], data[i+1:]...)
		case 3:
			data = append(data[:i], append([]byte(piece), data[i:]...)...)
		case 4: // the case of a letter
			data[i] ^= 0x20
		default: // a value or name takes the place of another, or comes twice
			from, to := token(data, i)
			switch r.IntN(4) {
			case 0:
				from2, to2 := token(data, r.IntN(len(data)))
				piece = string(data[from2:to2])
			case 1: // name and value
				for to < len(data) && data[to] != ',' && data[to] != '}' {
					to++
				}
				piece = string(data[from:to]) + "," + string(data[from:to])
			}
			data = append(data[:from:from], append([]byte(piece), data[to:]...)...)
		}
	}
	return data
}

// token returns the bounds of a token at or after i.
func token(data []byte, i int) (from, to int) {
	for i > 0 && !strings.ContainsRune(`,:[{`, rune(data[i-1])) {
		i--
	}
	to = i
	for to < len(data) && !strings.ContainsRune(`,:]}`, rune(data[to])) {
		to++
	}
	return i, to
}

func FuzzUnmarshal(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed), uint8(0))
	}
	for n, doc := range documents(f) {
		if n%20 == 0 && len(doc.data) < 5000 {
			f.Add([]byte(doc.data), uint8(n))
		}
	}
	var types []reflect.Type
	seen := map[reflect.Type]bool{}
	for _, doc := range documents(f) {
		if !seen[doc.typ] {
			seen[doc.typ] = true
			types = append(types, doc.typ)
		}
	}
	types = append(append([]reflect.Type(nil), seedTypes...), types[:min(len(types), 256-len(seedTypes))]...)
	f.Fuzz(func(t *testing.T, data []byte, n uint8) {
		compare(t, data, types[int(n)%len(types)])
	})
}
