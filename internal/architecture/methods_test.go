package architecture

import (
	"reflect"
	"slices"
	"testing"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/gen"
	"github.com/misskey-go/misskey/internal/spec"
)

// The generator refuses an endpoint whose method a method of Client would hide.
// Its list of those methods is complete.
func TestReservedMethods(t *testing.T) {
	own := []string{"Client"} // the embedded field
	generated := reflect.TypeFor[*gen.Client]()
	for method := range reflect.TypeFor[*misskey.Client]().Methods() {
		if _, embedded := generated.MethodByName(method.Name); !embedded {
			own = append(own, method.Name)
		}
	}
	slices.Sort(own)
	if !slices.Equal(own, spec.ReservedMethods) {
		t.Errorf("Client has %v, spec.ReservedMethods is %v", own, spec.ReservedMethods)
	}
	for _, name := range spec.ReservedMethods {
		if _, hidden := generated.MethodByName(name); hidden {
			t.Errorf("the endpoint's method %s is hidden", name)
		}
	}
}
