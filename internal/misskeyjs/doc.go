// Package misskeyjs drives misskey-js, the client that Misskey itself is made
// with, against the server of misskeytest or a real instance: what a client of
// another make sends, and understands, is what both have to get right.
//
// Its test needs Node.js and npm, and the network for the first time. It runs
// where that is asked for:
//
//	MISSKEY_TEST_NPM=1 go test ./internal/misskeyjs
//
// With MISSKEY_URL and MISSKEY_TOKEN, the own token of the account root, it runs
// against that instance as well. It is skipped where there is no Node.js, or npm
// cannot be reached; MISSKEY_TEST_NPM=required fails there.
package misskeyjs
