// Package spec turns the OpenAPI document of a Misskey instance into a Go
// package. Import makes a reviewable file of the document, the overlay corrects
// it, shape passes turn it into the OpenAPI that prints as good Go, and Generate
// prints it. It is the library behind the command misskey-spec.
package spec
