// Package misskey is a client of the HTTP API of Misskey and of the servers
// that descend from it.
//
//	mk, err := misskey.New("misskey.example", misskey.WithToken(token))
//	…
//	note, err := mk.NotesShow(ctx, gen.NotesShowRequest{NoteID: id})
//	switch {
//	case errors.Is(err, gen.ErrNoSuchNote):
//		…
//
// A [Client] has a method for every endpoint of the API; they, their types, the
// error codes and the permissions are in package gen. [Call] calls an endpoint
// that is not among them by its name.
//
// # Errors
//
// Whatever a server answers other than what was asked for is an [*Error]: an
// error of Misskey's own, a gateway's page, an empty response, a redirect.
// errors.Is finds its code and its id. A response of another kind as a whole is a
// [*DecodeError], one that is too large [ErrTooLarge]. What the network or the
// context has to say is wrapped, so that errors.Is(err, context.Canceled) works.
// All of them name the endpoint, and none the token.
//
// # What does not fit its type
//
// Servers change, and forks differ. A value in a response that is of another kind
// than its field leaves that field at zero; everything else is decoded. Such
// values are logged and given to [WithMismatchNotify]; [Strict] makes them an
// error. Properties without a field are ignored; [Raw] keeps them.
//
// # What is sent again
//
// A call that the server refuses because there were too many waits for as long
// as the server asks, and is sent again. So is, after a second or so, a call that
// only reads when a gateway or the network fails. A write that may have been
// carried out is never sent again, and neither is an upload. [WithRetry] has the
// details, [Retry] and [NoRetry] change it for one call, [WithRetryNotify] and
// [WithLogger] report the waits. Nothing waits longer than the deadline of the
// context.
//
// # Where the token goes
//
// To the instance that the client was made for and to nobody else: redirects
// are not followed, requests to other hosts are refused, plain http is only for
// this machine unless [WithPlainHTTP] says otherwise. It travels in the body of
// a POST or in a header, never in a URL unless [QueryTokenEditor] puts it there.
package misskey
