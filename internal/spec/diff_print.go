package spec

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Formats are the forms that a diff can be written in.
var Formats = []string{"text", "markdown", "json", "changelog"}

// Format writes the diff in one of the Formats.
func (d *Diff) Format(format string) ([]byte, error) {
	switch format {
	case "text":
		return d.text(), nil
	case "markdown":
		return d.markdown(), nil
	case "changelog":
		return d.changelog(), nil
	case "json":
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(d); err != nil {
			return nil, err
		}
		return b.Bytes(), nil
	}
	return nil, fmt.Errorf("there is no format %q: expected %s", format, strings.Join(Formats, ", "))
}

// Wire and Go return the severity of the worst change.
func (d *Diff) Wire() Severity {
	return d.worst(func(c Change) Severity { return c.Wire })
}
func (d *Diff) Go() Severity { return d.worst(func(c Change) Severity { return c.Go }) }

func (d *Diff) worst(of func(Change) Severity) Severity {
	worst := Harmless
	for _, c := range d.Changes {
		worst = max(worst, of(c))
	}
	return worst
}

// Summary says in a line how much differs.
func (d *Diff) Summary() string {
	if len(d.Changes) == 0 {
		return d.sides() + ": nothing that matters differs"
	}
	wire, inGo, lost := 0, 0, 0
	for _, c := range d.Changes {
		switch c.Wire {
		case Breaking:
			wire++
		case Lost:
			lost++
		}
		if c.Go == Breaking {
			inGo++
		}
	}
	precise := ""
	if lost > 0 {
		precise = fmt.Sprintf(", %d less precise", lost)
	}
	return fmt.Sprintf("%s: %s, %d breaking for deployed programs, %d breaking for Go code%s; %d endpoints, before %d",
		d.sides(), count(len(d.Changes), "change"), wire, inGo, precise, d.New.Endpoints, d.Old.Endpoints)
}

// sides names both documents: "Misskey 2026.3.2 to 2026.7.0".
func (d *Diff) sides() string { return d.join(" to ") }

func (d *Diff) join(to string) string {
	software := func(s DiffSide) string { return cmp.Or(s.Software, "Misskey") }
	next := line(d.New.Version)
	if software(d.New) != software(d.Old) {
		next = software(d.New) + " " + next
	}
	return software(d.Old) + " " + line(d.Old.Version) + to + next
}

// worstChanges returns up to five of the changes that break most.
func (d *Diff) worstChanges() []Change {
	const most = 5
	worst := slices.DeleteFunc(slices.Clone(d.Changes), func(c Change) bool { return c.Wire < Lost && c.Go < Breaking })
	slices.SortStableFunc(worst, func(a, b Change) int {
		return cmp.Or(cmp.Compare(b.Wire, a.Wire), cmp.Compare(b.Go, a.Go), cmp.Compare(b.reach(), a.reach()))
	})
	return worst[:min(len(worst), most)]
}

// reach returns how many endpoints a change touches.
func (c Change) reach() int {
	return max(1, len(c.Requests)+len(c.Responses)+len(c.Endpoints))
}

