// Command compilebench compares what it costs to compile package gen with what
// it costs to compile the code that oapi-codegen prints of the same document
// when it is used as it comes.
//
//	go run ./internal/compilebench
//
// Each package is compiled on its own, against dependencies that are compiled
// already, several times; the best run counts. CPU is user and system time of
// the compiler, peak its largest resident set.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
)

const module = "github.com/misskey-go/misskey"

func main() {
	log.SetFlags(0)
	log.SetPrefix("compilebench: ")
	runs := flag.Int("runs", 3, "compile each package `N` times and take the best run")
	stock := flag.String("print-stock", "", "only write what oapi-codegen prints to a `FILE`")
	flag.Parse()
	var err error
	if *stock != "" {
		err = printStock("api.yaml", *stock)
	} else {
		err = bench(*runs)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func bench(runs int) error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "compilebench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	// Not in this process: Linux counts the memory of the process that starts
	// another as that of the other.
	stockFile := filepath.Join(dir, "stock.go")
	self, err := os.Executable()
	if err != nil {
		return err
	}
	printer := exec.Command(self, "-print-stock", stockFile)
	printer.Dir, printer.Stderr = root, os.Stderr
	if err := printer.Run(); err != nil {
		return fmt.Errorf("printing the stock code: %w", err)
	}
	genFiles, err := filepath.Glob(filepath.Join(root, "gen", "*.go"))
	if err != nil {
		return err
	}

	stock, err := measure(unit{name: "stock", files: []string{stockFile}}, dir, runs)
	if err != nil {
		return err
	}
	gen, err := measure(unit{name: module + "/gen", files: genFiles}, dir, runs)
	if err != nil {
		return err
	}
	return report(stock, gen)
}

func moduleRoot() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Path}} {{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("go list -m: %w", explain(err))
	}
	path, dir, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	if path != module {
		return "", fmt.Errorf("run it inside module %s, not %s", module, path)
	}
	return dir, nil
}

func report(stock, gen cost) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\tstock oapi-codegen\tgen\tratio\t\n")
	fmt.Fprintf(w, "lines of Go\t%d\t%d\t%.1f\t\n", stock.lines, gen.lines, float64(stock.lines)/float64(gen.lines))
	fmt.Fprintf(w, "compile: CPU\t%s\t%s\t%.1f\t\n", seconds(stock.cpu), seconds(gen.cpu), stock.cpu.Seconds()/gen.cpu.Seconds())
	fmt.Fprintf(w, "compile: peak memory\t%s\t%s\t%.1f\t\n", mebibytes(stock.peak), mebibytes(gen.peak), float64(stock.peak)/float64(gen.peak))
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Printf("\n%s %s/%s, %d CPUs\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	return nil
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func mebibytes(n int64) string {
	if n == 0 {
		return "not known"
	}
	return fmt.Sprintf("%d MB", (n+500_000)/1_000_000)
}
