package misskey

//go:generate go run ./cmd/misskey-spec generate -strict -config oapi-config.yaml -names internal/spec/names.yaml -document misskeytest/document.json.gz
//go:generate go run ./cmd/misskey/internal/reference/make
//go:generate go run ./cmd/misskey-spec reference
