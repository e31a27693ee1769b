package spec

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"
)

// Every operation of Misskey's document repeats the same five or six error
// responses. What distinguishes them, the codes and ids, stands in the examples.
// The importer writes each response once, below components, with the errors
// that all operations share; what is left are the operation's own errors, in
// its x-misskey-errors.

// errorTables holds the errors of each response that was read. A response
// without errors is there, too.
type errorTables map[*yaml.Node][]*yaml.Node

// readErrors collects the errors that the response before has in examples or,
// where Import has been at work before, in its x-misskey-errors.
func readErrors(r *reducer, before, after *yaml.Node, at pointer) error {
	if get(after, "description") == nil {
		if r.strict {
			return fmt.Errorf("%s: there is no description field, which OpenAPI requires of a response: an empty one will do", at)
		}
		set(after, "description", str(""))
	}
	errs, err := listedErrors(after, at)
	if err := r.tolerate(at.at(extErrors), err); err != nil {
		return err
	}
	remove(after, extErrors)
	for kind, media := range pairs(get(before, "content")) {
		at := at.at("content", kind)
		found, err := r.readExamples(media, at)
		if err := r.tolerate(at.at("examples"), err); err != nil {
			return err
		}
		errs = append(errs, found...)
	}
	r.errors[after] = errs
	return nil
}

// readExamples returns the errors in the examples of a media type.
func (r *reducer) readExamples(media *yaml.Node, at pointer) ([]*yaml.Node, error) {
	errs, err := readError(get(media, "example", "error"), at.at("example", "error"))
	if err != nil {
		return nil, err
	}
	for name, example := range pairs(get(media, "examples")) {
		at := at.at("examples", name)
		if ref := get(example, "$ref"); ref != nil {
			if example, err = r.refs.follow(ref, at.at("$ref")); err != nil {
				return nil, err
			}
		}
		found, err := readError(get(example, "value", "error"), at.at("value", "error"))
		if err != nil {
			return nil, err
		}
		errs = append(errs, found...)
	}
	return errs, nil
}

// listedErrors returns the x-misskey-errors of n.
func listedErrors(n *yaml.Node, at pointer) ([]*yaml.Node, error) {
	list := get(n, extErrors)
	if list == nil {
		return nil, nil
	}
	at = at.at(extErrors)
	if !isSeq(list) {
		return nil, fmt.Errorf("%s: %s stands where an array is expected", at, kindName(list))
	}
	for i, e := range list.Content {
		if !isMap(e) {
			return nil, notAnObject(at.index(i), e)
		}
	}
	return slices.Clone(list.Content), nil
}

// readError returns what of an example's error is fact: code, id, kind and
// status. An example that has neither code nor id says nothing.
func readError(n *yaml.Node, at pointer) ([]*yaml.Node, error) {
	if get(n, "code") == nil && get(n, "id") == nil {
		return nil, nil
	}
	e := mapping()
	for _, f := range []struct{ from, to, tag, want string }{
		{"code", "code", "!!str", "a string"},
		{"id", "id", "!!str", "a string"},
		{"kind", "kind", "!!str", "a string"},
		{"httpStatusCode", "status", "!!int", "a whole number"},
	} {
		value := get(n, f.from)
		if value == nil {
			continue
		}
		if value.Tag != f.tag {
			return nil, fmt.Errorf("%s: %s stands where %s is expected", at.at(f.from), kindName(value), f.want)
		}
		set(e, f.to, value)
	}
	return []*yaml.Node{e}, nil
}

// A responseUse is one entry in the responses of an operation.
type responseUse struct {
	operation *yaml.Node
	status    string
	response  *yaml.Node // itself, not a reference to it
	errors    []*yaml.Node
}

func (u responseUse) put(response *yaml.Node) {
	set(get(u.operation, "responses"), u.status, response)
}

// factorErrors moves the error responses of all operations to components.
// References to responses are written out first, so that a document that has
// been through here before comes out the same.
func factorErrors(doc *yaml.Node, tables errorTables, strict bool) error {
	uses, err := responseUses(doc, tables, strict)
	if err != nil {
		return err
	}
	byStatus := map[string][]responseUse{}
	for _, u := range uses {
		u.put(clone(u.response))
		if strings.HasPrefix(u.status, "4") || strings.HasPrefix(u.status, "5") {
			byStatus[u.status] = append(byStatus[u.status], u)
		}
	}
	responses := mapping()
	for status, uses := range byStatus {
		set(responses, responseName(status), factor(uses))
	}
	components := get(doc, "components")
	if components == nil {
		components = mapping()
		set(doc, "components", components)
	}
	remove(components, "responses")
	if len(responses.Content) > 0 {
		set(components, "responses", responses)
	}
	return nil
}

