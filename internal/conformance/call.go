package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/misskey-go/misskey/api"
)

// A call is one way to perform an operation.
type call struct {
	// input returns a pointer to new parameters, or nil for an operation that
	// has none.
	input func() any

	// do performs the operation with what in points to.
	do func(ctx context.Context, in any, opts []api.CallOption) (out any, err error)
}

// byName calls an operation that the client has no method for.
func byName(caller api.Caller, op *api.Operation) call {
	return call{
		input: func() any { return new(map[string]any) },
		do: func(ctx context.Context, in any, opts []api.CallOption) (any, error) {
			var out *json.RawMessage // nil where there is no content
			params := *in.(*map[string]any)
			if params == nil {
				params = map[string]any{}
			}
			err := caller.Call(ctx, op, params, &out, opts...)
			return out, err
		},
	}
}

// byMethod calls the method of an operation, func(ctx, [path parameter…],
// [parameters], opts...) ([answer], error). Its error says that there is no
// such method. An operation that answers one or many has a second method for many.
func byMethod(all methods, op *api.Operation, values []string, many bool) (call, error) {
	method, ok := all[methodName(op.Endpoint)]
	if forMany, ok := all[methodName(op.Endpoint)+"many"]; ok && many {
		method = forMany
	}
	if !ok {
		return call{}, fmt.Errorf("conformance: the client has no method for %s: want one whose name, read without case, is %s", op.Endpoint, methodName(op.Endpoint))
	}
	t := method.Type()
	var input reflect.Type
	fixed := 1 + len(values) // before the options
	if t.NumIn() == fixed+2 {
		input = t.In(fixed)
		fixed++
	}
	if !t.IsVariadic() || t.NumIn() != fixed+1 || t.NumOut() == 0 || t.NumOut() > 2 ||
		input != nil && input.Kind() != reflect.Struct {
		return call{}, fmt.Errorf("conformance: the method for %s is %v: want func(ctx, path parameters, parameters, opts...) (answer, error)", op.Endpoint, t)
	}
	return call{
		input: func() any {
			if input == nil {
				return nil
			}
			return reflect.New(input).Interface()
		},
		do: func(ctx context.Context, in any, opts []api.CallOption) (any, error) {
			args := []reflect.Value{reflect.ValueOf(ctx)}
			for _, value := range values {
				args = append(args, reflect.ValueOf(value))
			}
			if input != nil {
				args = append(args, reflect.ValueOf(in).Elem())
			}
			for _, opt := range opts {
				args = append(args, reflect.ValueOf(opt))
			}
			results := method.Call(args)
			err, _ := results[len(results)-1].Interface().(error)
			if len(results) == 1 {
				return nil, err
			}
			return results[0].Interface(), err
		},
	}, nil
}

// methods are the methods of a client by name in lower case.
type methods map[string]reflect.Value

func methodsOf(client any) methods {
	v := reflect.ValueOf(client)
	all := methods{}
	for i := range v.NumMethod() {
		all[strings.ToLower(v.Type().Method(i).Name)] = v.Method(i)
	}
	return all
}

// methodName returns the name of an endpoint's method in lower case.
func methodName(endpoint string) string {
	var name strings.Builder
	for segment := range strings.SplitSeq(endpoint, "/") {
		if !strings.HasPrefix(segment, "{") {
			name.WriteString(strings.NewReplacer("-", "", "_", "", ".", "").Replace(segment))
		}
	}
	return strings.ToLower(name.String())
}
