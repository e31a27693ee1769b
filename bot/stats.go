package bot

import "time"

// Stats are what a bot has done since it was made, and what it does now.
type Stats struct {
	// Waiting is how many messages and other events wait for their handler, and
	// Running how many handlers run.
	Waiting, Running int

	// Handled counts the handlers that have ended, those of times included. Failed
	// counts those of them that returned an error, panicked or were left alone after
	// their deadline. Skipped counts the messages that were not handled because of
	// [Options].MaxPerMinute.
	Handled, Failed, Skipped int64

	// HandlerTime is how long all handlers that have ended have taken.
	HandlerTime time.Duration
}

// Stats returns the counters. The calls of a bot are in those of its client, see
// [misskey.Client.CallStats].
func (b *Bot) Stats() Stats {
	if b.jobs == nil {
		return Stats{}
	}
	b.jobs.mu.Lock()
	defer b.jobs.mu.Unlock()
	s := b.jobs.stats
	s.Waiting = b.jobs.count - b.jobs.handling
	return s
}

// counted counts the call of a handler, which is one of those that wait for their
// turn if queued is 1, and not if it is 0.
func (d *dispatcher) counted(queued int, call func() error) error {
	d.mu.Lock()
	d.stats.Running++
	d.handling += queued
	d.mu.Unlock()
	begun := time.Now()
	err := call()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stats.Running--
	d.handling -= queued
	d.stats.Handled++
	d.stats.HandlerTime += time.Since(begun)
	if err != nil {
		d.stats.Failed++
	}
	return err
}