// responseUses lists the responses of all operations.
func responseUses(doc *yaml.Node, tables errorTables, strict bool) ([]responseUse, error) {
	var uses []responseUse
	for path, item := range pairs(get(doc, "paths")) {
		if strings.HasPrefix(path, "x-") {
			continue
		}
		for method, operation := range pairs(item) {
			for status, response := range pairs(get(operation, "responses")) {
				if strings.HasPrefix(status, "x-") {
					continue
				}
				at := root.at("paths", path, method, "responses", status)
				for range maxNesting { // the reducer has seen that references end
					ref := get(response, "$ref")
					if ref == nil {
						break
					}
					response = resolveRef(doc, ref.Value)
				}
				errs, ok := tables[response]
				switch {
				case ok:
				case !strict: // it was left out
					response = mapping("description", str(""))
				default:
					return nil, fmt.Errorf("%s: the reference does not lead to a response", at.at("$ref"))
				}
				uses = append(uses, responseUse{operation, status, response, errs})
			}
		}
	}
	return uses, nil
}

// factor returns the response that most of the uses of one status share, with
// the errors that all of those share, and has them refer to it. The other
// errors become the operations' own. A response that differs in more than its
// errors stays where it is.
func factor(uses []responseUse) *yaml.Node {
	groups := map[string][]responseUse{}
	for _, u := range uses {
		key := canonical(u.response)
		groups[key] = append(groups[key], u)
	}
	most := slices.MaxFunc(slices.Collect(maps.Keys(groups)), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(groups[a]), len(groups[b])), cmp.Compare(b, a))
	})
	component := clone(groups[most][0].response)
	shared := sharedErrors(groups[most])
	setErrors(component, slices.Collect(maps.Values(shared)))
	ref := root.at("components", "responses", responseName(uses[0].status))
	for key, group := range groups {
		for _, u := range group {
			if key == most {
				u.put(mapping("$ref", str(string(ref))))
			}
			own := items(get(u.operation, extErrors))
			for _, e := range u.errors {
				if key != most || shared[canonical(e)] == nil {
					own = append(own, withStatus(e, u.status))
				}
			}
			setErrors(u.operation, own)
		}
	}
	return component
}

// sharedErrors returns, by canonical text, the errors that all uses have.
func sharedErrors(uses []responseUse) map[string]*yaml.Node {
	shared := map[string]*yaml.Node{}
	for _, e := range uses[0].errors {
		shared[canonical(e)] = e
	}
	for _, u := range uses[1:] {
		maps.DeleteFunc(shared, func(key string, _ *yaml.Node) bool {
			return !slices.ContainsFunc(u.errors, func(e *yaml.Node) bool { return canonical(e) == key })
		})
	}
	return shared
}

// withStatus adds to an operation's own error the status of the response that
// it stood under, unless the error has one. Misskey puts all of them under 400,
// whatever their status: that says nothing.
func withStatus(e *yaml.Node, status string) *yaml.Node {
	if _, err := strconv.Atoi(status); err != nil || status == "400" || get(e, "status") != nil {
		return e
	}
	e = clone(e)
	set(e, "status", scalarNode("!!int", status))
	return e
}

// setErrors writes errors, sorted by code and id and each once, to the
// x-misskey-errors of n.
func setErrors(n *yaml.Node, errs []*yaml.Node) {
	errs = slices.SortedFunc(slices.Values(errs), func(a, b *yaml.Node) int {
		return cmp.Or(
			cmp.Compare(text(get(a, "code")), text(get(b, "code"))),
			cmp.Compare(text(get(a, "id")), text(get(b, "id"))),
			cmp.Compare(canonical(a), canonical(b)),
		)
	})
	errs = slices.CompactFunc(errs, func(a, b *yaml.Node) bool { return canonical(a) == canonical(b) })
	remove(n, extErrors)
	if len(errs) > 0 {
		set(n, extErrors, sequence(errs...))
	}
}

// responseName returns the name of the component for the responses of a status:
// 404 is NotFound.
func responseName(status string) string {
	code, _ := strconv.Atoi(status)
	words := strings.FieldsFunc(strings.ReplaceAll(http.StatusText(code), "'", ""), func(r rune) bool {
		return !unicode.IsLetter(r)
	})
	if len(words) == 0 {
		return "Status" + status
	}
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}
