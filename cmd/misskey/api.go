package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/cmd/misskey/internal/reference"
)

// An apiCall is what the flags of api say.
type apiCall struct {
	list      bool
	paginate  bool
	unchecked bool
	limit     int
}

func (a *app) apiCommand() *cobra.Command {
	var call apiCall
	cmd := &cobra.Command{
		Use:   "api ENDPOINT [KEY=VALUE]... [-]",
		Short: "Call any endpoint of the API",
		Long: `Call any endpoint of the API. Values get the type that the parameter has.
  key=value     text, number, boolean or null; repeat it for a list
  a.b=value     a part of an object
  key:=JSON     a value as JSON
  key@FILE      a value from a file, or with @- from the standard input
  file=@FILE    the file of an upload
  -             an object of JSON from the standard input`,
		Example: `misskey api notes/create text="Good morning" visibility=home
misskey api users/notes userId=9abc limit=100 --paginate > notes.jsonl
misskey api --list notes
misskey api --help notes/create`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if call.list {
				return a.listEndpoints(args)
			}
			if len(args) == 0 {
				return usagef("name an endpoint, such as notes/create; misskey api --list lists them")
			}
			return a.callAPI(cmd.Context(), call, args)
		},
		ValidArgsFunction: completeAPI,
	}
	cmd.Flags().BoolVar(&call.list, "list", false, "list the endpoints, those with a word in them")
	cmd.Flags().BoolVar(&call.paginate, "paginate", false, "fetch all pages, and print one item a line")
	cmd.Flags().IntVar(&call.limit, "max", 0, "with --paginate, print at most `N` items")
	cmd.Flags().BoolVar(&call.unchecked, "unchecked", false, "send what this command does not know")
	return cmd
}

func (a *app) callAPI(ctx context.Context, call apiCall, args []string) error {
	name := strings.Trim(strings.TrimPrefix(strings.Trim(args[0], "/"), "api/"), "/")
	endpoint := reference.Load().Find(name)
	if endpoint == nil && !call.unchecked {
		return unknownEndpoint(name)
	}
	params, file, err := a.parseParams(ctx, endpoint, args, call.unchecked)
	if err != nil {
		return err
	}
	if file != nil {
		defer file.Close()
	}
	anonymous := endpoint == nil || !endpoint.Credential
	s, err := a.connect(ctx, anonymous)
	if err != nil {
		return err
	}
	if call.paginate {
		if endpoint != nil && !strings.HasPrefix(endpoint.Result, "[]") {
			return usagef("%s does not respond with a list: leave out --paginate", name)
		}
		return a.paginate(ctx, s, name, params, call.limit)
	}
	op := operation(name, endpoint, params)
	var in any
	switch {
	case file != nil:
		in = misskey.Form{Params: params, File: api.File{Name: filepath.Base(file.Name()), Body: file}}
	case len(params) > 0 || endpoint == nil || endpoint.Params != nil:
		in = params
	}
	var body json.RawMessage
	if err := s.Call(ctx, op, in, &body); err != nil {
		return err
	}
	return a.printJSON(body)
}

// operation returns what the client has to know of an endpoint.
func operation(name string, e *reference.Endpoint, params map[string]any) *api.Operation {
	op := &api.Operation{Endpoint: name, MayBeEmpty: true}
	if e == nil {
		return op
	}
	op.ReadOnly, op.Multipart = e.ReadOnly, e.Multipart
	if e.Params == nil {
		return op
	}
	for param, schema := range e.Params.Props {
		if value, ok := params[param]; ok && schema.Format == "path" {
			op = op.WithPath(param, fmt.Sprint(value))
			delete(params, param)
		}
	}
	return op
}

func (a *app) paginate(ctx context.Context, s *session, name string, params map[string]any, limit int) error {
	n := 0
	for item, err := range misskey.Pages[json.RawMessage](ctx, s.Client, name, params) {
		if err != nil {
			return err
		}
		if err := a.printJSON(item); err != nil {
			return err
		}
		if n++; n == limit {
			break
		}
	}
	return nil
}

func unknownEndpoint(name string) error {
	suggestion := ""
	best := 4 // edits at most
	for _, e := range reference.Load().Endpoints {
		if d := distance(name, e.Name); d < best {
			best, suggestion = d, e.Name
		}
	}
	if suggestion != "" {
		return usagef("there is no endpoint %s; did you mean %s? (--unchecked calls it anyway)", clean(name), suggestion)
	}
	return usagef("there is no endpoint %s; misskey api --list lists them (--unchecked calls it anyway)", clean(name))
}

// distance is how many characters have to be changed, added or left out to make b
// of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func (a *app) listEndpoints(words []string) error {
	japanese := inJapanese()
	for _, e := range reference.Load().Endpoints {
		if !matches(e, words) {
			continue
		}
		if a.json {
			line, err := json.Marshal(e)
			if err == nil {
				err = a.printJSON(line)
			}
			if err != nil {
				return err
			}
			continue
		}
		line := e.Name
		if summary := firstSentence(e.Summary, japanese); summary != "" {
			line = pad(e.Name, 30) + "  " + summary
		}
		if isTerminal(a.out) {
			line = clip(line, a.width())
		}
		if _, err := fmt.Fprintln(a.out, line); err != nil {
			return err
		}
	}
	return nil
}

func matches(e *reference.Endpoint, words []string) bool {
	text := strings.ToLower(e.Name + "\n" + e.Summary.EN + "\n" + e.Summary.JA)
	return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, strings.ToLower(word)) })
}

// completeAPI completes endpoints, and then their parameters and values.
func completeAPI(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	var found []string
	if len(args) == 0 {
		for _, e := range reference.Load().Endpoints {
			if strings.HasPrefix(e.Name, typed) {
				found = append(found, e.Name+"\t"+firstSentence(e.Summary, inJapanese()))
			}
		}
		return found, cobra.ShellCompDirectiveNoFileComp
	}
	e := reference.Load().Find(args[0])
	if e == nil || e.Params == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	key, _, hasValue := strings.Cut(typed, "=")
	if hasValue {
		p := e.Params.Props[key]
		if p == nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		values := p.Enum
		if p.Type == "boolean" {
			values = []string{"true", "false"}
		}
		for _, value := range values {
			found = append(found, key+"="+value)
		}
		return found, cobra.ShellCompDirectiveNoFileComp
	}
	for _, name := range sortedKeys(e.Params.Props) {
		found = append(found, name+"=\t"+firstSentence(e.Params.Props[name].Doc, inJapanese()))
	}
	return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
