package spec

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// endpoints compares the operations, and by them everything that they reach.
func (d *differ) endpoints() {
	for _, endpoint := range sortedKeys(d.old.operations) {
		old, next := d.old.operations[endpoint], d.new.operations[endpoint]
		if next == nil {
			d.add(Change{Part: PartEndpoint, Kind: "endpoint removed", Place: endpoint, Wire: Breaking, claims: d.operationSymbols(old)})
			continue
		}
		for _, f := range operationFacts(old, next) {
			f.Place = endpoint
			d.add(f)
		}
		oldNode, newNode := d.old.wireOps[endpoint].node, d.new.wireOps[endpoint].node
		d.bodies(endpoint, old, next, oldNode, newNode)
		if old.Many != nil && next.Many != nil {
			d.bodies(endpoint, old.Many, next.Many, get(oldNode, extTwin), get(newNode, extTwin))
		}
	}
	for _, endpoint := range sortedKeys(d.new.operations) {
		if d.old.operations[endpoint] == nil {
			d.add(Change{Part: PartEndpoint, Kind: "endpoint added", Place: endpoint, claims: d.operationSymbols(d.new.operations[endpoint])})
		}
	}
}

// operationSymbols returns what an operation is in Go, but for its types.
func (d *differ) operationSymbols(o *operation) []string {
	names := []string{"Op" + o.Name, "Client." + o.Name, "Client." + o.Name + "All", "Client." + o.Name + "Many"}
	for _, e := range o.Errors {
		names = append(names, d.errorSymbols(e)...)
	}
	return names
}

// bodies compares the parameters and the responses of an operation.
func (d *differ) bodies(endpoint string, old, next *operation, oldNode, newNode *yaml.Node) {
	oldRequest, oldResponse := bodies(oldNode)
	newRequest, newResponse := bodies(newNode)
	method := "Client." + old.Name
	switch {
	case old.Request == "" && next.Request != "":
		d.add(Change{Part: PartEndpoint, Kind: "parameters added", Place: endpoint, New: next.Request, claims: []string{method}, types: d.new.types(newRequest)})
	case old.Request != "" && next.Request == "":
		d.add(Change{Part: PartEndpoint, Kind: "parameters removed", Place: endpoint, Old: old.Request, Wire: Breaking, claims: []string{method}, types: d.old.types(oldRequest)})
	}
	// A call without parameters is one with an empty object.
	if oldRequest != nil || newRequest != nil {
		empty := mapping("type", str("object"), "properties", mapping())
		if oldRequest == nil {
			oldRequest = empty
		}
		if newRequest == nil {
			newRequest = empty
		}
		w := wireValue{part: PartEndpoint, place: endpoint + " parameters", name: next.Name + "Request", symbols: []string{method}, dir: request, requests: []string{endpoint}}
		d.value(w, oldRequest, newRequest)
	}
	switch {
	case oldResponse == nil && newResponse != nil:
		d.add(Change{Part: PartEndpoint, Kind: "response added", Place: endpoint, New: d.new.describe(newResponse), claims: []string{method}, types: d.new.types(newResponse)})
	case oldResponse != nil && newResponse == nil:
		d.add(Change{Part: PartEndpoint, Kind: "response removed", Place: endpoint, Old: d.old.describe(oldResponse), Wire: Breaking, claims: []string{method}, types: d.old.types(oldResponse)})
	case oldResponse != nil:
		w := wireValue{part: PartEndpoint, place: endpoint + " response", name: next.Name + "Response", symbols: []string{method}, dir: response, responses: []string{endpoint}}
		d.value(w, oldResponse, newResponse)
	}
}

// operationFacts compares what is said of an operation besides its types.
func operationFacts(old, next *operation) []Change {
	var changes []Change
	add := func(kind, before, after string, wire Severity) {
		if before != after {
			changes = append(changes, Change{Part: PartEndpoint, Kind: kind, Old: before, New: after, Wire: wire})
		}
	}
	// flag adds a change of what is so or not; then and otherwise are what it
	// means that it is so from now on, or no longer.
	flag := func(before, after bool, now, no string, then, otherwise Severity) {
		switch {
		case !before && after:
			changes = append(changes, Change{Part: PartEndpoint, Kind: now, Wire: then})
		case before && !after:
			changes = append(changes, Change{Part: PartEndpoint, Kind: no, Wire: otherwise})
		}
	}
	narrower := func(before, after string) Severity {
		if after == "" || before == after {
			return Harmless
		}
		return Breaking
	}
	flag(old.Credential, next.Credential, "token needed", "token no longer needed", Breaking, Harmless)
	flag(old.Secure, next.Secure, "closed to apps", "open to apps", Breaking, Harmless)
	flag(old.Moved, next.Moved, "closed to moved accounts", "open to moved accounts", Breaking, Harmless)
	flag(old.GET, next.GET, "GET allowed", "GET no longer allowed", Harmless, Breaking)
	flag(old.GETOnly, next.GETOnly, "GET instead of POST", "POST instead of GET", Breaking, Breaking)
	flag(old.Multipart, next.Multipart, "form instead of JSON", "JSON instead of a form", Breaking, Breaking)
	flag(old.MayBeEmpty, next.MayBeEmpty, "response may be empty", "response never empty", Breaking, Harmless)
	flag(old.ReadOnly, next.ReadOnly, "read-only", "no longer read-only", Harmless, Notable)
	add("permission changed", old.Permission, next.Permission, narrower(old.Permission, next.Permission))
	role := narrower(old.Role, next.Role)
	if old.Role == "administrator" && next.Role == "moderator" {
		role = Harmless
	}
	add("role changed", old.Role, next.Role, role)
	add("role policy changed", old.Policy, next.Policy, narrower(old.Policy, next.Policy))
	add("rate limit changed", old.Limit.describe(), next.Limit.describe(), old.Limit.severity(next.Limit))
	add("cache time changed", seconds(old.CacheFor), seconds(next.CacheFor), Harmless)
	for i := range changes {
		changes[i].claims = []string{"Client." + old.Name, "Client." + old.Name + "All"}
	}
	return changes
}

