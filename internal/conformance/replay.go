package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/misskey-go/misskey/api"
)

// Replay plays the exchanges to the target's client and reports what differs.
// Its error is about the target itself.
func Replay(ctx context.Context, target Target, exchanges []*Exchange) (*Report, error) {
	r := replay{
		target: target,
		routes: routes(target.Operations),
		report: &Report{Endpoints: map[string]int{}, Successes: map[string]int{}, Unknown: map[string]int{}},
	}
	for _, c := range []*client{&r.user, &r.anonymous} {
		caller, err := target.Client(&r.player, c == &r.anonymous)
		if err != nil {
			return nil, fmt.Errorf("conformance: making a client: %w", err)
		}
		*c = client{caller, methodsOf(caller)}
	}
	for _, exchange := range exchanges {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := r.play(ctx, exchange); err != nil {
			return nil, err
		}
	}
	return r.report, nil
}

type replay struct {
	target          Target
	routes          []route
	player          player
	user, anonymous client
	report          *Report
}

type client struct {
	api.Caller
	methods methods
}

// play replays one exchange.
func (r *replay) play(ctx context.Context, exchange *Exchange) error {
	op, values := match(r.routes, exchange.Endpoint)
	r.player = player{exchange: exchange}
	client := r.user
	if exchange.Auth == "anon" {
		client = r.anonymous
	}
	r.report.Exchanges++

	var c call
	name := exchange.Endpoint
	if op == nil {
		r.report.Unknown[name]++
		op = &api.Operation{Endpoint: exchange.Endpoint, GET: true, MayBeEmpty: true}
		c = byName(client, op)
	} else {
		name = op.Endpoint
		r.report.Endpoints[name]++
		var err error
		if c, err = byMethod(client.methods, op, values, exchange.hasList()); err != nil {
			return err
		}
	}
	found := func(kind Kind, place, format string, args ...any) {
		r.report.Findings = append(r.report.Findings, Finding{
			Kind: kind, Endpoint: name, Source: exchange.Source,
			Difference: Difference{place, fmt.Sprintf(format, args...)},
		})
	}

	in := c.input()
	expressible := true
	if err := decodeRequest(exchange, in); err != nil {
		// What a server refused may be anything, and its response does not
		// depend on what is sent here.
		in = c.input()
		if expressible = !exchange.Succeeded(); !expressible {
			found(Inexpressible, "$", "%v", err)
		}
	}
	attachFile(in, exchange)
	opts := r.target.Options
	if exchange.Method == "GET" && op.GET {
		opts = append(opts[:len(opts):len(opts)], asGET{})
	}
	out, err := c.do(ctx, in, opts)

	if !exchange.Succeeded() {
		r.report.Errors++
		if detail := r.checkError(exchange, err); detail != "" {
			found(Untyped, "$", "%s", detail)
		}
		return nil
	}
	r.report.Requests++
	r.report.Answers++
	if r.report.Endpoints[name] > 0 {
		r.report.Successes[name]++
	}
	if expressible {
		for _, d := range r.checkRequest(exchange, op.Endpoint) {
			found(Inexpressible, d.Place, "%s", d.Detail)
		}
	}
	if err != nil {
		found(Failed, "$", "%v", err)
		return nil
	}
	lost, added, err := checkAnswer(exchange, out)
	if err != nil {
		found(Failed, "$", "%v", err)
	}
	for _, d := range lost {
		found(Lossy, d.Place, "%s", d.Detail)
	}
	for _, d := range added {
		found(Invented, d.Place, "%s", d.Detail)
	}
	return nil
}

// hasList reports whether the answer is a list.
func (e *Exchange) hasList() bool { return bytes.HasPrefix(bytes.TrimSpace(e.Body()), []byte("[")) }

