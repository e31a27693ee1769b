package spec

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// What means the same has one enum. A property that is a string here and an enum
// there, and two enums that share most of their values, are listed below with the
// reason for it, so that the next document cannot bring a second type for one meaning.
func TestOneEnumForOneMeaning(t *testing.T) {
	doc, err := os.ReadFile("../../api.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, err := prepare(GenerateOptions{Document: doc, Package: "gen", Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	s := newShaper(p.doc, shapeOptions{})
	enums := map[string][]string{}
	for name, n := range pairs(s.schemas()) {
		if values := sortedEnum(n); len(values) > 0 {
			enums[name] = values
		}
	}
	found := map[string]bool{}

	// By the name of a property: the enums it has, and where it is a string.
	enumsOf, stringsOf := map[string][]string{}, map[string][]string{}
	for owner, n := range pairs(s.schemas()) {
		for name, property := range pairs(get(n, "properties")) {
			goType := strings.NewReplacer("*", "", "[]", "", "api.Nullable[", "", "]", "").Replace(s.goType(property))
			switch {
			case enums[goType] != nil && !slices.Contains(enumsOf[name], goType):
				enumsOf[name] = append(enumsOf[name], goType)
			case goType == "string":
				stringsOf[name] = append(stringsOf[name], owner)
			}
		}
	}
	for name := range enumsOf {
		if name == "name" || name == "type" {
			continue // words that say nothing alone
		}
		for _, owner := range stringsOf[name] {
			found[owner+"."+name] = true
		}
	}
	for _, a := range sortedKeys(enums) {
		for _, b := range sortedKeys(enums) {
			shared := 0
			for _, v := range enums[a] {
				if slices.Contains(enums[b], v) {
					shared++
				}
			}
			if a != b && len(enums[a]) <= len(enums[b]) && (shared >= 3 && 3*shared >= 2*len(enums[a]) || len(enums[a]) == shared) {
				found[a+" and "+b] = true
			}
		}
	}
	for _, place := range sortedKeys(found) {
		if differentMeanings[place] == "" {
			t.Errorf("%s: one enum for one meaning: mark both with %s in the overlay, or say here why they differ", place, extEnum)
		}
	}
	for _, place := range sortedKeys(differentMeanings) {
		if !found[place] {
			t.Errorf("%s is listed and there is no such pair", place)
		}
	}
}

// differentMeanings are the pairs that stay apart, and why.
var differentMeanings = map[string]string{
	"AdminDriveShowFileResponse.src":                 "the address a file came from, not what an antenna listens to",
	"EmojiQueryHostType and SensitiveMediaDetection": "whose emojis, and whose media are examined",
	"FetchRSSPaginationLinks.next":                   "an address, not the next step of a login",
	"FlashVisibility and FollowVisibility":           "follows are also shown to followers only",
	"Notification.icon":                              "the address of a picture, not the icon of an announcement",
	"NotificationsCreateRequest.icon":                "the same",
	"QueueJobState and QueueClearState":              "clearing takes states that listing does not",
	"UGCVisibility and SensitiveMediaDetection":      "what visitors see, and what is examined",
	"WebhookEvent and NotificationType":              "what a webhook hears of, and what makes a notification",
	"UserSort and AdminUserSort":                     "moderators can sort by more",
	"UserState and AdminUserState":                   "moderators can filter by more",
}
