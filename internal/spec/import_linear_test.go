//go:build unix

package spec

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// cpuTime returns the processor time of the process so far.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// The processor time of an import grows as the number of properties does: a
// document of a stranger with 50,000 of them in one object once took a minute.
func TestImportIsLinearInProperties(t *testing.T) {
	document := func(n int) []byte {
		var properties []string
		for i := range n {
			properties = append(properties, fmt.Sprintf(`"p%d":{"type":"string"}`, i))
		}
		return fmt.Appendf(nil, `{"openapi":"3.1.0","info":{"title":"M","version":"2026.7.0"},"paths":{"/ping":{"post":{
			"description":"**Credential required**: *No*",
			"requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":{%s}}}}},
			"responses":{"204":{"description":"OK"}}}}}}`, strings.Join(properties, ","))
	}
	const (
		doubling = 2.3
		tries    = 4 // other tests, and garbage of before, count too
	)
	sizes := []int{5000, 10000, 20000}
	best := map[int]time.Duration{}
	grows := func() float64 {
		return float64(best[20000]) / float64(best[5000])
	}
	for try := range tries {
		for _, n := range sizes {
			doc := document(n)
			start := cpuTime(t)
			if _, err := Import(doc); err != nil {
				t.Fatal(err)
			}
			if took := cpuTime(t) - start; try == 0 || took < best[n] {
				best[n] = took
			}
		}
		if grows() <= doubling*doubling {
			break
		}
	}
	for _, n := range sizes {
		t.Logf("%6d properties: %v", n, best[n])
	}
	if grows() > doubling*doubling {
		t.Errorf("5,000 properties take %v, 20,000 take %v: more than %.1f times for twice as many", best[5000], best[20000], doubling)
	}
}
