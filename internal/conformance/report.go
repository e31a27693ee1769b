package conformance

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// A Kind is what is wrong with an exchange.
type Kind string

// The kinds of findings.
const (
	// Inexpressible is a request that was not sent as recorded.
	Inexpressible Kind = "requests inexpressible"

	// Failed is a response of success that ended in an error.
	Failed Kind = "answers failed"

	// Lossy is a response of which something was lost.
	Lossy Kind = "lossy"

	// Untyped is an error without its status, code or id.
	Untyped Kind = "errors untyped"

	// Invented is a value in a response that the server did not send.
	Invented Kind = "values invented"
)

// Kinds are all kinds in the order of reports.
var Kinds = []Kind{Inexpressible, Failed, Lossy, Untyped, Invented}

// A Finding is one thing that is wrong.
type Finding struct {
	Kind     Kind
	Endpoint string
	Difference

	// Source is the file and the line of the exchange.
	Source string
}

// A Report is the outcome of a replay.
type Report struct {
	// Exchanges, Requests, Answers and Errors count what was replayed:
	// everything, accepted requests, their responses, and refusals.
	Exchanges, Requests, Answers, Errors int

	// Endpoints counts the exchanges of each endpoint that the client knows.
	Endpoints map[string]int

	// Successes counts those of them that succeeded.
	Successes map[string]int

	// Unknown counts the exchanges of endpoints that the client does not
	// know. They were called by name.
	Unknown map[string]int

	Findings []Finding
}

// Clean returns the number of endpoints that the client knows and that have no
// finding.
func (r *Report) Clean() int {
	dirty := map[string]bool{}
	for _, f := range r.Findings {
		dirty[f.Endpoint] = true
	}
	clean := 0
	for endpoint := range r.Endpoints {
		if !dirty[endpoint] {
			clean++
		}
	}
	return clean
}

// Count returns how many exchanges have a finding of the kind; of invented
// values it counts each.
func (r *Report) Count(kind Kind) int {
	seen := map[string]bool{}
	n := 0
	for _, f := range r.Findings {
		if f.Kind == kind && (kind == Invented || !seen[f.Source]) {
			seen[f.Source] = true
			n++
		}
	}
	return n
}

// WriteFigures writes the figures as a small table.
func (r *Report) WriteFigures(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "exchanges\t%d\t(%d requests, %d answers, %d errors)\n", r.Exchanges, r.Requests, r.Answers, r.Errors)
	fmt.Fprintf(t, "endpoints clean\t%d\tof %d\n", r.Clean(), len(r.Endpoints))
	for _, kind := range Kinds {
		fmt.Fprintf(t, "%s\t%d\t\n", kind, r.Count(kind))
	}
	if len(r.Unknown) > 0 {
		fmt.Fprintf(t, "endpoints unknown\t%d\t(%s)\n", len(r.Unknown), strings.Join(keys(r.Unknown), ", "))
	}
	return t.Flush()
}

// WriteFindings writes the findings, those at one place of an endpoint
// together, and at most limit lines of them; a negative limit is none.
func (r *Report) WriteFindings(w io.Writer, limit int) error {
	type group struct {
		Finding
		count int
	}
	index := map[string]int{}
	var groups []group
	for _, f := range r.Findings {
		place := general(f.Place)
		id := strings.Join([]string{string(f.Kind), f.Endpoint, place}, "\x00")
		if at, ok := index[id]; ok {
			groups[at].count++
			continue
		}
		index[id] = len(groups)
		f.Place = place
		groups = append(groups, group{f, 1})
	}
	slices.SortStableFunc(groups, func(a, b group) int {
		return cmp.Or(
			cmp.Compare(slices.Index(Kinds, a.Kind), slices.Index(Kinds, b.Kind)),
			cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Place, b.Place))
	})
	for i, g := range groups {
		if i == limit {
			_, err := fmt.Fprintf(w, "… and %d more places\n", len(groups)-i)
			return err
		}
		if _, err := fmt.Fprintf(w, "%s: %s %s: %s (%d×, first %s)\n", g.Kind, g.Endpoint, g.Place, g.Detail, g.count, g.Source); err != nil {
			return err
		}
	}
	return nil
}
