package spec

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Languages are those that a reference can be written in.
var Languages = []string{"en", "ja"}

// Reference writes a reference of a document in Markdown: a page for each area of
// the API, one of its types, and an index. The result is by language and by name of
// the file.
func Reference(opts GenerateOptions, languages ...string) (map[string]map[string][]byte, error) {
	for _, language := range languages {
		if referenceWords[language] == nil {
			return nil, fmt.Errorf("there is no language %q: expected %s", language, strings.Join(Languages, " or "))
		}
	}
	p, err := prepare(opts)
	if err != nil {
		return nil, err
	}
	all := map[string]map[string][]byte{}
	for _, language := range languages {
		r := &referenceWriter{prepared: p, words: referenceWords[language], language: language, files: map[string]*bytes.Buffer{}}
		r.write()
		all[language] = map[string][]byte{}
		for name, b := range r.files {
			all[language][name] = b.Bytes()
		}
	}
	return all, nil
}

// referenceWords are the words of a reference that no description has.
var referenceWords = map[string]map[string]string{
	"en": {
		"title": "Reference of the %s API", "made": "For %s %s. Made by `misskey-spec reference` from the document, the corrections and the descriptions in `internal/spec/docs`.",
		"areas": "Areas", "tasks": "Tasks", "names": "The tables name properties as they are on the wire. Sentences name them as Go does: VisibleUserIDs is `visibleUserIds`.", "types": "Types", "parameters": "Parameters", "response": "Response", "errors": "Errors", "properties": "Properties", "values": "Values",
		"name": "name", "type": "type", "meaning": "meaning", "code": "code", "status": "status",
		"required": "**required**", "null": "or null", "or": " or ", "array": "array of %s", "map": "object of %s by name", "any": "any JSON", "object": "object",
		"empty": "Nothing: status 204.", "default": "%s by default", "other": "Other", "index": "Index", "maybe": "optional",
		"needs none": "No token is needed.", "needs token": "A token is needed.", "needs permission": "An app token needs the permission `%s`.", "secure": "App tokens are refused: use the account token.",
		"role": "The account must be a %s.", "policy": "A role of the account must grant the policy `%s`.", "limit": "At most %d calls in %s.", "get": "Also accepts GET.", "moved": "Accounts that have moved are refused.",
		"moderator": "moderator", "administrator": "administrator", "items": "an array of %s", "body": "The body is %s.",
	},
	"ja": {
		"title": "%s API リファレンス", "made": "%s %s のリファレンスです。API ドキュメント、その修正、`internal/spec/docs` の説明から `misskey-spec reference` が生成しています。",
		"areas": "分野", "tasks": "目的から探す", "names": "名前はすべて通信上のものです。Go のフィールド名は単語ごとに大文字で始まります（`visibleUserIds` は VisibleUserIDs）。", "types": "型", "parameters": "パラメータ", "response": "レスポンス", "errors": "エラー", "properties": "プロパティ", "values": "値",
		"name": "名前", "type": "型", "meaning": "意味", "code": "コード", "status": "ステータス",
		"required": "**必須**", "null": "または null", "or": " または ", "array": "%s の配列", "map": "名前ごとの %s", "any": "任意の JSON", "object": "オブジェクト",
		"empty": "本文はありません（ステータス 204）。", "default": "省略時は %s", "other": "その他", "index": "目次", "maybe": "省略可",
		"needs none": "トークンは不要です。", "needs token": "トークンが必要です。", "needs permission": "アプリのトークンには権限 `%s` が必要です。", "secure": "アプリのトークンは使えません。アカウント自身のトークンが必要です。",
		"role": "%sのアカウントが必要です。", "policy": "ロールのポリシー `%s` が必要です。", "limit": "%[2]sに %[1]d 回まで呼び出せます。", "get": "GET でも呼び出せます。", "moved": "引っ越し済みのアカウントは使えません。",
		"moderator": "モデレーター", "administrator": "管理者", "items": "%s の配列", "body": "本文は %s です。",
	},
}

