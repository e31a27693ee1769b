package contract

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/misskey-go/misskey/gen"
)

// emoji makes a custom emoji, which is deleted when the case has ended.
func (t *T) emoji() *gen.EmojiDetailed {
	t.Helper()
	f, err := t.root.DriveFilesCreate(t.Context(), gen.DriveFilesCreateRequest{File: pictureFile(), Force: new(true)})
	t.ok(err)
	e, err := t.root.AdminEmojiAdd(t.Context(), gen.AdminEmojiAddRequest{Name: fmt.Sprintf("contract%d", rand.IntN(1_000_000_000)), FileID: f.ID})
	t.ok(err)
	t.Cleanup(func() {
		_ = t.root.AdminEmojiDeleteBulk(context.Background(), gen.AdminEmojiDeleteBulkRequest{IDs: []string{e.ID}})
		_ = t.root.DriveFilesDelete(context.Background(), gen.DriveFilesDeleteRequest{FileID: f.ID})
	})
	return e
}

var emojiCases = []testCase{
	{"a custom emoji can be found and is a reaction", func(t *T) {
		u, v := t.user(), t.user()
		e := t.emoji()
		shown, err := t.guest().Emoji(t.Context(), gen.EmojiRequest{Name: e.Name})
		t.ok(err)
		equal(t, "id", shown.ID, e.ID)
		t.eventually("the list", func() bool {
			all, err := t.guest().Emojis(t.Context())
			t.ok(err)
			for _, simple := range all.Emojis {
				if simple.Name == e.Name {
					return true
				}
			}
			return false
		})
		n := t.text(u, "look")
		t.eventually("the reaction", func() bool {
			_ = v.NotesReactionsCreate(t.Context(), gen.NotesReactionsCreateRequest{NoteID: n.ID, Reaction: ":" + e.Name + ":"})
			n, err := v.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: n.ID})
			t.ok(err)
			return n.Reactions[":"+e.Name+"@.:"] == 1 && n.MyReaction != nil && *n.MyReaction == ":"+e.Name+"@.:"
		})
	}},
	{"an emoji that there is not is a heart", func(t *T) {
		u, v := t.user(), t.user()
		n := t.text(u, "look")
		t.ok(v.NotesReactionsCreate(t.Context(), gen.NotesReactionsCreateRequest{NoteID: n.ID, Reaction: ":no_such_emoji_at_all:"}))
		t.eventually("the reaction", func() bool {
			n, err := v.NotesShow(t.Context(), gen.NotesShowRequest{NoteID: n.ID})
			t.ok(err)
			return n.Reactions["❤"] == 1
		})
		_, err := t.guest().Emoji(t.Context(), gen.EmojiRequest{Name: "no_such_emoji_at_all"})
		t.refused(err, gen.ErrInternalError, 500)
	}},
	{"custom emojis are managed", func(t *T) {
		e := t.emoji()
		shown := func() *gen.EmojiDetailed {
			t.Helper()
			shown, err := t.root.Emoji(t.Context(), gen.EmojiRequest{Name: e.Name})
			t.ok(err)
			return shown
		}
		t.ok(t.root.AdminEmojiUpdate(t.Context(), gen.AdminEmojiUpdateRequest{ID: &e.ID, Category: gen.Value("test"), Aliases: []string{"one"}}))
		equal(t, "category", *shown().Category, "test")
		t.ok(t.root.AdminEmojiAddAliasesBulk(t.Context(), gen.AdminEmojiAddAliasesBulkRequest{IDs: []string{e.ID}, Aliases: []string{"two", "three"}}))
		t.ok(t.root.AdminEmojiRemoveAliasesBulk(t.Context(), gen.AdminEmojiRemoveAliasesBulkRequest{IDs: []string{e.ID}, Aliases: []string{"two"}}))
		equal(t, "aliases", fmt.Sprint(shown().Aliases), "[one three]")
		t.ok(t.root.AdminEmojiSetAliasesBulk(t.Context(), gen.AdminEmojiSetAliasesBulkRequest{IDs: []string{e.ID}, Aliases: []string{"four"}}))
		t.ok(t.root.AdminEmojiSetCategoryBulk(t.Context(), gen.AdminEmojiSetCategoryBulkRequest{IDs: []string{e.ID}}))
		t.ok(t.root.AdminEmojiSetLicenseBulk(t.Context(), gen.AdminEmojiSetLicenseBulkRequest{IDs: []string{e.ID}, License: new("CC0")}))
		now := shown()
		equal(t, "aliases", fmt.Sprint(now.Aliases), "[four]")
		equal(t, "category", now.Category, nil)
		equal(t, "license", *now.License, "CC0")
		all, err := t.root.AdminEmojiList(t.Context(), gen.AdminEmojiListRequest{Query: new(e.Name)})
		t.ok(err)
		equal(t, "found", len(all), 1)
		t.ok(t.root.AdminEmojiDelete(t.Context(), gen.AdminEmojiDeleteRequest{ID: e.ID}))
		t.refused(t.root.AdminEmojiDelete(t.Context(), gen.AdminEmojiDeleteRequest{ID: e.ID}), gen.ErrInternalError, 500)
	}},
	{"custom emojis have names of their own", func(t *T) {
		e, other := t.emoji(), t.emoji()
		f, err := t.root.DriveFilesCreate(t.Context(), gen.DriveFilesCreateRequest{File: pictureFile(), Force: new(true)})
		t.ok(err)
		_, err = t.root.AdminEmojiAdd(t.Context(), gen.AdminEmojiAddRequest{Name: e.Name, FileID: f.ID})
		t.refused(err, gen.ErrIDAdminEmojiAddDuplicateName, 400)
		_, err = t.root.AdminEmojiAdd(t.Context(), gen.AdminEmojiAddRequest{Name: "contract_nope", FileID: "0"})
		t.refused(err, gen.ErrIDAdminEmojiAddNoSuchFile, 400)
		t.ok(t.root.DriveFilesDelete(t.Context(), gen.DriveFilesDeleteRequest{FileID: f.ID}))
		t.refused(t.root.AdminEmojiUpdate(t.Context(), gen.AdminEmojiUpdateRequest{ID: &e.ID, Name: &other.Name}), gen.ErrSameNameEmojiExists, 400)
		t.refused(t.root.AdminEmojiUpdate(t.Context(), gen.AdminEmojiUpdateRequest{ID: new("0")}), gen.ErrIDAdminEmojiUpdateNoSuchEmoji, 400)
	}},
}
