package misskey

import "github.com/misskey-go/misskey/internal/oneline"

// clean makes text of a stranger fit for a terminal and a log.
func clean(s string, limit int) string { return oneline.Of(s, limit) }

// clip cuts s after limit characters.
func clip(s string, limit int) string { return oneline.Clip(s, limit) }