// A referenceWriter writes a reference.
type referenceWriter struct {
	*prepared
	words    map[string]string
	language string
	files    map[string]*bytes.Buffer
}

func (r *referenceWriter) word(key string, args ...any) string {
	if len(args) == 0 {
		return r.words[key]
	}
	return fmt.Sprintf(r.words[key], args...)
}

// in returns a description in the language of the reference.
func (r *referenceWriter) in(d Description) string {
	if r.language == "ja" {
		return line(d.Ja)
	}
	return line(d.En)
}

func (r *referenceWriter) page(name string) *bytes.Buffer {
	if r.files[name] == nil {
		r.files[name] = &bytes.Buffer{}
	}
	return r.files[name]
}

// areas returns the operations by area: the first segment of the endpoint, but for
// areas of one or two.
func (r *referenceWriter) areas() (names []string, operations map[string][]*operation) {
	operations = map[string][]*operation{}
	for _, op := range r.operations {
		area, _, _ := strings.Cut(op.Endpoint, "/")
		operations[area] = append(operations[area], op)
	}
	for _, area := range sortedKeys(operations) {
		if len(operations[area]) < 3 {
			operations["other"] = append(operations["other"], operations[area]...)
			delete(operations, area)
		}
	}
	slices.SortFunc(operations["other"], func(a, b *operation) int { return strings.Compare(a.Endpoint, b.Endpoint) })
	return sortedKeys(operations), operations
}

func (r *referenceWriter) write() {
	index := r.page("README.md")
	fmt.Fprintf(index, "# %s\n\n%s\n\n", r.word("title", line(r.software)), r.word("made", line(r.software), line(r.version)))
	fmt.Fprintf(index, "%s\n\n", r.word("names"))
	areas, operations := r.areas()
	r.tasks(index, areas, operations)
	fmt.Fprintf(index, "## %s\n\n", r.word("areas"))
	for _, area := range areas {
		title := area
		if area == "other" {
			title = r.word("other")
		}
		fmt.Fprintf(index, "### [%s](%s.md)\n\n", title, area)
		page := r.page(area + ".md")
		fmt.Fprintf(page, "# %s\n\n[%s](README.md)\n", title, r.word("index"))
		for _, op := range operations[area] {
			fmt.Fprintf(index, "- [`%s`](%s.md#%s): %s\n", op.Endpoint, area, anchor(op.Endpoint), r.firstSentence(r.in(r.docs.Operations[op.Endpoint].Description)))
			r.operation(page, op)
		}
		fmt.Fprintln(index)
	}
	fmt.Fprintf(index, "## %s\n\n", r.word("types"))
	page := r.page("types.md")
	fmt.Fprintf(page, "# %s\n\n[%s](README.md)\n", r.word("types"), r.word("index"))
	for name, schema := range pairs(get(r.overlaid, "components", "schemas")) {
		fmt.Fprintf(index, "- [`%s`](types.md#%s): %s\n", name, anchor(name), r.firstSentence(r.in(r.docs.Components[name].Description)))
		fmt.Fprintf(page, "\n## %s\n\n%s\n", name, sentence(r.in(r.docs.Components[name].Description)))
		r.table(page, r.word("properties"), r.rows(schema, "", false, func(path string) string {
			return r.in(r.docs.Property(name, path))
		}))
		r.valueTable(page, name, schema)
	}
}

func (r *referenceWriter) firstSentence(s string) string {
	end := ". "
	if r.language == "ja" {
		end = "。"
	}
	first, _, _ := strings.Cut(s, end)
	return strings.TrimSuffix(cell(first), ".")
}

