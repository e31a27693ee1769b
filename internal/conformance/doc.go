// Package conformance replays recorded exchanges of a Misskey server through a
// generated client and reports where the two disagree.
//
// A recording is a file of JSON lines, one [Exchange] a line. The client under
// test, a [Target], is called with each request; its transport keeps what it
// sends and responds with what the server answered. Then
//
//   - a request that the server accepted must have been sent as recorded,
//   - a response must decode and, encoded again, hold all that was recorded and
//     nothing else,
//   - an error must be an error with the recorded status, code and id.
//
// What is not so is a [Finding] in the [Report].
//
// The recording in testdata was made smaller by the program in trim, which
// keeps at least one of every kind of thing. The environment variable
// MISSKEY_CORPUS names a folder with recordings that the test replays whole.
package conformance
