//go:build race

package mfm_test

const raceDetector = true