// endpoint returns the only endpoint that a change touches, or "".
func (c Change) endpoint() string {
	if c.Part == PartEndpoint {
		name, _, _ := strings.Cut(c.Place, " ") // "fetch-rss response"
		return name
	}
	all := slices.Concat(c.Requests, c.Responses, c.Endpoints)
	slices.Sort(all)
	if all = slices.Compact(all); len(all) == 1 {
		return all[0]
	}
	return ""
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// values returns what was there and what is there now, as write writes it; of a
// fact that has changed, also where it was or is not there.
func (c Change) values(write func(string) string) string {
	old, next := write(c.Old), write(c.New)
	if strings.HasSuffix(c.Kind, " changed") {
		if c.Old == "" && c.New != "" {
			old = "none"
		}
		if c.New == "" && c.Old != "" {
			next = "none"
		}
	}
	switch {
	case old != "" && next != "":
		return ": " + old + " → " + next
	case old+next != "":
		return ": " + old + next
	}
	return ""
}

// describe says what changed, without the place.
func (c Change) describe() string {
	return c.Kind + c.values(func(s string) string { return s })
}

// touches says where the change is seen: "in 104 responses".
func (c Change) touches() string {
	if c.Part == PartEndpoint {
		return ""
	}
	if c.Part == PartError {
		if len(c.Endpoints) == 1 {
			return "at " + c.Endpoints[0]
		}
		return "at " + count(len(c.Endpoints), "endpoint")
	}
	var parts []string
	for _, side := range []struct {
		endpoints []string
		what      string
	}{{c.Requests, "request"}, {c.Responses, "response"}} {
		switch n := len(side.endpoints); n {
		case 0:
		case 1:
			parts = append(parts, "the "+side.what+" of "+side.endpoints[0])
		default:
			parts = append(parts, count(n, side.what))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "in " + strings.Join(parts, " and ")
}

var partTitles = map[Part]string{
	PartEndpoint:   "Endpoints",
	PartType:       "Types",
	PartError:      "Errors",
	PartPermission: "Permissions",
	PartGo:         "Only in Go",
}

// marks say for whom a change is breaking, in the terminal.
func (c Change) marks() string {
	marks := []byte("    ")
	switch c.Wire {
	case Breaking:
		marks[0] = 'W'
	case Lost:
		marks[0] = 'd'
	case Notable:
		marks[0] = 'w'
	}
	switch c.Go {
	case Breaking:
		marks[1] = 'G'
	case Notable:
		marks[1] = 'g'
	}
	return string(marks)
}

func (d *Diff) text() []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, d.Summary())
	if len(d.Changes) == 0 {
		return b.Bytes()
	}
	if worst := d.worstChanges(); len(worst) > 0 {
		fmt.Fprint(&b, "\nThe worst\n")
		for _, c := range worst {
			fmt.Fprintf(&b, "  %s%s\n", c.marks(), c.line())
		}
	}
	for _, part := range parts {
		first := true
		for _, c := range d.Changes {
			if c.Part != part {
				continue
			}
			if first {
				fmt.Fprintf(&b, "\n%s\n", partTitles[part])
				first = false
			}
			fmt.Fprintf(&b, "  %s%s", c.marks(), c.line())
			if symbols := c.told(); c.Go == Breaking && len(symbols) > 0 {
				fmt.Fprintf(&b, "\n          Go: %s", listed(symbols, func(s string) string { return s }))
			}
			fmt.Fprintln(&b)
		}
	}
	if len(d.Needless) > 0 {
		fmt.Fprint(&b, "\nCorrections that the document no longer needs\n")
		for _, note := range d.Needless {
			fmt.Fprintf(&b, "      %s: %s\n", line(note.Place), line(note.Text))
		}
	}
	fmt.Fprint(&b, "\nW breaks deployed programs, d has lost detail in the document, w may be noticed; G breaks Go code, g is new in Go.\n")
	return b.Bytes()
}

// line is a change as the terminal shows it.
func (c Change) line() string {
	also := ""
	if len(c.Also) > 0 {
		also = " (also of " + listed(c.Also, func(s string) string { return s }) + ")"
	}
	touches := c.touches()
	if touches != "" {
		touches = " (" + touches + ")"
	}
	return c.Place + also + "  " + c.describe() + touches
}

// told are the symbols that break and that the change does not tell itself.
func (c Change) told() []string {
	var told []string
	for _, s := range c.Symbols {
		if !strings.HasSuffix(s, " added") && (c.Part != PartGo || s != c.Place+": "+c.Old+" → "+c.New && s != c.Place+" removed") {
			told = append(told, s)
		}
	}
	return told
}

// listed writes the first of many symbols.
func listed(symbols []string, write func(string) string) string {
	const most = 4
	var parts []string
	for _, s := range symbols[:min(len(symbols), most)] {
		parts = append(parts, write(s))
	}
	if more := len(symbols) - most; more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	return strings.Join(parts, ", ")
}

// code returns a text as code in Markdown, whatever signs it has.
func code(s string) string {
	if s == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}

// A pageGroup is a section of the page: the changes that one reads for one reason.
type pageGroup struct {
	title, about string
	folded       bool
	has          func(Change) bool
}

// pageGroups are the sections in their order. A change is in the first that has it.
var pageGroups = []pageGroup{
	{"Breaks deployed programs", "A program that was built for the old version may fail when its server is upgraded.", false, func(c Change) bool { return c.Wire == Breaking }},
	{"Lost detail", "The document says less than before. Servers may well send and take what they did: state the shape in the overlay where there is evidence.", false, func(c Change) bool { return c.Wire == Lost }},
	{"Breaks Go code", "A program no longer compiles with the new package.", false, func(c Change) bool { return c.Go == Breaking }},
	{"May be noticed", "", false, func(c Change) bool { return c.Wire == Notable }},
	{"Breaks nothing", "", true, func(Change) bool { return true }},
}

func (d *Diff) markdown() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "## %s\n\n%s\n", plainText(d.join(" → ")), d.counts())
	if worst := d.worstChanges(); len(worst) > 0 {
		fmt.Fprint(&b, "\nThe worst:\n\n")
		for i, c := range worst {
			fmt.Fprintf(&b, "%d. %s\n", i+1, c.item())
		}
	}
	rest := slices.Clone(d.Changes)
	for _, group := range pageGroups {
		var of []Change
		rest = slices.DeleteFunc(rest, func(c Change) bool {
			if group.has(c) {
				of = append(of, c)
				return true
			}
			return false
		})
		if len(of) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n### %s (%d)\n\n", group.title, len(of))
		if group.about != "" {
			fmt.Fprintf(&b, "%s\n\n", group.about)
		}
		if group.folded {
			fmt.Fprint(&b, "<details><summary>Show</summary>\n\n")
		}
		writeItems(&b, of)
		if group.folded {
			fmt.Fprint(&b, "\n</details>\n")
		}
	}
	if len(d.Needless) > 0 {
		fmt.Fprintf(&b, "\n### Corrections that are no longer needed (%d)\n\nThe document now says what these actions of the overlay say. Remove them, or say until which version they hold.\n\n", len(d.Needless))
		for _, note := range d.Needless {
			fmt.Fprintf(&b, "- %s: %s\n", code(line(note.Place)), plainText(note.Text))
		}
	}
	return b.Bytes()
}

