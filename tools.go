//go:build ignore

// The generator behind go generate is oapi-codegen, used as a library by
// cmd/misskey-spec. Its version is pinned by the tool line of go.mod, which, other
// than an import here under a build tag, adds one requirement to those who import
// this module and not eighteen.
package tools
