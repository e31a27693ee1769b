package misskey

import "sync"

// A retryBudget bounds how many of the calls of a client are sent again, so that
// the clients of an instance that is down do not keep it down. It is that of
// gRPC (proposal A6) and of the SDKs of AWS: a retry takes a token, and what the
// instance answers gives a part of one back.
type retryBudget struct {
	mu    sync.Mutex
	spent float64 // of retryTokens
}

const (
	retryTokens = 100
	retryRefund = 0.1
)

// spend reports whether there may be another retry.
func (b *retryBudget) spend() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.spent+1 > retryTokens {
		return false
	}
	b.spent++
	return true
}

// refund notes that the instance is there.
func (b *retryBudget) refund() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spent = max(0, b.spent-retryRefund)
}