func (r *referenceWriter) operation(b *bytes.Buffer, op *operation) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n%s\n\n", op.Endpoint, sentence(r.in(r.docs.Operations[op.Endpoint].Description)), r.facts(op))
	args, result := "", "err"
	for _, p := range op.Parameters {
		args += ", " + p.Variable
	}
	if op.Request != "" {
		args += ", gen." + op.Request + "{…}"
	}
	if op.Result != "" {
		result = "res, err"
	}
	fmt.Fprintf(b, "```go\n%s := mk.%s(ctx%s)\n```\n", result, op.Name, args)
	var n *yaml.Node
	for _, method := range []string{"post", "get"} {
		if n == nil {
			n = get(r.overlaid, "paths", "/"+op.Endpoint, method)
		}
	}
	request := r.content(get(n, "requestBody"))
	var rows []row
	for _, p := range items(get(n, "parameters")) {
		name := text(get(p, "name"))
		rows = append(rows, row{name, r.typeName(get(p, "schema")), isTrue(get(p, "required")), limits(get(p, "schema")), r.in(r.docs.Parameter(op.Endpoint, name))})
	}
	rows = append(rows, r.rows(request, "", true, func(path string) string { return r.in(r.docs.Parameter(op.Endpoint, path)) })...)
	r.table(b, r.word("parameters"), rows)
	for name, p := range pairs(get(request, "properties")) {
		r.valueTable(b, op.Endpoint+"."+name, p)
	}
	response := r.content(get(n, "responses", "200"))
	fmt.Fprintf(b, "\n**%s**\n\n", r.word("response"))
	if response == nil {
		fmt.Fprintln(b, r.word("empty"))
	} else {
		if kind := r.typeName(response); kind != r.word("object") {
			fmt.Fprintln(b, r.word("body", kind))
		}
		r.table(b, "", r.rows(response, "", false, func(path string) string { return r.in(r.docs.Response(op.Endpoint, path)) }))
	}
	var lines []string
	for _, e := range op.Errors {
		meaning := r.in(r.docs.Error(cmp.Or(e.Name, e.Code), e.ID))
		// Some errors of logins have no code and say nothing but their id.
		if line := fmt.Sprintf("| `%s` | %s | %s |\n", cell(cmp.Or(e.Code, e.ID)), cmp.Or(cell(e.Status), "400"), cell(cmp.Or(meaning, "–"))); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	if len(lines) > 0 {
		fmt.Fprintf(b, "\n**%s**\n\n| %s | %s | %s |\n| --- | --- | --- |\n%s", r.word("errors"), r.word("code"), r.word("status"), r.word("meaning"), strings.Join(lines, ""))
	}
}

// facts are what a caller should know, a sentence each.
func (r *referenceWriter) facts(op *operation) string {
	var facts []string
	add := func(key string, args ...any) { facts = append(facts, r.word(key, args...)) }
	switch {
	case op.Secure:
		add("secure")
	case op.Credential:
		add("needs token")
	default:
		add("needs none")
	}
	if op.Permission != "" && !op.Secure {
		add("needs permission", op.Permission)
	}
	if op.Role != "" {
		add("role", r.word(op.Role))
	}
	if op.Policy != "" {
		add("policy", op.Policy)
	}
	if op.Moved {
		add("moved")
	}
	if op.Limit.Max > 0 {
		add("limit", op.Limit.Max, shortDuration(op.Limit.Window.String()))
	}
	if op.GET {
		add("get")
	}
	if r.language == "ja" {
		return strings.Join(facts, "")
	}
	return strings.Join(facts, " ")
}

// shortDuration leaves out zeros: 1h0m0s is 1h.
func shortDuration(d string) string {
	if strings.HasSuffix(d, "m0s") {
		d = strings.TrimSuffix(d, "0s")
	}
	if strings.HasSuffix(d, "h0m") {
		d = strings.TrimSuffix(d, "0m")
	}
	return d
}

// content returns the schema of a body, or nil.
func (r *referenceWriter) content(message *yaml.Node) *yaml.Node {
	for _, media := range pairs(get(message, "content")) {
		return get(media, "schema")
	}
	return nil
}

// A row describes a property.
type row struct {
	name, kind    string
	required      bool
	limits, about string
}

