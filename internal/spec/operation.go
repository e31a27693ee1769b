package spec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// An operation is what the templates print of one endpoint.
type operation struct {
	Name       string // in Go
	Does       string // what the method does, to follow its name; empty if nothing says
	Endpoint   string
	Permission string
	Credential bool
	Secure     bool
	Role       string
	Policy     string
	Moved      bool // refuses accounts that have moved
	Limit      limit
	GET        bool
	GETOnly    bool
	CacheFor   time.Duration
	ReadOnly   bool
	Multipart  bool
	MayBeEmpty bool
	Errors     []apiError
	assumed    []string // the facts that are known of Misskey only, where the document is a fork's
	Caution    string   // what the endpoint does that nobody expects; empty for nothing

	Request    string      // Go type of the parameters; empty for none
	Result     string      // Go type of the response; empty for none
	username   string      // what the method takes as the name of a user to look up; empty for none
	FileField  string      // field of Request that is the file
	Parameters []parameter // of the path
	List       *list       // nil for a response without further pages
	NoList     string      // why List is nil

	Many *operation // the second method, for many; nil for none
	One  *operation // in a second method: the first

	PermissionConstant string // in Go; empty without a permission
}

type limit struct {
	Max         int64
	Window      time.Duration
	MinInterval time.Duration
}

type parameter struct{ Name, Variable string }

// describeCalls says of every operation what the method that performs it takes
// and returns, so that the client template has nothing to decide.
func (s *shaper) describeCalls() {
	for i, op := range eachOperation(s.doc) {
		o := s.operations[i]
		s.describeTypes(o, op.node)
		o.Does = line(s.docs.Operations[o.Endpoint].En)
		o.ReadOnly = s.readOnly(op.node, o)
		if o.ReadOnly {
			o.username = s.username(op.node)
		}
		o.List, o.NoList = s.findList(op.node, o)
		calls := sequence(o.call())
		if twin := op.twin(); twin != nil {
			o.Many = s.describeTwin(o, twin.node)
			calls = sequence(o.call(), o.Many.call())
		}
		set(op.node, extCall, calls)
	}
}

// describeTwin describes the second method of an operation.
func (s *shaper) describeTwin(o *operation, n *yaml.Node) *operation {
	twin := *o
	twin.Name, twin.Request, twin.Result, twin.username = text(get(n, "operationId")), "", "", ""
	twin.List, twin.Many, twin.One = nil, nil, o
	s.describeTypes(&twin, n)
	if o.ReadOnly {
		twin.username = s.username(n)
	}
	return &twin
}

// facts returns what the document says of an operation, but for its types.
func (s *shaper) facts(op endpointOperation) *operation {
	n := op.node
	milliseconds := func(key string) time.Duration {
		ms, _ := strconv.ParseInt(text(get(n, extLimit, key)), 10, 64)
		return time.Duration(ms) * time.Millisecond
	}
	o := &operation{
		Name:       text(get(n, "operationId")),
		Endpoint:   op.endpoint,
		Permission: text(get(n, extPermission)),
		Credential: isTrue(get(n, extCredential)),
		Secure:     isTrue(get(n, extSecure)),
		Role:       text(get(n, extRole)),
		Policy:     text(get(n, extPolicy)),
		Moved:      isTrue(get(n, extProhibitMoved)),
		Limit:      limit{Window: milliseconds("duration"), MinInterval: milliseconds("min-interval")},
		GET:        isTrue(get(n, extGET)),
		GETOnly:    op.method == "get",
		MayBeEmpty: isTrue(get(n, extMayBe)),
		Errors:     operationErrors(get(n, extErrors)),
		Caution:    text(get(n, extCaution)),
	}
	o.assumed = texts(get(n, extAssumed))
	o.Limit.Max, _ = strconv.ParseInt(text(get(n, extLimit, "max")), 10, 64)
	seconds, _ := strconv.ParseInt(text(get(n, extCacheSeconds)), 10, 64)
	o.CacheFor = time.Duration(seconds) * time.Second
	for _, p := range items(get(n, "parameters")) {
		name := text(get(p, "name"))
		p := parameter{name, variable(name)}
		for slices.ContainsFunc(o.Parameters, func(other parameter) bool { return other.Variable == p.Variable }) {
			p.Variable += "Param"
		}
		o.Parameters = append(o.Parameters, p)
	}
	return o
}