func seconds(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return duration(d)
}

func (l limit) describe() string { return (&operation{Limit: l}).LimitText() }

// severity says whether a program that keeps to the limit l breaks next.
func (l limit) severity(next limit) Severity {
	switch {
	case next.MinInterval > l.MinInterval:
		return Breaking
	case next.Max == 0 || next.Window == 0: // no limit now
		return Harmless
	case l.Max == 0 || l.Window == 0:
		return Breaking
	case next.Max < l.Max, next.Window > l.Window && float64(next.Max)/float64(next.Window) < float64(l.Max)/float64(l.Window):
		return Breaking
	}
	return Harmless
}

// everywhere stands for all endpoints.
const everywhere = "every endpoint"

// errors compares the errors of the endpoints that both documents have, and
// those of all. An error that many endpoints get or lose is one change.
func (d *differ) errors() {
	d.errorsOf(everywhere, genericErrors(d.old.overlaid), genericErrors(d.new.overlaid))
	for _, endpoint := range sortedKeys(d.old.operations) {
		if next := d.new.operations[endpoint]; next != nil {
			d.errorsOf(endpoint, d.old.operations[endpoint].Errors, next.Errors)
		}
	}
}

func (d *differ) errorsOf(endpoint string, old, next []apiError) {
	missing := func(from, in []apiError) []apiError {
		return slices.DeleteFunc(slices.Clone(from), func(e apiError) bool {
			return slices.ContainsFunc(in, func(o apiError) bool { return o.describe() == e.describe() })
		})
	}
	gone, come := missing(old, next), missing(next, old)
	at := []string{endpoint}
	for _, e := range gone {
		// The same code with another id, or the same id with another code.
		i := slices.IndexFunc(come, func(o apiError) bool { return o.ID == e.ID && o.ID != "" || o.Code == e.Code && o.Code != "" })
		if i < 0 {
			d.add(Change{Part: PartError, Kind: "error removed", Place: e.label(), Old: e.details(), Wire: Notable, Endpoints: at, claims: d.errorSymbols(e)})
			continue
		}
		severity := Notable
		if come[i].ID != e.ID || come[i].Code != e.Code {
			severity = Breaking
		}
		d.add(Change{Part: PartError, Kind: "error changed", Place: e.label(), Old: e.describe(), New: come[i].describe(), Wire: severity, Endpoints: at,
			claims: append(d.errorSymbols(e), d.errorSymbols(come[i])...)})
		come = slices.Delete(come, i, i+1)
	}
	for _, e := range come {
		d.add(Change{Part: PartError, Kind: "error added", Place: e.label(), New: e.details(), Wire: Notable, Endpoints: at, claims: d.errorSymbols(e)})
	}
}

func (e apiError) label() string {
	if e.Code != "" {
		return e.Code
	}
	return e.ID
}

// describe returns what tells an error from others.
func (e apiError) describe() string {
	parts := []string{e.Code}
	for _, part := range []struct{ name, value string }{{"id", e.ID}, {"kind", e.Kind}, {"status", e.Status}} {
		if part.value != "" {
			parts = append(parts, part.name+" "+part.value)
		}
	}
	return strings.TrimSpace(strings.Join(parts, " "))
}

// details is describe without what label says.
func (e apiError) details() string {
	return strings.TrimSpace(strings.TrimPrefix(e.describe(), e.label()))
}

// errorSymbols returns the constants of an error in both packages.
func (d *differ) errorSymbols(e apiError) []string {
	var names []string
	for _, doc := range []*diffDocument{d.old, d.new} {
		for _, list := range []struct {
			constants []constant
			value     string
		}{{doc.codes, e.Code}, {doc.ids, e.ID}} {
			for _, c := range list.constants {
				if c.Value == list.value && c.Value != "" {
					names = append(names, c.Name)
				}
			}
		}
	}
	return names
}

// permissions compares which permissions there are.
func (d *differ) permissions() {
	constants := func(list []constant) map[string]string {
		names := map[string]string{}
		for _, c := range list {
			names[c.Value] = c.Name
		}
		return names
	}
	old, next := constants(d.old.permissions), constants(d.new.permissions)
	for _, name := range sortedKeys(old) {
		if next[name] == "" {
			d.add(Change{Part: PartPermission, Kind: "permission removed", Place: name, Wire: Breaking, claims: []string{old[name]}})
		}
	}
	for _, name := range sortedKeys(next) {
		if old[name] == "" {
			d.add(Change{Part: PartPermission, Kind: "permission added", Place: name, claims: []string{next[name]}})
		}
	}
}