// checkRequest compares what was sent with what was recorded.
func (r *replay) checkRequest(exchange *Exchange, endpoint string) []Difference {
	sent := r.player.sent
	if sent == nil {
		return []Difference{{"$", "nothing was sent"}}
	}
	if sent.endpoint() != exchange.Endpoint {
		return []Difference{{"$", fmt.Sprintf("sent to %q instead of %q", sent.endpoint(), exchange.Endpoint)}}
	}
	if sent.Method != exchange.Method {
		return []Difference{{"$", fmt.Sprintf("sent as %s instead of %s", sent.Method, exchange.Method)}}
	}
	recorded, err := parse(exchange.Request)
	if err != nil {
		return []Difference{{"$", fmt.Sprintf("recorded request: %v", err)}}
	}
	want, ok := recorded.(map[string]any)
	if !ok {
		want = map[string]any{}
	}
	var got map[string]any
	switch {
	case exchange.Method == "GET":
		want, got = wireQuery(want), query(sent.URL.Query())
	case exchange.multipart():
		got, err = sent.form()
	default:
		got, err = sent.object()
	}
	if err != nil {
		return []Difference{{"$", err.Error()}}
	}
	absent := func(place string) bool {
		return r.target.NullMeansAbsent != nil && r.target.NullMeansAbsent(endpoint, general(place))
	}
	return compareRequests(want, got, absent)
}

// checkAnswer compares what a call returned with what was recorded.
func checkAnswer(exchange *Exchange, out any) (lost, added []Difference, err error) {
	want, err := parse(exchange.Body())
	if err != nil {
		return nil, nil, fmt.Errorf("recorded response: %w", err)
	}
	data, err := json.Marshal(out)
	if err != nil {
		return nil, nil, fmt.Errorf("encoding the response again: %w", err)
	}
	got, err := parse(data)
	if err != nil {
		return nil, nil, fmt.Errorf("encoding the response again: %w", err)
	}
	lost, added = compareAnswers(want, got)
	return lost, added, nil
}

// checkError says what is wrong with the error of a refused call.
func (r *replay) checkError(exchange *Exchange, err error) string {
	if err == nil {
		return "no error"
	}
	got, ok := r.target.Error(err)
	if !ok {
		return fmt.Sprintf("an error of another type: %T: %v", err, err)
	}
	want := exchange.Refusal()
	if got != want {
		return fmt.Sprintf("%+v instead of %+v", got, want)
	}
	if want.Code != "" && !errors.Is(err, want.Code) {
		return fmt.Sprintf("errors.Is does not find the code %s", want.Code)
	}
	if want.ID != "" && !errors.Is(err, want.ID) {
		return fmt.Sprintf("errors.Is does not find the id %s", want.ID)
	}
	return ""
}

// noRoute matches what the web framework below Misskey says where Misskey itself
// would say UNKNOWN_API_ENDPOINT.
var noRoute = regexp.MustCompile(`^Route POST:\S+ not found$`)

// Refusal returns what an error response says: Misskey's own form has an object
// "error", that of the web framework below it has the code at the top.
func (e *Exchange) Refusal() Refusal {
	refusal := Refusal{Status: e.Status}
	var answer struct {
		Code    api.ErrorCode   `json:"code"`
		Message string          `json:"message"`
		Error   json.RawMessage `json:"error"`
	}
	if json.Unmarshal(e.Response, &answer) != nil {
		return refusal
	}
	var own struct {
		Code api.ErrorCode `json:"code"`
		ID   api.ErrorID   `json:"id"`
	}
	if json.Unmarshal(answer.Error, &own) == nil {
		refusal.Code, refusal.ID = own.Code, own.ID
		return refusal
	}
	refusal.Code = answer.Code
	if e.Status == 404 && noRoute.MatchString(answer.Message) {
		refusal.Code, refusal.ID = "UNKNOWN_API_ENDPOINT", "2ca3b769-540a-4f08-9dd5-b5a825b6d0f1"
	}
	return refusal
}

func (e *Exchange) multipart() bool { return e.mediaType() == "multipart/form-data" }

// decodeRequest decodes the recorded parameters into the pointer in, and
// refuses what has no place in it.
func decodeRequest(exchange *Exchange, in any) error {
	if in == nil || len(exchange.Request) == 0 {
		return nil
	}
	data := []byte(exchange.Request)
	if exchange.multipart() {
		var err error
		if data, err = typedForm(data, reflect.TypeOf(in).Elem()); err != nil {
			return err
		}
	}
	return strictly(data, in)
}

