package miauth

import (
	"context"
	"sync"
	"time"
)

// maxLogins is how many logins are kept in memory. Beyond, those that will expire
// first are forgotten.
const maxLogins = 10_000

// A memoryStore is a [Store] of one process. Its zero value is empty.
type memoryStore struct {
	mu     sync.Mutex
	logins map[string]PendingLogin
}

// Put keeps a login, and forgets those that have expired.
func (s *memoryStore) Put(_ context.Context, key string, login PendingLogin) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.logins == nil {
		s.logins = map[string]PendingLogin{}
	}
	if len(s.logins) >= maxLogins {
		s.makeRoom()
	}
	s.logins[key] = login
	return nil
}

// makeRoom forgets what has expired, or else what will do so first.
func (s *memoryStore) makeRoom() {
	now, first := time.Now(), ""
	for key, login := range s.logins {
		if !now.Before(login.Expires) {
			delete(s.logins, key)
		} else if first == "" || login.Expires.Before(s.logins[first].Expires) {
			first = key
		}
	}
	if len(s.logins) >= maxLogins {
		delete(s.logins, first)
	}
}

// Take returns a login once.
func (s *memoryStore) Take(_ context.Context, key string) (PendingLogin, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	login, ok := s.logins[key]
	delete(s.logins, key)
	return login, ok, nil
}