// describeTypes adds what the operation takes and returns.
func (s *shaper) describeTypes(o *operation, n *yaml.Node) {
	mediaType, holder := content(get(n, "requestBody"))
	if schema := get(holder, "schema"); schema != nil {
		o.Multipart = mediaType == "multipart/form-data"
		component := s.target(schema)
		if !isObject(component) || len(get(component, "properties").Content) > 0 {
			o.Request = s.goType(schema)
		}
		for _, p := range pairs(get(component, "properties")) {
			if text(get(p, extGoType)) == "api.File" {
				o.FileField = text(get(p, "x-go-name"))
			}
		}
	}
	_, holder = content(get(n, "responses", "200"))
	if schema := get(holder, "schema"); schema != nil {
		component := s.target(schema)
		if isObject(component) && len(get(component, "properties").Content) == 0 && !isMap(get(component, "additionalProperties")) {
			component = nil
		}
		if component != nil {
			o.Result = s.goType(schema)
			if nullableRef(schema) != "" && get(schema, "$ref") == nil || isNullable(schema) {
				o.MayBeEmpty = true
			}
		}
	}
}

// username returns the expression for the name of a user that the parameters of an
// operation hold, or "".
func (s *shaper) username(n *yaml.Node) string {
	_, holder := content(get(n, "requestBody"))
	p := get(s.target(get(holder, "schema")), "properties", "username")
	if p == nil {
		return ""
	}
	field := "req." + text(get(p, "x-go-name"))
	switch s.fieldType(p) {
	case "string":
		return field
	case "*string":
		return "api.Or(" + field + `, "")`
	}
	return ""
}

// readOnly applies the rule of what may be sent again: a call that can be sent
// as GET or that needs no more than permission to read, unless the overlay
// knows better.
func (s *shaper) readOnly(n *yaml.Node, o *operation) bool {
	if v := get(n, extReadOnly); v != nil {
		return isTrue(v)
	}
	return o.GET || o.GETOnly || strings.HasPrefix(o.Permission, "read:") && o.Result != ""
}

// pointerResult reports whether the method returns a pointer to the response.
func (o *operation) pointerResult() bool {
	switch {
	case o.Result == "any", o.Result == "json.RawMessage":
		return false
	case strings.HasPrefix(o.Result, "[]"), strings.HasPrefix(o.Result, "map["):
		return false
	case slices.Contains([]string{"string", "int", "int64", "float64", "bool", "time.Time"}, o.Result):
		return o.MayBeEmpty
	}
	return true
}

// call returns what the client template prints.
func (o *operation) call() *yaml.Node {
	var args []string
	op := "Op" + o.Name
	if o.One != nil {
		op = "Op" + o.One.Name
	}
	for _, p := range o.Parameters {
		args = append(args, p.Variable+" string")
		op += fmt.Sprintf(".WithPath(%q, %s)", p.Name, p.Variable)
	}
	in := "nil"
	if o.Request != "" {
		args = append(args, "req "+o.Request)
		in = "req"
	}
	how := "none"
	switch {
	case o.Result != "" && o.pointerResult() && o.MayBeEmpty:
		how = "optional"
	case o.Result != "" && o.pointerResult():
		how = "pointer"
	case o.Result != "":
		how = "value"
	}
	arguments := ""
	if len(args) > 0 {
		arguments = ", " + strings.Join(args, ", ")
	}
	return mapping(
		"name", str(o.Name),
		"username", str(o.username),
		"comment", str(o.comment()),
		"arguments", str(arguments),
		"operation", str(op),
		"in", str(in),
		"result", str(o.Result),
		"how", str(how),
		"request", str(o.Request),
		"file", str(o.FileField),
	)
}

