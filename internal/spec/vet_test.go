package spec

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// go vet sees in the odd documents what the type checker does not, struct tags
// for instance, and the compiler itself takes the code. The packages stand in a
// module of their own, which has to do without the network.
func TestVet(t *testing.T) {
	t.Parallel()
	module, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	goMod := fmt.Sprintf("module example.com/odd\n\ngo 1.26\n\nrequire github.com/misskey-go/misskey v0.0.0\n\nreplace github.com/misskey-go/misskey => %s\n", module)
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(goMod), 0o644); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/odd/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, "testdata/golden/document.yaml") {
		short, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		g, err := Generate(lenient(document(t, string(short))))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := WritePackage(filepath.Join(dir, strings.TrimSuffix(filepath.Base(file), ".yaml")), g.Files); err != nil {
			t.Fatal(err)
		}
	}
	for _, command := range []string{"build", "vet"} {
		cmd := exec.Command("go", command, "-mod=mod", "./...")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", command, err, out)
		}
	}
}
