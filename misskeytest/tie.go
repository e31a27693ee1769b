package misskeytest

import "time"

// A tie is what an account has to do with something: it follows, keeps or mutes
// it.
type tie[T comparable] struct {
	id      string
	user    *account
	to      T
	expires time.Time // zero for never
}

func (t *tie[T]) key() string { return t.id }

// ties are all ties of one kind.
type ties[T comparable] struct{ list[*tie[T]] }

// of returns what ties an account to something, or nil.
func (l *ties[T]) of(user *account, to T, now time.Time) *tie[T] {
	return l.find(func(t *tie[T]) bool {
		return t.user == user && t.to == to && (t.expires.IsZero() || now.Before(t.expires))
	})
}

// tie ties an account to something, unless it is tied already.
func (l *ties[T]) tie(s *Server, user *account, to T) {
	if l.of(user, to, s.now()) == nil {
		l.add(&tie[T]{id: s.newID(), user: user, to: to})
	}
}

// untie ends that, and reports whether there was anything to end.
func (l *ties[T]) untie(s *Server, user *account, to T) bool {
	t := l.of(user, to, s.now())
	if t != nil {
		l.remove(t.id)
	}
	return t != nil
}

// targets returns what an account is tied to.
func (l *ties[T]) targets(user *account, now time.Time) (all []T) {
	for _, t := range l.items {
		if t.user == user && (t.expires.IsZero() || now.Before(t.expires)) {
			all = append(all, t.to)
		}
	}
	return all
}

// drop forgets what an account is tied to.
func (l *ties[T]) drop(user *account) {
	l.removeAll(func(t *tie[T]) bool { return t.user == user })
}
