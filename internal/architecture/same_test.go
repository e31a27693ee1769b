package architecture

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/misskey-go/misskey/gen"
)

// The command has the configuration built in, so that it works elsewhere.
func TestConfigurationIsBuiltIn(t *testing.T) {
	if read(t, "oapi-config.yaml") != read(t, "internal/spec/oapi-config.yaml") {
		t.Error("oapi-config.yaml and internal/spec/oapi-config.yaml differ; copy one over the other")
	}
}

// README promises that two commands are everything; so they must be checked.
func TestReadmeCommands(t *testing.T) {
	script := strings.Split(read(t, ".ci/run"), "\n")
	for i, line := range script {
		script[i] = strings.TrimSpace(line)
	}
	commands := regexp.MustCompile(`(?m)^go (run|test) [^\n#]*`).FindAllString(block(t, "README.md", "sh", "go test"), -1)
	if len(commands) != 2 {
		t.Fatalf("README has the commands %q, not one that runs the tour and one that passes the tests", commands)
	}
	for _, command := range commands {
		if command = strings.TrimSpace(command); !slices.Contains(script, command) {
			t.Errorf("README says %q, which .ci/run does not run", command)
		}
	}
}

// README's example is the body of an example that is compiled and run.
func TestReadmeExample(t *testing.T) {
	source := read(t, "example_test.go")
	_, body, found := strings.Cut(source, "\nfunc Example() {\n")
	if !found {
		t.Fatal("example_test.go has no function Example")
	}
	lines := strings.Split(body[:strings.Index(body, "\n}\n")], "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	for line := range strings.Lines(block(t, "README.md", "go", "misskey.New")) {
		line = strings.TrimSpace(line)
		i := slices.Index(lines, line)
		if line == "" {
			continue
		}
		if i < 0 {
			t.Fatalf("README has a line that function Example does not have, or not in this place: %s", line)
		}
		lines = lines[i+1:]
	}
}

// People read the version of Misskey, too.
func TestVersion(t *testing.T) {
	if !strings.Contains(read(t, "README.md"), gen.MisskeyVersion) {
		t.Errorf("README does not mention Misskey %s", gen.MisskeyVersion)
	}
	heading, _, _ := strings.Cut(strings.SplitN(read(t, "CHANGELOG.md"), "\n## ", 2)[1], "\n")
	if !strings.Contains(heading, "Misskey "+gen.MisskeyVersion) {
		t.Errorf("the first heading of CHANGELOG, %q, does not mention Misskey %s", heading, gen.MisskeyVersion)
	}
}

// block returns the first fenced block of a language that has a text in it.
func block(t *testing.T, name, language, text string) string {
	t.Helper()
	for _, m := range regexp.MustCompile("(?s)\n```"+language+"\n(.*?)\n```").FindAllStringSubmatch(read(t, name), -1) {
		if strings.Contains(m[1], text) {
			return m[1] + "\n"
		}
	}
	t.Fatalf("%s has no block of %s with %q in it", name, language, text)
	return ""
}
