// Package api is the runtime of generated Misskey bindings: what package gen of
// this module, and every binding that is generated for a fork, imports.
//
// Programs seldom import it themselves. Package gen has aliases for what programs
// need, and the client of package misskey is the [Caller] that does the work.
package api
