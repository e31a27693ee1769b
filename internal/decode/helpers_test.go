package decode_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/internal/decode"
)

// A document is JSON of an instance and what it is decoded into.
type document struct {
	name string
	data []byte
	typ  reflect.Type
}

// responseTypes returns what the response of each endpoint is decoded into.
func responseTypes(t testing.TB) map[string]reflect.Type {
	t.Helper()
	var caller capture
	client := reflect.ValueOf(gen.NewClient(&caller))
	types := map[string]reflect.Type{}
	for i := range client.NumMethod() {
		method := client.Method(i)
		if !strings.Contains(method.Type().String(), "api.CallOption") || method.Type().Out(0).Kind() == reflect.Func {
			continue
		}
		caller = capture{}
		args := []reflect.Value{reflect.ValueOf(context.Background())}
		for n := 1; n < method.Type().NumIn()-1; n++ {
			args = append(args, reflect.Zero(method.Type().In(n)))
		}
		method.Call(args)
		if caller.out != nil {
			types[caller.op.Endpoint] = reflect.TypeOf(caller.out).Elem()
		}
	}
	if len(types) < 200 {
		t.Fatalf("only %d endpoints have a response", len(types))
	}
	return types
}

type capture struct {
	op  *api.Operation
	out any
}

func (c *capture) Call(_ context.Context, op *api.Operation, _, out any, _ ...api.CallOption) error {
	c.op, c.out = op, out
	return nil
}

// documents returns the recorded responses and the notes and notifications of
// recorded frames. DECODE_CORPUS names folders with larger recordings.
func documents(t testing.TB) (all []document) {
	t.Helper()
	types := responseTypes(t)
	responses, err := filepath.Glob("../conformance/testdata/http-*.jsonl.gz")
	if err != nil || len(responses) == 0 {
		t.Fatalf("no recordings, %v", err)
	}
	frames := []string{"../../stream/testdata/stream.jsonl.gz"}
	for folder := range strings.FieldsSeq(os.Getenv("DECODE_CORPUS")) {
		responses = append(responses, folder+"/http.jsonl")
		frames = append(frames, folder+"/stream.jsonl")
	}
	for _, path := range responses {
		for line := range lines(t, path) {
			var exchange struct {
				Endpoint string
				Status   int
				Response json.RawMessage
			}
			if err := json.Unmarshal(line, &exchange); err != nil {
				t.Fatal(err)
			}
			if typ := types[exchange.Endpoint]; typ != nil && exchange.Status == 200 {
				all = append(all, document{exchange.Endpoint, exchange.Response, typ})
			}
		}
	}
	for _, path := range frames {
		for line := range lines(t, path) {
			var frame struct {
				Dir   string
				Frame struct {
					Body struct{ Body json.RawMessage }
				}
			}
			if err := json.Unmarshal(line, &frame); err != nil {
				t.Fatal(err)
			}
			if body := frame.Frame.Body.Body; frame.Dir == "in" && len(body) > 0 {
				all = append(all, document{"frame", body, reflect.TypeFor[gen.Note]()}, document{"frame", body, reflect.TypeFor[gen.Notification]()})
			}
		}
	}
	return all
}

func lines(t testing.TB, path string) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for line := range bytes.SplitSeq(read(t, path), []byte("\n")) {
			if len(line) > 0 && !yield(line) {
				return
			}
		}
	}
}

// read returns what is in a file, which may be compressed.
func read(t testing.TB, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if os.IsNotExist(err) && strings.HasSuffix(path, "/stream.jsonl") {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = bufio.NewReader(f)
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(r); err != nil {
			t.Fatal(err)
		}
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func unmarshal(data []byte, out any) ([]decode.Mismatch, error) {
	report, err := decode.Unmarshal(context.Background(), data, out, decode.Options{})
	return report.Mismatches, err
}