// rows describes the properties of a schema, and those of objects in it.
func (r *referenceWriter) rows(n *yaml.Node, path string, sent bool, describe func(string) string) []row {
	var rows []row
	switch {
	case n == nil || get(n, "$ref") != nil || strings.Count(path, ".") > 6:
		return nil
	case get(n, "items") != nil:
		return r.rows(get(n, "items"), path+"[]", sent, describe)
	}
	seen := map[string]bool{}
	for _, word := range []string{"allOf", "oneOf", "anyOf"} {
		for _, part := range items(get(n, word)) {
			for _, row := range r.rows(part, path, sent, describe) {
				if !seen[row.name] {
					seen[row.name] = true
					row.required = row.required && word == "allOf"
					rows = append(rows, row)
				}
			}
		}
	}
	required := texts(get(n, "required"))
	for name, p := range pairs(get(n, "properties")) {
		at := strings.TrimPrefix(path+"."+name, ".")
		if seen[at] {
			continue
		}
		facts := ""
		if sent && r.language == "en" {
			facts = limits(p)
		}
		rows = append(rows, row{at, r.typeName(p), slices.Contains(required, name), facts, describe(at)})
		rows = append(rows, r.rows(p, at, sent, describe)...)
	}
	if values := get(n, "additionalProperties"); isMap(values) {
		rows = append(rows, r.rows(values, path+"{}", sent, describe)...)
	}
	return rows
}

