//go:build race

package misskey

const raceDetector = true
