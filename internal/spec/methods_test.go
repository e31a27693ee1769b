package spec

import (
	"go/types"
	"slices"
	"strings"
	"testing"
)

// methodsOf are the methods of the types of a package, of values, with those of
// what they embed.
func methodsOf(pkg *types.Package) map[string][]string {
	all := map[string][]string{}
	for _, name := range pkg.Scope().Names() {
		if typ, ok := pkg.Scope().Lookup(name).(*types.TypeName); ok && !typ.IsAlias() {
			set := types.NewMethodSet(typ.Type())
			for method := range set.Methods() {
				if method.Obj().Exported() {
					all[name] = append(all[name], method.Obj().Name())
				}
			}
		}
	}
	return all
}

// The types of a fork have methods by their properties, not by their names, and
// without what it lacks.
func TestMethodsOfFork(t *testing.T) {
	g := generated(t, `
operations:
  posts/show: {response: {$ref: '#/components/schemas/Post'}, request: {type: object, properties: {id: {type: string}, userId: {type: string}, text: {type: string}, renoteId: {type: string}}}}
  cats/show: {response: {$ref: '#/components/schemas/BigCat'}}
  odd/show: {response: {type: object, required: [post, plain, mine, notification], properties: {post: {$ref: '#/components/schemas/OddPost'}, plain: {$ref: '#/components/schemas/Plain'}, mine: {$ref: '#/components/schemas/OddCat'}, notification: {$ref: '#/components/schemas/News'}}}}
schemas:
  Post: {type: object, required: [id, userId, text, reactions], properties: {id: {type: string}, userId: {type: string}, text: {type: string}, renoteId: {type: string}, author: {type: string}, visibility: {type: string, enum: [public, meow]}, reactions: {type: object, additionalProperties: {type: integer}}}}
  OddPost: {type: object, required: [id, userId, isRenote], properties: {id: {type: string}, userId: {type: string}, text: {type: [string, 'null']}, renoteId: {type: string}, replyId: {type: string}, isRenote: {type: boolean}, string: {type: string}, user: {$ref: '#/components/schemas/Cat'}, poll: {type: boolean}}}
  Cat: {type: object, required: [id, username, host], properties: {id: {type: string}, username: {type: string}, host: {type: string}}}
  BigCat: {allOf: [{$ref: '#/components/schemas/Cat'}, {type: object, required: [token], properties: {token: {type: string}}}]}
  OddCat: {type: object, required: [id, username, host, acct], properties: {id: {type: string}, username: {type: string}, host: {type: integer}, acct: {type: string}, name: {type: string}}}
  News: {type: object, required: [id, type, createdAt, note, reaction], properties: {id: {type: string}, type: {type: string}, createdAt: {type: string, format: date-time}, note: {$ref: '#/components/schemas/Post'}, reaction: {type: integer}, user: {type: string}}}
  Plain: {type: object, required: [id], properties: {id: {type: string}, name: {type: string}}}`)
	methods := methodsOf(compiled(t, g.Files))
	for name, want := range map[string][]string{
		"Post":    {"IsQuote", "IsRenote", "LogValue", "OriginURL", "String", "WebURL"},
		"OddPost": {"IsQuote", "LogValue"}, // no reactions, no page; the others are fields
		"Cat":     {"Acct", "DisplayName", "LogValue", "String", "WebURL"},
		"BigCat":  {"Acct", "DisplayName", "LogValue", "String", "WebURL"},
		"OddCat":  {"DisplayName", "LogValue", "String", "WebURL"},
		"News":    {"LogValue", "String"},
		"Plain":   nil,

		"PostsShowRequest": nil,
	} {
		if got := methods[name]; !slices.Equal(got, want) {
			t.Errorf("%s has the methods %v, want %v", name, got, want)
		}
	}
	src := string(g.Files["methods.go"])
	for _, want := range []string{
		`{ return n.RenoteID != nil && n.Text == "" }`,
		`return n.RenoteID != nil && (n.Text != nil || n.ReplyID != nil || n.Poll != nil)` + "\n",
		"if n.User != nil {\n\t\ts.Acct = api.Acct(n.User.Username, n.User.Host)",
		`Acct(u.Username, "")`, // the host of an OddCat is a number
		`s.Note = new(n.Note.summary())`,
	} {
		if !strings.Contains(src, want) {
			t.Errorf("there is no %q in\n%s", want, src)
		}
	}
	if strings.Contains(src, "func (u BigCat)") {
		t.Error("BigCat has methods besides those of the Cat that it embeds")
	}
}