func (r *referenceWriter) table(b *bytes.Buffer, title string, rows []row) {
	if len(rows) == 0 {
		return
	}
	if title != "" {
		fmt.Fprintf(b, "\n**%s**\n", title)
	}
	fmt.Fprintf(b, "\n| %s | %s | %s |\n| --- | --- | --- |\n", r.word("name"), r.word("type"), r.word("meaning"))
	for _, row := range rows {
		kind := row.kind
		if row.required {
			kind += ", " + r.word("required")
		}
		about := row.about
		if row.limits != "" {
			about = strings.TrimSpace(about + " It " + row.limits)
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", cell(row.name), kind, cell(about))
	}
}

// valueTable writes what the values of an enum mean.
func (r *referenceWriter) valueTable(b *bytes.Buffer, name string, n *yaml.Node) {
	values := enumValues(n)
	if len(values) == 0 {
		return
	}
	described := r.docs.enum(name, values)
	if len(described) == 0 {
		return
	}
	_, short, found := strings.Cut(name, ".")
	if !found {
		short = name
	}
	fmt.Fprintf(b, "\n| `%s` | %s |\n| --- | --- |\n", cell(short), r.word("meaning"))
	for _, value := range values {
		fmt.Fprintf(b, "| `%s` | %s |\n", cell(value), cell(r.in(described[value])))
	}
}

// typeName returns the type of a schema in words, with links to components.
func (r *referenceWriter) typeName(n *yaml.Node) string {
	name := r.kindOf(n)
	if isNullable(n) && !strings.Contains(name, r.word("null")) {
		name += " " + r.word("null")
	}
	return name
}

func (r *referenceWriter) kindOf(n *yaml.Node) string {
	if ref := refName(n); ref != "" {
		return fmt.Sprintf("[%s](types.md#%s)", ref, anchor(ref))
	}
	var parts []string
	for _, word := range []string{"allOf", "oneOf", "anyOf"} {
		for _, part := range items(get(n, word)) {
			if typeOf(part) == "null" {
				continue
			}
			if name := r.kindOf(part); !slices.Contains(parts, name) {
				parts = append(parts, name)
			}
		}
	}
	switch {
	case len(parts) > 4:
		return r.word("object")
	case len(parts) > 0:
		return strings.Join(parts, r.word("or"))
	}
	if values := enumValues(n); len(values) > 0 && len(values) <= 6 {
		for i := range values {
			values[i] = "`" + cell(values[i]) + "`"
		}
		return strings.Join(values, ", ")
	}
	switch t := typeOf(n); t {
	case "array":
		return r.word("array", r.kindOf(get(n, "items")))
	case "object":
		if values := get(n, "additionalProperties"); isMap(values) && len(values.Content) > 0 {
			return r.word("map", r.kindOf(values))
		}
		return r.word("object")
	case "":
		return r.word("any")
	default:
		if format := text(get(n, "format")); format == "date-time" || format == "binary" {
			return t + " (" + format + ")"
		}
		return t
	}
}

// enumValues returns the values of an enum but for null.
func enumValues(n *yaml.Node) []string {
	var values []string
	for _, v := range items(get(n, "enum")) {
		if !isNull(v) {
			values = append(values, v.Value)
		}
	}
	return values
}

// anchor is what a forge makes of a heading.
func anchor(heading string) string {
	return strings.NewReplacer("/", "", "{", "", "}", "", ".", "").Replace(strings.ToLower(heading))
}

// cell makes a text fit for a cell of a table.
func cell(s string) string { return strings.ReplaceAll(line(s), "|", `\|`) }

// sentence begins with a capital.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// tasks are what people want to do, and where to look.
var tasks = []struct {
	en, ja    string
	endpoints []string
}{
	{"Post a note, reply, quote, renote", "ノートの投稿、返信、引用、リノート", []string{"notes/create", "notes/delete", "notes/unrenote"}},
	{"Send a direct message", "ダイレクト投稿、チャット", []string{"notes/create", "chat/messages/create-to-user", "chat/messages/create-to-room"}},
	{"Save a draft, or post later", "下書きと予約投稿", []string{"notes/drafts/create", "notes/drafts/list", "notes/drafts/update"}},
	{"Attach files", "ファイルの添付", []string{"drive/files/create", "drive/files/upload-from-url", "drive/files/find-by-hash"}},
	{"Ask in a poll, vote", "アンケートと投票", []string{"notes/create", "notes/polls/vote"}},
	{"React", "リアクション", []string{"notes/reactions/create", "notes/reactions/delete", "notes/reactions", "emojis"}},
	{"Read timelines, page by page", "タイムラインの取得とページング", []string{"notes/timeline", "notes/local-timeline", "notes/hybrid-timeline", "notes/global-timeline", "notes/user-list-timeline", "users/notes"}},
	{"Search", "検索", []string{"notes/search", "notes/search-by-tag", "users/search", "ap/show"}},
	{"Follow and unfollow", "フォロー", []string{"following/create", "following/delete", "following/requests/list", "following/requests/accept", "users/followers", "users/following"}},
	{"Look up an account", "ユーザー情報", []string{"users/show", "i", "i/update"}},
	{"Read notifications", "通知", []string{"i/notifications", "i/notifications-grouped", "notifications/create", "notifications/mark-all-as-read"}},
	{"Mute and block", "ミュートとブロック", []string{"mute/create", "renote-mute/create", "blocking/create"}},
	{"Lists, antennas, clips, channels", "リスト、アンテナ、クリップ、チャンネル", []string{"users/lists/create", "antennas/create", "clips/create", "channels/create"}},
	{"Receive webhooks", "Webhook の受信", []string{"i/webhooks/create", "i/webhooks/test", "admin/system-webhook/create"}},
	{"Moderate", "モデレーション", []string{"admin/abuse-user-reports", "admin/resolve-abuse-user-report", "admin/suspend-user", "admin/show-user", "admin/emoji/add", "admin/roles/assign", "admin/announcements/create"}},
	{"Export", "エクスポート", []string{"i/export-notes", "i/export-following", "i/export-clips"}},
}

// tasks writes the index by task. What the document does not have is left out.
func (r *referenceWriter) tasks(b *bytes.Buffer, areas []string, operations map[string][]*operation) {
	pages := map[string]string{}
	for _, area := range areas {
		for _, op := range operations[area] {
			pages[op.Endpoint] = area
		}
	}
	var lines []string
	for _, task := range tasks {
		var links []string
		for _, endpoint := range task.endpoints {
			if page := pages[endpoint]; page != "" {
				links = append(links, fmt.Sprintf("[`%s`](%s.md#%s)", endpoint, page, anchor(endpoint)))
			}
		}
		what := task.en
		if r.language == "ja" {
			what = task.ja
		}
		if len(links) > 0 {
			lines = append(lines, "| "+what+" | "+strings.Join(links, ", ")+" |\n")
		}
	}
	if len(lines) > 0 {
		fmt.Fprintf(b, "## %s\n\n| | |\n| --- | --- |\n%s\n", r.word("tasks"), strings.Join(lines, ""))
	}
}