func strictly(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	d.UseNumber()
	return d.Decode(v)
}

// typedForm turns the fields of a form, which are all strings, into an object
// with values of the types that t has for them. The file is left out.
func typedForm(form []byte, t reflect.Type) ([]byte, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(form, &fields); err != nil {
		return nil, err
	}
	delete(fields, "file")
	for _, name := range keys(fields) {
		var text string
		if err := json.Unmarshal(fields[name], &text); err != nil {
			return nil, fmt.Errorf("field %s of the form is not a string: %w", name, err)
		}
		only, err := json.Marshal(map[string]json.RawMessage{name: fields[name]})
		if err != nil {
			return nil, err
		}
		if strictly(only, reflect.New(t).Interface()) != nil && json.Valid([]byte(text)) {
			fields[name] = json.RawMessage(text)
		}
	}
	return json.Marshal(fields)
}

// attachFile gives the pointer in, if it has a field for a file, one of the recorded
// size.
func attachFile(in any, exchange *Exchange) {
	if in == nil {
		return
	}
	v := reflect.ValueOf(in).Elem()
	if v.Kind() != reflect.Struct {
		return
	}
	field := v.FieldByName("File")
	if !field.IsValid() || field.Type() != reflect.TypeFor[api.File]() {
		return
	}
	var form struct {
		File SentFile `json:"file"`
	}
	// A refused request may have no file; then any will do.
	_ = json.Unmarshal(exchange.Request, &form)
	field.Set(reflect.ValueOf(api.File{
		Name:        form.File.Filename,
		ContentType: form.File.ContentType,
		Body:        io.LimitReader(zeros{}, form.File.Size),
	}))
}

// zeros is an endless file.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// wireQuery returns parameters as a query holds them: strings, or several of
// them.
func wireQuery(params map[string]any) map[string]any {
	text := func(v any) string {
		if s, ok := v.(string); ok {
			return s
		}
		data, err := encode(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		return string(data)
	}
	wire := map[string]any{}
	for name, value := range params {
		items, ok := value.([]any)
		if !ok {
			wire[name] = text(value)
			continue
		}
		texts := make([]any, len(items))
		for i, item := range items {
			texts[i] = text(item)
		}
		switch len(texts) {
		case 0:
		case 1:
			wire[name] = texts[0]
		default:
			wire[name] = texts
		}
	}
	return wire
}

// query returns a query that was sent in the form of [wireQuery].
func query(sent url.Values) map[string]any {
	wire := map[string]any{}
	for name, values := range sent {
		if len(values) == 1 {
			wire[name] = values[0]
			continue
		}
		texts := make([]any, len(values))
		for i, value := range values {
			texts[i] = value
		}
		wire[name] = texts
	}
	return wire
}

func number(n int) json.Number { return json.Number(strconv.Itoa(n)) }

// A route finds the operation of a recorded endpoint.
type route struct {
	op       *api.Operation
	segments []string
}

func routes(ops []*api.Operation) []route {
	all := make([]route, len(ops))
	for i, op := range ops {
		all[i] = route{op, strings.Split(op.Endpoint, "/")}
	}
	return all
}

// match returns the operation of an endpoint and the values of its path
// parameters, or nil.
func match(routes []route, endpoint string) (*api.Operation, []string) {
	segments := strings.Split(endpoint, "/")
	for _, r := range routes {
		if r.op.Endpoint == endpoint {
			return r.op, parameters(r, segments)
		}
	}
	for _, r := range routes {
		if strings.Contains(r.op.Endpoint, "{") && len(r.segments) == len(segments) && fits(r, segments) {
			return r.op, parameters(r, segments)
		}
	}
	return nil, nil
}

func fits(r route, segments []string) bool {
	for i, s := range r.segments {
		if !strings.HasPrefix(s, "{") && s != segments[i] {
			return false
		}
	}
	return true
}

func parameters(r route, segments []string) []string {
	var values []string
	for i, s := range r.segments {
		if strings.HasPrefix(s, "{") {
			values = append(values, segments[i])
		}
	}
	return values
}