// comment returns the doc comment of the method, without slashes.
func (o *operation) comment() string {
	what := fmt.Sprintf("%s calls %s", o.Name, o.Endpoint)
	if o.Does != "" {
		what = fmt.Sprintf("%s %s It calls %s", o.Name, o.Does, o.Endpoint)
	}
	switch {
	case o.Many != nil:
		what += fmt.Sprintf("; [Client.%s] asks it for several at once", o.Many.Name)
	case o.One != nil:
		what += fmt.Sprintf(" for several at once; [Client.%s] asks it for one", o.One.Name)
	}
	what += "."
	lines := append(wrap(what), "")
	lines = append(lines, wrap(strings.Join(o.facts(), " "))...)
	if o.Caution != "" {
		lines = append(lines, "")
		lines = append(lines, wrap(o.Caution)...)
	}
	if len(o.Errors) > 0 {
		var codes []string
		for _, e := range o.Errors {
			if name := "[" + e.Constant + "]"; e.Constant != "" && !slices.Contains(codes, name) {
				codes = append(codes, name)
			}
		}
		slices.Sort(codes)
		if len(codes) > 0 {
			lines = append(lines, "")
			lines = append(lines, wrap("Errors: "+strings.Join(codes, ", ")+".")...)
		}
	}
	for i := range lines {
		lines[i] = line(lines[i])
	}
	return strings.Join(lines, "\n")
}

// facts are what a caller should know of the endpoint, a sentence each.
func (o *operation) facts() []string {
	var facts []string
	add := func(format string, args ...any) { facts = append(facts, fmt.Sprintf(format, args...)) }
	switch {
	case o.Secure:
		add("It needs an account's own token and refuses those of apps.")
	case o.Permission != "" && o.Credential:
		add("It needs a token; that of an app needs the permission %s.", o.Permission)
	case o.Permission != "":
		add("It needs no token, but that of an app needs the permission %s.", o.Permission)
	case o.Credential:
		add("It needs a token.")
	default:
		add("It needs no token.")
	}
	facts = append(facts, o.said().conditions()...)
	if assumed := o.guessed().conditions(); len(assumed) > 0 {
		facts = append(facts, "In Misskey itself: "+strings.Join(assumed, " "))
	}
	switch {
	case o.GETOnly:
		add("It is sent as GET.")
	case o.GET:
		add("It can be sent as GET.")
	}
	if o.MayBeEmpty {
		add("The result is nil where the server answers that there is none.")
	}
	return facts
}

// conditions say who may call, and how often.
func (o *operation) conditions() []string {
	var facts []string
	add := func(format string, args ...any) { facts = append(facts, fmt.Sprintf(format, args...)) }
	switch {
	case o.Role != "":
		add("The account must be %s %s.", article(o.Role), o.Role)
	case o.Policy != "":
		add("The account needs the role policy %s.", o.Policy)
	}
	if o.Moved {
		add("It refuses accounts that have moved.")
	}
	if o.Limit.Max > 0 && o.Limit.Window > 0 {
		add("It is limited to %d calls in %s.", o.Limit.Max, duration(o.Limit.Window))
	}
	if o.Limit.MinInterval > 0 {
		add("Calls must be %s apart.", duration(o.Limit.MinInterval))
	}
	return facts
}

// said returns the operation without what is known of Misskey only.
func (o *operation) said() *operation {
	return o.without(func(key string) bool { return slices.Contains(o.assumed, key) })
}

// guessed returns the operation with only that of the facts which the overlay adds.
func (o *operation) guessed() *operation {
	return o.without(func(key string) bool { return !slices.Contains(o.assumed, key) })
}

func (o *operation) without(leaveOut func(key string) bool) *operation {
	c := *o
	for _, fact := range []struct {
		key   string
		clear func()
	}{
		{extRole, func() { c.Role = "" }},
		{extPolicy, func() { c.Policy = "" }},
		{extProhibitMoved, func() { c.Moved = false }},
		{extLimit, func() { c.Limit = limit{} }},
		{extCacheSeconds, func() { c.CacheFor = 0 }},
	} {
		if leaveOut(fact.key) {
			fact.clear()
		}
	}
	return &c
}

func article(word string) string {
	if strings.ContainsAny(word[:1], "aeiou") {
		return "an"
	}
	return "a"
}

