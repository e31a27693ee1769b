package spec

import (
	"bytes"
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
		return fmt.Sprintf("Misskey %s to %s: nothing that matters differs", line(d.Old.Version), line(d.New.Version))
	}
	wire, inGo := 0, 0
	for _, c := range d.Changes {
		if c.Wire == Breaking {
			wire++
		}
		if c.Go == Breaking {
			inGo++
		}
	}
	return fmt.Sprintf("Misskey %s to %s: %s, %d breaking for deployed programs, %d breaking for Go code; %d endpoints, before %d",
		line(d.Old.Version), line(d.New.Version), count(len(d.Changes), "change"), wire, inGo, d.New.Endpoints, d.Old.Endpoints)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// describe says what changed, without the place.
func (c Change) describe() string {
	switch {
	case c.Old != "" && c.New != "":
		return c.Kind + ": " + c.Old + " → " + c.New
	case c.Old+c.New != "":
		return c.Kind + ": " + c.Old + c.New
	}
	return c.Kind
}

// touches says where the change is seen: "in 104 answers".
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
	}{{c.Requests, "request"}, {c.Answers, "answer"}} {
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
	for _, part := range parts {
		first := true
		for _, c := range d.Changes {
			if c.Part != part {
				continue
			}
			if first {
				fmt.Fprintf(&b, "%s\n", partTitles[part])
				first = false
			}
			fmt.Fprintf(&b, "  %s%s  %s", c.marks(), c.Place, c.describe())
			if touches := c.touches(); touches != "" {
				fmt.Fprintf(&b, " (%s)", touches)
			}
			if symbols := c.told(); c.Go == Breaking && len(symbols) > 0 {
				fmt.Fprintf(&b, "\n          Go: %s", listed(symbols, func(s string) string { return s }))
			}
			fmt.Fprintln(&b)
		}
		if !first {
			fmt.Fprintln(&b)
		}
	}
	if len(d.Changes) > 0 {
		fmt.Fprintln(&b, "W breaks deployed programs, w may be noticed by them; G breaks Go code, g is new in Go.")
	}
	fmt.Fprintln(&b, d.Summary())
	return b.Bytes()
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
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}

func (d *Diff) markdown() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "## Misskey %s → %s\n\n%s.\n", plainText(d.Old.Version), plainText(d.New.Version), plainText(d.Summary()))
	rest := slices.Clone(d.Changes)
	for _, group := range []struct {
		title, about string
		folded       bool
		has          func(Change) bool
	}{
		{"Breaks deployed programs", "A program that was built before has to fear these when its server is upgraded.", false, func(c Change) bool { return c.Wire == Breaking }},
		{"Breaks Go code", "These stop programs from compiling with the new package.", false, func(c Change) bool { return c.Go == Breaking }},
		{"May be noticed", "", false, func(c Change) bool { return c.Wire == Notable }},
		{"Breaks nothing", "", true, func(Change) bool { return true }},
	} {
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
		for _, c := range of {
			fmt.Fprintf(&b, "- %s %s", code(c.Place), c.markdown())
			if touches := c.touches(); touches != "" {
				fmt.Fprintf(&b, ", %s", plainText(touches))
			}
			if symbols := c.told(); c.Go == Breaking && len(symbols) > 0 {
				fmt.Fprintf(&b, "; Go: %s", listed(symbols, code))
			}
			fmt.Fprintln(&b)
		}
		if group.folded {
			fmt.Fprint(&b, "\n</details>\n")
		}
	}
	return b.Bytes()
}

// markdown is describe with its values as code.
func (c Change) markdown() string {
	switch {
	case c.Old != "" && c.New != "":
		return c.Kind + ": " + code(c.Old) + " → " + code(c.New)
	case c.Old+c.New != "":
		return c.Kind + ": " + code(c.Old+c.New)
	}
	return c.Kind
}

var markdownSigns = strings.NewReplacer("<", "&lt;", "&", "&amp;", "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`, "@", "@\u200b", "#", `\#`)

// plainText keeps what a document says from being read as Markdown.
func plainText(s string) string { return markdownSigns.Replace(line(s)) }

// changelog drafts what the CHANGELOG says of an upgrade.
func (d *Diff) changelog() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "## Unreleased (Misskey %s)\n\n", plainText(d.New.Version))
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
	item("Removed, because Misskey has them no more", kind("endpoint removed"), func(c Change) string {
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
	}, func(c Change) string { return code(c.Place) + " " + c.markdown() })
	item("New endpoints", kind("endpoint added"), place)
	if len(d.Changes) == 0 {
		fmt.Fprintln(&b, "- Nothing changes for programs.")
	}
	return b.Bytes()
}
