// Command decodebench measures package decode against encoding/json and against
// V8, on the same bytes in the same run.
//
//	go run ./internal/decodebench            # from the folder of the module; needs node
//	go run ./internal/decodebench -heap 0    # with nothing else in memory
//
// The contenders take turns. Each decodes recorded JSON for a while and reports its
// best batch; a ratio is that of one turn, and the table has the median of all
// turns with the lowest and the highest. V8 decodes from bytes to objects, as Go
// does: TextDecoder, then JSON.parse.
package main

import (
	"flag"
	"fmt"
	"os"
	"text/tabwriter"
	"time"
)

func main() {
	if err := start(); err != nil {
		fmt.Fprintln(os.Stderr, "decodebench:", err)
		os.Exit(1)
	}
}

func start() error {
	var p plan
	flag.IntVar(&p.turns, "turns", 7, "how many turns there are")
	flag.DurationVar(&p.each, "each", 300*time.Millisecond, "how long a contender decodes in a turn")
	flag.IntVar(&p.heap, "heap", 64, "how many megabytes of other live memory there are")
	flag.Parse()
	results, err := run(p)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tbytes\tdecode\tallocs\tB\tencoding/json\tV8\tdecode ÷ V8\tencoding/json ÷ V8\tdecode ÷ encoding/json\t")
	for _, r := range results {
		fmt.Fprintf(w, "%s\t%d\t%v\t%d\t%d\t%v\t%v\t%v\t%v\t%v\t\n", r.name, r.bytes,
			r.best(ours), r.allocs, r.allocated, r.best(theirs), r.best(v8), r.ratio(ours, v8), r.ratio(theirs, v8), r.ratio(ours, theirs))
	}
	return w.Flush()
}