// wrap breaks a text into lines of at most 100 characters where it can.
func wrap(s string) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(s) {
		if line != "" && len(line)+1+len(word) > 100 {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// Literal returns the operation as a Go composite literal.
func (o *operation) Literal() string {
	o = o.said()
	var fields []string
	add := func(name, value string) { fields = append(fields, name+": "+value) }
	add("Endpoint", strconv.Quote(o.Endpoint))
	if o.Permission != "" {
		add("Permission", o.PermissionConstant)
	}
	for _, flag := range []struct {
		name string
		set  bool
	}{
		{"Credential", o.Credential}, {"Secure", o.Secure}, {"ProhibitMoved", o.Moved}, {"GET", o.GET}, {"GETOnly", o.GETOnly},
		{"ReadOnly", o.ReadOnly}, {"Multipart", o.Multipart}, {"MayBeEmpty", o.MayBeEmpty},
	} {
		if flag.set {
			add(flag.name, "true")
		}
	}
	switch o.Role {
	case "":
	case "moderator", "administrator":
		add("Role", "api.Role"+goName(o.Role))
	default:
		add("Role", strconv.Quote(o.Role))
	}
	if o.Policy != "" {
		add("Policy", strconv.Quote(o.Policy))
	}
	if o.Limit != (limit{}) {
		var parts []string
		if o.Limit.Max > 0 {
			parts = append(parts, fmt.Sprintf("Max: %d", o.Limit.Max))
		}
		if o.Limit.Window > 0 {
			parts = append(parts, "Window: "+durationLiteral(o.Limit.Window))
		}
		if o.Limit.MinInterval > 0 {
			parts = append(parts, "MinInterval: "+durationLiteral(o.Limit.MinInterval))
		}
		add("Limit", "api.Limit{"+strings.Join(parts, ", ")+"}")
	}
	if o.CacheFor > 0 {
		add("CacheFor", durationLiteral(o.CacheFor))
	}
	var codes []string
	for _, e := range o.Errors {
		if e.Constant != "" && !slices.Contains(codes, e.Constant) {
			codes = append(codes, e.Constant)
		}
	}
	if len(codes) > 0 {
		slices.Sort(codes)
		add("Errors", "[]ErrorCode{"+strings.Join(codes, ", ")+"}")
	}
	return "&Operation{" + strings.Join(fields, ", ") + "}"
}

// duration says in words how long d is.
func duration(d time.Duration) string {
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		switch n := d / unit.size; {
		case d%unit.size != 0:
		case n == 1:
			return "1 " + unit.name
		default:
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	return fmt.Sprintf("%d milliseconds", d.Milliseconds())
}

func durationLiteral(d time.Duration) string {
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{time.Hour, "time.Hour"}, {time.Minute, "time.Minute"}, {time.Second, "time.Second"}} {
		switch {
		case d == unit.size:
			return unit.name
		case d%unit.size == 0:
			return fmt.Sprintf("%d * %s", d/unit.size, unit.name)
		}
	}
	return fmt.Sprintf("%d * time.Millisecond", d.Milliseconds())
}

// Summary is the first sentence of what the method does, for a table.
func (o *operation) Summary() string {
	first, _, _ := strings.Cut(o.Does, ". ")
	return strings.ReplaceAll(strings.TrimSuffix(first, "."), "|", `\|`)
}

// Auth says in a word who may call, for the index.
func (o *operation) Auth() string {
	o = o.said()
	switch {
	case o.Role != "":
		return o.Role
	case o.Policy != "":
		return o.Policy
	case o.Credential:
		return "token"
	}
	return "–"
}

// Apps says in a word what the token of an app needs, for the index.
func (o *operation) Apps() string {
	if o.Secure {
		return "*own token only*"
	}
	return o.Permission
}

// LimitText returns the rate limit for the index.
func (o *operation) LimitText() string {
	o = o.said()
	var parts []string
	if o.Limit.Max > 0 && o.Limit.Window > 0 {
		parts = append(parts, fmt.Sprintf("%d in %s", o.Limit.Max, duration(o.Limit.Window)))
	}
	if o.Limit.MinInterval > 0 {
		parts = append(parts, fmt.Sprintf("%s apart", duration(o.Limit.MinInterval)))
	}
	return strings.Join(parts, ", ")
}
