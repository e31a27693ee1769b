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
// A [Client] has a method for every endpoint of the API. Package gen holds these
// methods, their types, the error codes and the permissions. [Call] calls an
// endpoint by its name, for endpoints that gen lacks.
//
// # Errors
//
// A call fails with an [*Error] if the server refuses it, or if the response is a
// gateway's page, a redirect, or empty where it should not be. errors.Is matches
// an Error against error codes and ids. A response that cannot be decoded is a
// [*DecodeError], and a response that is too large is [ErrTooLarge]. Errors of the
// network and of the context are wrapped, so errors.Is(err, context.Canceled)
// works. Every error names the endpoint, and no error contains the token.
//
// # Mismatches
//
// Servers change, and forks differ. If a value in a response does not fit its
// field, the field stays zero and the rest of the response is decoded. The client
// logs the mismatch and reports it to [WithMismatchNotify]. With [Strict], the call
// fails instead. Properties without a field are ignored; [Raw] keeps them.
//
// # Retries
//
// If the server refuses a call because of a rate limit, the client waits for as
// long as the server asks and sends the call again. If a gateway or the network
// fails, the client sends a call again only if the call reads. It never repeats a
// write that may have been carried out, nor an upload. [WithRetry] has the details.
// [Retry] and [NoRetry] change the policy for one call. [WithRetryNotify] and
// [WithLogger] report each wait. No wait outlasts the deadline of the context.
//
// # The token
//
// The client sends its token to the instance it was made for, and to no other
// host. It does not follow redirects. Plain HTTP is accepted only for localhost,
// unless you pass [WithPlainHTTP]. The token travels in the body of a POST or in a
// header, and never in a URL unless you use [QueryTokenEditor].
package misskey
