package spec

import (
	"fmt"
	"testing"
	"time"
)

// Following all references of a document takes time linear in their number: a
// document of a stranger with 50,000 of them once took minutes.
func TestReferencesAreFollowedInLinearTime(t *testing.T) {
	follow := func(n int) time.Duration {
		schemas := mapping()
		for i := range n {
			if i%100 == 99 {
				schemas.Content = append(schemas.Content, str(fmt.Sprint("C", i)), mapping("type", str("string")))
				continue
			}
			schemas.Content = append(schemas.Content, str(fmt.Sprint("C", i)), mapping("$ref", str(fmt.Sprintf("#/components/schemas/C%d", i+1))))
		}
		refs := newReferences(mapping("components", mapping("schemas", schemas)))
		start := time.Now()
		for i := range n {
			target, err := refs.follow(str(fmt.Sprintf("#/components/schemas/C%d", i)), root)
			if err != nil || text(get(target, "type")) != "string" {
				t.Fatalf("C%d leads to %v, %v", i, target, err)
			}
		}
		return time.Since(start)
	}
	small, large := time.Hour, time.Hour
	for range 3 {
		small, large = min(small, follow(2000)), min(large, follow(32000))
	}
	if large > 64*small { // 16 times as many; quadratic would be 256 times
		t.Errorf("2,000 references take %v, 32,000 take %v", small, large)
	}
}

// A chain that is too long is refused wherever one begins to follow it.
func TestChainsOfReferencesAreBounded(t *testing.T) {
	schemas := mapping()
	const n = maxNesting + 50
	for i := range n {
		schemas.Content = append(schemas.Content, str(fmt.Sprint("C", i)), mapping("$ref", str(fmt.Sprintf("#/components/schemas/C%d", i+1))))
	}
	schemas.Content = append(schemas.Content, str(fmt.Sprint("C", n)), mapping("type", str("string")))
	refs := newReferences(mapping("components", mapping("schemas", schemas)))
	for i := n; i >= 0; i-- { // from the end, so that what is known grows
		_, err := refs.follow(str(fmt.Sprintf("#/components/schemas/C%d", i)), root)
		if steps := n - i + 1; (err != nil) != (steps > maxNesting) {
			t.Fatalf("a chain of %d references: %v", steps, err)
		}
	}
	loop := newReferences(mapping("a", mapping("$ref", str("#/b")), "b", mapping("$ref", str("#/a"))))
	for range 2 {
		if _, err := loop.follow(str("#/a"), root); err == nil {
			t.Fatal("a loop leads somewhere")
		}
	}
}
