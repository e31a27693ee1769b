// Package api is the runtime of generated Misskey bindings: what package gen of
// this module, and every binding that is generated for a fork, imports.
//
// Programs seldom import it themselves. Package gen repeats as aliases what a
// program needs, and package misskey brings the [Caller] that does the work.
package api
