package spec

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v4"
)

// A nameTable is names.yaml: the names that are better than the rule's, and all
// names that gen has, so that none of them changes or goes by accident.
type nameTable struct {
	// Types maps the name that the rule gives to the name to use.
	Types map[string]string `yaml:"types"`
	// Released are the exported identifiers of gen; methods as Client.Name.
	Released []string `yaml:"released"`
	// Removed are those that an upgrade took away on purpose.
	Removed []string `yaml:"removed"`

	// chosen holds the names that Types gives, used those that it gave.
	chosen map[string]bool
	used   map[string]bool
}

// readNames reads a name table; no data is an empty table.
func readNames(data []byte) (*nameTable, error) {
	t := &nameTable{}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if len(bytes.TrimSpace(data)) > 0 {
		if err := decoder.Decode(t); err != nil {
			return nil, fmt.Errorf("reading the name table: %w", err)
		}
	}
	t.chosen, t.used = map[string]bool{}, map[string]bool{}
	var errs []error
	for _, from := range slices.Sorted(maps.Keys(t.Types)) {
		to := t.Types[from]
		switch {
		case to == from:
			errs = append(errs, fmt.Errorf("names.yaml: types: %s is mapped to itself; remove it", from))
		case t.Types[to] != "":
			errs = append(errs, fmt.Errorf("names.yaml: types: %s is mapped to %s, which is mapped on to %s; map it once", from, to, t.Types[to]))
		case identifier(to) != to:
			errs = append(errs, fmt.Errorf("names.yaml: types: %s is mapped to %q, which is not an exported identifier", from, to))
		}
		t.chosen[to] = true
	}
	return t, errors.Join(errs...)
}

// apply returns the name to use where the rule gives name.
func (t *nameTable) apply(name string) string {
	if to, ok := t.Types[name]; ok {
		t.used[name] = true
		return to
	}
	return name
}

// check compares the identifiers that gen has with those that were released,
// and refuses entries that gave no name. With accept, what vanished goes to the
// removed ones instead. It returns the table to write.
func (t *nameTable) check(identifiers []string, accept bool) (*nameTable, error) {
	next := &nameTable{Types: maps.Clone(t.Types), Removed: slices.Clone(t.Removed)}
	var errs []error
	for _, from := range slices.Sorted(maps.Keys(t.Types)) {
		if t.used[from] {
			continue
		}
		if accept {
			delete(next.Types, from)
			continue
		}
		errs = append(errs, fmt.Errorf("names.yaml: types: no type is called %s any more", from))
	}
	for _, name := range t.Released {
		if slices.Contains(identifiers, name) {
			continue
		}
		if accept {
			next.Removed = append(next.Removed, name)
			continue
		}
		errs = append(errs, fmt.Errorf("names.yaml: released: %s vanished", name))
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("%w\nkeep the names by entries in types:, or run generate -accept-names", errors.Join(errs...))
	}
	next.Released = slices.Sorted(slices.Values(identifiers))
	next.Removed = slices.DeleteFunc(next.Removed, func(name string) bool { return slices.Contains(identifiers, name) })
	slices.Sort(next.Removed)
	next.Removed = slices.Compact(next.Removed)
	return next, nil
}

const namesHeader = `# Names of the generated package. Under types, by hand: what the rule would call a
# type, and the name to use. The lists below are written by misskey-spec generate:
# every exported identifier that gen has, and those that it had. A name that
# vanishes stops generation; generate -accept-names moves it to removed.
`

// bytes returns the table as it is written.
func (t *nameTable) bytes() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(namesHeader)
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(t); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