// counts says how much differs, as a sentence and a table.
func (d *Diff) counts() string {
	if len(d.Changes) == 0 {
		return "Nothing that matters differs."
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s; %d endpoints, before %d.\n\n", count(len(d.Changes), "change"), d.New.Endpoints, d.Old.Endpoints)
	b.WriteString("| for | breaking | lost detail | noticed (Go: new) | none |\n| --- | --: | --: | --: | --: |\n")
	for _, row := range []struct {
		name string
		of   func(Change) Severity
	}{
		{"deployed programs", func(c Change) Severity { return c.Wire }},
		{"Go code", func(c Change) Severity { return c.Go }},
	} {
		n := make([]int, len(severities))
		for _, c := range d.Changes {
			n[row.of(c)]++
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d |\n", row.name, n[Breaking], n[Lost], n[Notable], n[Harmless])
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// writeItems writes changes as a list. Those that say no more than what came or
// went are one item for each kind, and those of one endpoint are one, because they
// have one cause.
func writeItems(b *bytes.Buffer, changes []Change) {
	const many = 3
	plain := func(c Change) bool {
		return c.Old+c.New == "" && (c.Part == PartEndpoint || c.Part == PartPermission) && c.Go < Breaking
	}
	ofKind, ofEndpoint := map[string][]Change{}, map[string][]Change{}
	for _, c := range changes {
		if plain(c) {
			ofKind[c.Kind] = append(ofKind[c.Kind], c)
		}
	}
	isListed := func(c Change) bool { return plain(c) && len(ofKind[c.Kind]) >= many }
	for _, c := range changes {
		if endpoint := c.endpoint(); endpoint != "" && !isListed(c) {
			ofEndpoint[endpoint] = append(ofEndpoint[endpoint], c)
		}
	}
	written := map[string]bool{}
	for _, c := range changes {
		kind, endpoint := "kind "+c.Kind, c.endpoint()
		switch {
		case isListed(c):
			if written[kind] {
				continue
			}
			written[kind] = true
			var names []string
			for _, same := range ofKind[c.Kind] {
				names = append(names, code(same.Place))
			}
			what, how, _ := strings.Cut(c.Kind, " ")
			if how == "added" || how == "removed" {
				fmt.Fprintf(b, "- %s %s: %s\n", count(len(names), what), how, strings.Join(names, ", "))
			} else {
				fmt.Fprintf(b, "- %s: %s\n", c.Kind, strings.Join(names, ", "))
			}
		case len(ofEndpoint[endpoint]) >= 2:
			if written[endpoint] {
				continue
			}
			written[endpoint] = true
			fmt.Fprintf(b, "- %s\n", code(endpoint))
			for _, same := range ofEndpoint[endpoint] {
				fmt.Fprintf(b, "  - %s\n", same.below(endpoint))
			}
		default:
			fmt.Fprintf(b, "- %s\n", c.item())
		}
	}
}

// item is a change as the page shows it.
func (c Change) item() string {
	touches := ""
	if c.touches() != "" {
		touches = ", " + plainText(c.touches())
	}
	return c.named(c.Place) + touches + c.inGo()
}

// below is item below the name of its endpoint.
func (c Change) below(endpoint string) string {
	place := strings.TrimSpace(strings.TrimPrefix(c.Place, endpoint))
	if c.Part != PartEndpoint {
		place = c.Place
	}
	return c.named(place) + c.inGo()
}

// named says at which place what has changed.
func (c Change) named(place string) string {
	var parts []string
	if place != "" {
		parts = append(parts, code(place))
	}
	if len(c.Also) > 0 {
		parts = append(parts, "(also of "+listed(c.Also, code)+")")
	}
	return strings.Join(append(parts, c.Kind+c.values(code)), " ")
}

// inGo says what breaks in Go.
func (c Change) inGo() string {
	if symbols := c.told(); c.Go == Breaking && len(symbols) > 0 {
		return "; Go: " + listed(symbols, code)
	}
	return ""
}

var markdownSigns = strings.NewReplacer("<", "&lt;", "&", "&amp;", "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`, "@", "@\u200b", "#", `\#`)

// plainText keeps what a document says from being read as Markdown.
func plainText(s string) string { return markdownSigns.Replace(line(s)) }

// changelog drafts what the CHANGELOG says of an upgrade.
func (d *Diff) changelog() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "## Unreleased (%s %s)\n\n", plainText(cmp.Or(d.New.Software, "Misskey")), plainText(d.New.Version))
	item := func(title string, has func(Change) bool, say func(Change) string) {
		var entries []string
		for _, c := range d.Changes {
			if entry := say(c); has(c) && !slices.Contains(entries, entry) {
				entries = append(entries, entry)
			}
		}
		if len(entries) > 0 {
			fmt.Fprintf(&b, "- %s:\n", title)
			for _, entry := range entries {
				fmt.Fprintf(&b, "  - %s\n", entry)
			}
		}
	}
	kind := func(kind string) func(Change) bool { return func(c Change) bool { return c.Kind == kind } }
	place := func(c Change) string { return code(c.Place) }
	item("Removed, because servers no longer have them", kind("endpoint removed"), func(c Change) string {
		var names []string
		for _, s := range c.Symbols {
			if name, ok := strings.CutSuffix(s, " removed"); ok {
				names = append(names, code(name))
			}
		}
		if len(names) == 0 {
			return code(c.Place)
		}
		return code(c.Place) + " (" + strings.Join(names, ", ") + ")"
	})
	item("Breaking in Go", func(c Change) bool { return c.Go == Breaking && c.Kind != "endpoint removed" }, func(c Change) string {
		var broken []string
		for _, s := range c.Symbols {
			if !strings.HasSuffix(s, " added") {
				broken = append(broken, code(s))
			}
		}
		return strings.Join(broken, ", ")
	})
	item("Servers behave otherwise", func(c Change) bool {
		return c.Wire == Breaking && c.Go != Breaking
	}, func(c Change) string { return code(c.Place) + " " + c.Kind + c.values(code) })
	item("New endpoints", kind("endpoint added"), place)
	if len(d.Changes) == 0 {
		fmt.Fprintln(&b, "- Nothing changes for programs.")
	}
	return b.Bytes()
}
