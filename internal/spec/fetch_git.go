package spec

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// readGit returns a file at a revision of the repository around the working
// directory: REV is api.yaml there, REV:PATH another one.
func readGit(ctx context.Context, at string) ([]byte, error) {
	rev, path, ok := strings.Cut(at, ":")
	if !ok {
		path = "api.yaml"
	}
	if rev == "" || strings.HasPrefix(rev, "-") || path == "" {
		return nil, fmt.Errorf("git:%s: expected git:REV or git:REV:PATH, like git:main or git:v1.0.0:api.yaml", at)
	}
	var out, problem bytes.Buffer
	cmd := exec.CommandContext(ctx, "git", "cat-file", "blob", rev+":"+path)
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Run(); err != nil {
		if text := line(problem.String()); text != "" {
			return nil, fmt.Errorf("git:%s: %s", at, text)
		}
		return nil, fmt.Errorf("git:%s: running git: %w", at, err)
	}
	if out.Len() > maxDocument {
		return nil, fmt.Errorf("git:%s: more than %d MiB: too large for Misskey's document", at, maxDocument>>20)
	}
	return out.Bytes(), nil
}
