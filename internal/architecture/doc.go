// Package architecture has no code, only tests of the module as a whole: its
// size, which package may import which, what a program that uses it has to link,
// and that what is written down in several places is the same in all of them.
package architecture
