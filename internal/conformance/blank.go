package conformance

import "strings"

// blank removes from an exchange the sentences that the server wrote: error
// messages, reasons, stack traces and definitions of database indices. What
// they are part of stays, with empty strings in their place.
func blank(e *Exchange, answer any) {
	if header, ok := e.Headers["www-authenticate"]; ok {
		if before, _, found := strings.Cut(header, `error_description="`); found {
			e.Headers["www-authenticate"] = before + `error_description=""`
		}
	}
	if !e.Succeeded() {
		blankError(answer)
		return
	}
	blankTraces(answer)
}

// blankError blanks the prose of an error response. In the form of the web
// framework "error" is a name such as "Bad Request", which stays.
func blankError(answer any) {
	for _, path := range [][]string{
		{"message"}, {"error", "message"}, {"error", "info", "reason"}, {"error", "info", "e", "message"},
		{"error", "stack"}, {"error", "info", "stack"}, {"error", "info", "e", "stack"}, {"stack"},
	} {
		at := answer
		for _, name := range path[:len(path)-1] {
			object, _ := at.(map[string]any)
			at = object[name]
		}
		object, _ := at.(map[string]any)
		if _, ok := object[path[len(path)-1]].(string); ok {
			object[path[len(path)-1]] = ""
		}
	}
}

// prose are the properties of successful answers that hold the server's own
// sentences: what queue jobs died of, and SQL.
var prose = map[string]bool{"stacktrace": true, "stack": true, "failedReason": true, "indexdef": true}

func blankTraces(v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if !prose[key] {
				blankTraces(value)
				continue
			}
			switch value := value.(type) {
			case string:
				v[key] = ""
			case []any:
				for i := range value {
					if _, ok := value[i].(string); ok {
						value[i] = ""
					}
				}
			}
		}
	case []any:
		for _, item := range v {
			blankTraces(item)
		}
	}
}
