// Package mfm reads and writes MFM, the markup of the texts of Misskey.
package mfm
