package misskeytest

import (
	"slices"
	"time"
)

// A task is something that will be done when the clock has come that far.
type task struct {
	due time.Time
	do  func() // is called with the server's mutex held
}

// later does something when the clock of the server has moved on by d.
func (s *Server) later(d time.Duration, do func()) {
	t := task{s.now().Add(d), do}
	i, _ := slices.BinarySearchFunc(s.tasks, t, func(a, b task) int {
		if a.due.After(b.due) {
			return 1
		}
		return -1 // after those that are due at the same time
	})
	s.tasks = slices.Insert(s.tasks, i, t)
	if i == 0 {
		s.reschedule()
	}
}

// doTasks does what is due.
func (s *Server) doTasks() {
	for len(s.tasks) > 0 && !s.done && !s.tasks[0].due.After(s.now()) {
		t := s.tasks[0]
		s.tasks = slices.Delete(s.tasks, 0, 1)
		t.do()
	}
}

// reschedule makes keepSchedule look at the tasks again.
func (s *Server) reschedule() {
	select {
	case s.wake <- struct{}{}:
	default: // it is about to
	}
}

// keepSchedule does the tasks in their time, until the server ends.
func (s *Server) keepSchedule() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		s.mu.Lock()
		s.doTasks()
		wait := time.Hour
		if len(s.tasks) > 0 {
			wait = s.tasks[0].due.Sub(s.now())
		}
		s.mu.Unlock()
		timer.Reset(wait)
		select {
		case <-timer.C:
		case <-s.wake:
		case <-s.ctx.Done():
			return
		}
	}
}
