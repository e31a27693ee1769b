package spec

// Extension fields. Those of the first group are facts of Misskey, written by
// the importer or by overlay.yaml; the second group is how overlay.yaml steers
// the passes; the third is how the passes talk to each other and to the
// templates, and stands in no file.
const (
	extCredential    = "x-misskey-credential"
	extPermission    = "x-misskey-permission"
	extSecure        = "x-misskey-secure"
	extErrors        = "x-misskey-errors"
	extPermissions   = "x-misskey-permissions"
	extRole          = "x-misskey-role"
	extPolicy        = "x-misskey-policy"
	extProhibitMoved = "x-misskey-prohibit-moved"
	extLimit         = "x-misskey-limit"
	extCacheSeconds  = "x-misskey-cache-seconds"
	extReadOnly      = "x-misskey-read-only"
	extDatesCombine  = "x-misskey-dates-combine" // a date stands for the id that is missing (protocol A.11)
	extUnit          = "x-misskey-unit"          // of a number that is a point in time or a duration
	extPaging        = "x-misskey-paging"        // false: the parameters of paging are ignored
	extCaution       = "x-misskey-caution"       // sentences for the comment of the method: what the endpoint does that nobody expects

	extMany   = "x-misskey-many"   // the parameter of an operation that asks for many of what it answers
	extEnum   = "x-misskey-enum"   // the component that is the enum of a string
	extNull   = "x-misskey-null"   // "absent": null means the same as absent
	extKeep   = "x-misskey-keep"   // print the component though no operation uses it
	extGoType = "x-go-type"        // a hand-written type
	extImport = "x-go-type-import" // where it is from

	extGET       = "x-misskey-get"          // the operation can be sent as GET
	extMayBe     = "x-misskey-may-be-empty" // the operation answers 200 or 204
	extTwin      = "x-misskey-twin"         // the second method of an operation, for many
	extKinds     = "x-misskey-kinds"        // of a union: the property that tells its arms apart, and their fields
	extRaw       = "x-misskey-raw"          // free JSON
	extOneOrMany = "x-misskey-one-or-many"  // the schema of the one
	extAssumed   = "x-misskey-assumed"      // the facts of the operation that are Misskey's, and not in the fork's document
	extCall      = "x-misskey-call"         // how the client template prints the method
	extExtends   = "x-misskey-extends"      // the components that an object has all properties of, by allOf
	extEmbed     = "x-misskey-embed"        // the component that a struct embeds
	extComment   = "x-misskey-comment"      // the comment of a type
	extValues    = "x-misskey-values"       // the comments of the constants of an enum, by value
)
