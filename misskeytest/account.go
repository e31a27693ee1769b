package misskeytest

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/misskey-go/misskey/gen"
)

// A User is an account to be.
type User struct {
	// Username has 1 to 20 letters, digits or underscores, and is unique on its
	// server without regard to case.
	Username string

	// Host is the name of another server that the account is of, such as
	// remote.example; empty for this server.
	Host string

	// Name is what is shown instead; empty for none.
	Name string

	// Locked makes follows wait to be accepted.
	Locked bool

	// Bot and Cat are what the account says of itself.
	Bot, Cat bool

	// Moderator and Administrator let the account call the endpoints that are
	// for these roles only. An administrator is a moderator, too.
	Moderator, Administrator bool

	// Password is what signs in, "password" if it is empty.
	Password string

	// Suspended makes the server refuse the account.
	Suspended bool
}

// An account is a user, with all that belongs to it alone.
type account struct {
	id, username, token, password string

	host string // of another server, in lower case; empty for this one

	made                                User // as it was
	moderator, administrator, suspended bool

	movedTo string

	// profile is what i/update changes, by the names that it has there.
	profile object

	notes         int       // how many there are
	posted        time.Time // the last note; zero without one
	notifications list[*notification]
	read          string // the youngest notification that has been read
	pinned        []string
	achievements  []achievement
	days          map[string]bool // on which it has called i
}

func (a *account) key() string { return a.id }

// newProfile is that of an account that has not changed it.
func newProfile() object {
	return object{
		"name": nil, "description": nil, "followedMessage": nil, "location": nil, "birthday": nil, "lang": nil,
		"avatarId": nil, "bannerId": nil, "pinnedPageId": nil,
		"makeNotesFollowersOnlyBefore": nil, "makeNotesHiddenBefore": nil, "requireSigninToViewContents": false,
		"isLocked": false, "isBot": false, "isCat": false, "isExplorable": true,
		"hideOnlineStatus": false, "publicReactions": true, "carefulBot": false, "autoAcceptFollowed": true,
		"noCrawle": false, "preventAiLearning": true, "injectFeaturedNote": true, "receiveAnnouncementEmail": true,
		"alwaysMarkNsfw": false, "autoSensitive": false,
		"followingVisibility": "public", "followersVisibility": "public", "chatScope": "mutual",
		"fields": []any{}, "avatarDecorations": []any{}, "mutedWords": []any{}, "hardMutedWords": []any{},
		"mutedInstances": []any{}, "notificationRecieveConfig": object{}, "emailNotificationTypes": []any{"follow", "receiveFollowRequest"},
		"alsoKnownAs": nil,
	}
}

// defaultPolicies are those that Misskey has at first.
func defaultPolicies() object {
	return object{
		"alwaysMarkNsfw": false, "antennaLimit": 5, "avatarDecorationLimit": 1, "canHideAds": false,
		"canImportAntennas": false, "canImportBlocking": false, "canImportFollowing": false, "canImportMuting": false,
		"canImportUserLists": false, "canInvite": false, "canManageAvatarDecorations": false, "canManageCustomEmojis": false,
		"canCreateChannel": true, "canPublicNote": true, "canSearchNotes": false, "canSearchUsers": true, "canUpdateBioMedia": true,
		"canUseTranslator": true, "chatAvailability": "available", "clipLimit": 10, "driveCapacityMb": 100,
		"gtlAvailable": true, "inviteExpirationTime": 0, "inviteLimit": 0, "inviteLimitCycle": 10080, "ltlAvailable": true,
		"maxFileSizeMb": 30, "mentionLimit": 20, "noteDraftLimit": 10, "noteEachClipsLimit": 200, "pinLimit": 5,
		"rateLimitFactor": 1, "scheduledNoteLimit": 1,
		"uploadableFileTypes":    []any{"text/*", "application/json", "image/*", "video/*", "audio/*"},
		"userEachUserListsLimit": 50, "userListLimit": 10, "watermarkAvailable": true, "webhookLimit": 3, "wordMuteLimit": 200,
	}
}

var validUsername = regexp.MustCompile(`^\w{1,20}$`)

// AddUser makes an account and returns its id.
func (s *Server) AddUser(u User) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u.Host = strings.ToLower(u.Host)
	switch {
	case u.Host == "" && !validUsername.MatchString(u.Username):
		s.fatal(fmt.Errorf("misskeytest: %q is not a username: it has 1 to 20 letters, digits or underscores", u.Username))
	case u.Host != "" && !validRemoteName.MatchString(u.Username):
		s.fatal(fmt.Errorf("misskeytest: %q is not a username: it has letters, digits and . _ -", u.Username))
	case u.Host != "" && !validHost.MatchString(u.Host):
		s.fatal(fmt.Errorf("misskeytest: %q is not a name of a server such as remote.example", u.Host))
	case s.addressed(u.Username, u.Host) != nil:
		s.fatal(fmt.Errorf("misskeytest: there is an account %q already", u.Username))
	}
	return s.addAccount(u).id
}

var (
	validRemoteName = regexp.MustCompile(`^\w(?:[\w.-]*\w)?$`)
	validHost       = regexp.MustCompile(`^[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?(?::\d+)?$`)
)

func (s *Server) addAccount(u User) *account {
	a := &account{
		id:        s.ids.next(s.now()),
		username:  u.Username,
		host:      u.Host,
		password:  cmp.Or(u.Password, defaultPassword),
		made:      u,
		suspended: u.Suspended,
		profile:   newProfile(),
		days:      map[string]bool{},
	}
	if u.Name != "" {
		a.profile["name"] = u.Name
	}
	a.profile["isLocked"], a.profile["isBot"], a.profile["isCat"] = u.Locked, u.Bot, u.Cat
	a.token = s.newToken(16)
	s.accounts.add(a)
	s.usernames[address(u.Username, u.Host)] = a
	s.tokens[a.token] = a
	s.settleRoles(a)
	return a
}

// address identifies an account among those of all servers.
func address(username, host string) string {
	if host != "" {
		username += "@" + host
	}
	return strings.ToLower(username)
}

// named returns the account of this server with a username, or nil.
func (s *state) named(username string) *account {
	if strings.Contains(username, "@") {
		return nil
	}
	return s.usernames[strings.ToLower(username)]
}

// addressed returns the account with a username on a server, or nil. This server
// has no host, or its own.
func (s *Server) addressed(username, host string) *account {
	if host == "" || strings.EqualFold(host, s.host()) {
		return s.named(username)
	}
	return s.usernames[address(username, host)]
}

// ensure returns the account of a username, or of one such as bob@remote.example,
// which it makes if there is none.
func (s *Server) ensure(username string) *account {
	username, host, _ := strings.Cut(username, "@")
	if a := s.addressed(username, host); a != nil {
		return a
	}
	if host != "" {
		if !validRemoteName.MatchString(username) || !validHost.MatchString(host) {
			s.fatal(fmt.Errorf("misskeytest: %q is not an account of another server such as bob@remote.example", username+"@"+host))
		}
		return s.addAccount(User{Username: username, Host: strings.ToLower(host)})
	}
	if !validUsername.MatchString(username) {
		s.fatal(fmt.Errorf("misskeytest: %q is not a username: it has 1 to 20 letters, digits or underscores", username))
	}
	return s.addAccount(User{Username: username})
}

func (a *account) flag(name string) bool { return a.profile[name] == true }

// avatarURL is where the picture of an account is; there is always one.
func (s *Server) avatarURL(a *account) string {
	if f := s.files.get(text(a.profile["avatarId"])); f != nil {
		return s.URL + "/files/" + f.name()
	}
	return s.URL + "/identicon/" + a.username + "@" + cmp.Or(a.host, s.host())
}

// host is the name of the server in addresses of accounts.
func (s *Server) host() string {
	u, err := url.Parse(s.URL)
	if err != nil {
		return ""
	}
	return u.Host
}

// userLite is what everybody sees of an account next to a note.
func (s *Server) userLite(a *account) object {
	user := object{
		"id": a.id, "username": a.username, "name": a.profile["name"], "host": a.shownHost(),
		"avatarUrl": s.avatarURL(a), "avatarBlurhash": nil, "avatarDecorations": a.profile["avatarDecorations"],
		"isBot": a.flag("isBot"), "isCat": a.flag("isCat"), "emojis": object{}, "onlineStatus": "unknown", "badgeRoles": s.badges(a),
	}
	if a.host != "" {
		delete(user, "badgeRoles")
		user["instance"] = object{"name": a.host, "softwareName": "misskey", "softwareVersion": s.versionText(), "iconUrl": nil, "faviconUrl": nil, "themeColor": nil}
	}
	if a.flag("requireSigninToViewContents") {
		user["requireSigninToViewContents"] = true
	}
	for _, name := range []string{"makeNotesFollowersOnlyBefore", "makeNotesHiddenBefore"} {
		if v := a.profile[name]; v != nil {
			user[name] = v
		}
	}
	return user
}

// shownHost is the server of an account, as users and the like show it: null for
// this one.
func (a *account) shownHost() any {
	if a.host == "" {
		return nil
	}
	return a.host
}

// userDetailed is what the viewer, who may be nil, sees on the page of an account.
func (s *Server) userDetailed(a, viewer *account) object {
	user := s.userLite(a)
	var banner any
	if f := s.files.get(text(a.profile["bannerId"])); f != nil {
		banner = s.URL + "/files/" + f.name()
	}
	var updated any
	if !a.posted.IsZero() {
		updated = stamp(a.posted)
	}
	pinned := []any{}
	for _, id := range a.pinned {
		if n := s.notes.get(id); n != nil {
			pinned = append(pinned, s.packNote(n, viewer))
		}
	}
	maps.Copy(user, object{
		"url": nil, "uri": nil, "movedTo": nil, "alsoKnownAs": a.profile["alsoKnownAs"],
		"createdAt": createdAt(a.id), "updatedAt": updated, "lastFetchedAt": nil,
		"bannerUrl": banner, "bannerBlurhash": nil, "isSilenced": false, "isSuspended": a.suspended,
		"verifiedLinks":  []any{},
		"followersCount": s.followers(a),
		"followingCount": s.follows.count(func(f *follow) bool { return f.follower == a }),
		"notesCount":     a.notes,
		"pinnedNoteIds":  append([]string{}, a.pinned...), "pinnedNotes": pinned, "pinnedPage": nil,
		"canChat": s.canChat(a), "roles": s.publicRoles(a), "memo": nil,
	})
	if a.movedTo != "" {
		user["movedTo"] = a.movedTo
	}
	if a.host != "" {
		user["uri"], user["url"], user["lastFetchedAt"] = s.userURI(a), s.origin(a)+"/@"+a.username, createdAt(a.id)
	}
	for _, name := range []string{"isLocked", "description", "location", "birthday", "lang", "fields", "pinnedPageId",
		"publicReactions", "followersVisibility", "followingVisibility", "chatScope"} {
		user[name] = a.profile[name]
	}
	if viewer == nil || viewer == a {
		return user
	}
	maps.Copy(user, s.relation(viewer, a))
	if memo, ok := s.memos[followPair{viewer, a}]; ok {
		user["memo"] = memo
	}
	f := s.followOf(viewer, a)
	user["notify"], user["withReplies"] = "none", false
	if f != nil {
		user["followedMessage"] = a.profile["followedMessage"]
		user["withReplies"] = f.withReplies
		if f.notify {
			user["notify"] = "normal"
		}
	}
	if viewer.moderator {
		maps.Copy(user, object{"moderationNote": "", "twoFactorEnabled": false, "usePasswordLessLogin": false, "securityKeys": false})
	}
	return user
}

// me is what an account sees of itself. The secrets are for its own token, and
// only where it asks for itself.
func (s *Server) me(a *account, secrets bool) object {
	user := s.userDetailed(a, a)
	unread, announcements := a.unread(), s.unreadAnnouncements(a)
	maps.Copy(user, object{
		"isModerator": a.moderator, "isAdmin": a.administrator, "isDeleted": false,
		"twoFactorEnabled": false, "usePasswordLessLogin": false, "securityKeys": false, "twoFactorBackupCodesStock": "none",
		"hasUnreadSpecifiedNotes": false, "hasUnreadMentions": false, "hasUnreadChatMessages": s.hasUnreadChats(a),
		"hasUnreadAnnouncement": len(announcements) > 0, "unreadAnnouncements": announcements, "hasUnreadAntenna": false, "hasUnreadChannel": false,
		"hasUnreadNotification": unread > 0, "unreadNotificationsCount": unread,
		"hasPendingReceivedFollowRequest": s.followRequests.find(func(r *follow) bool { return r.followee == a }) != nil,
		"mutingNotificationTypes":         []any{}, "achievements": pack(a.achievements, packAchievement), "loggedInDays": len(a.days), "policies": s.policiesOf(a),
	})
	for _, name := range []string{"avatarId", "bannerId", "followedMessage", "injectFeaturedNote", "receiveAnnouncementEmail",
		"alwaysMarkNsfw", "autoSensitive", "carefulBot", "autoAcceptFollowed", "noCrawle", "preventAiLearning", "isExplorable",
		"hideOnlineStatus", "mutedWords", "hardMutedWords", "mutedInstances", "notificationRecieveConfig", "emailNotificationTypes"} {
		user[name] = a.profile[name]
	}
	if secrets {
		maps.Copy(user, object{"email": nil, "emailVerified": false, "securityKeysList": []any{}})
	}
	return user
}

// user is what the caller sees of an account: of its own almost all.
func (c *call) user(a *account) object {
	if a == c.account {
		return c.s.me(a, false)
	}
	return c.s.userDetailed(a, c.account)
}

func (c *call) text(name string) string { return text(c.params[name]) }
func (c *call) flag(name string) bool   { return c.params[name] == true }

// showMe is the endpoint i.
func showMe(c *call) (any, error) {
	c.account.days[c.s.now().Format(time.DateOnly)] = true
	return c.s.me(c.account, c.app == nil), nil
}

// updateMe is the endpoint i/update: what is absent stays, null clears.
func updateMe(c *call) (any, error) {
	a := c.account
	next := maps.Clone(a.profile)
	for name := range a.profile {
		if v, ok := c.params[name]; ok {
			next[name] = v
		}
	}
	if name := strings.TrimSpace(text(next["name"])); name == "" {
		next["name"] = nil
	} else {
		next["name"] = name
	}
	if fields, ok := c.params["fields"].([]any); ok {
		next["fields"] = filledFields(fields)
	}
	for _, image := range []struct {
		name             string
		missing, noImage gen.ErrorCode
	}{
		{"avatarId", "NO_SUCH_AVATAR", "AVATAR_NOT_AN_IMAGE"},
		{"bannerId", "NO_SUCH_BANNER", "BANNER_NOT_AN_IMAGE"},
	} {
		id := c.text(image.name)
		if id == "" {
			continue
		}
		switch f := c.s.files.get(id); {
		case f == nil || f.owner != a:
			return nil, c.refuse(image.missing)
		case !strings.HasPrefix(f.kind, "image/"):
			return nil, c.refuse(image.noImage)
		}
	}
	if name := text(next["name"]); name != "" && name != text(a.profile["name"]) && c.s.prohibited("prohibitedWordsForNameOfUser", name) && !a.administrator {
		return nil, c.refuse("YOUR_NAME_CONTAINS_PROHIBITED_WORDS")
	}
	if c.text("pinnedPageId") != "" {
		return nil, c.refuse("NO_SUCH_PAGE")
	}
	for _, list := range []string{"mutedWords", "hardMutedWords"} {
		if err := c.checkMutedWords(list); err != nil {
			return nil, err
		}
	}
	if names, ok := c.params["alsoKnownAs"].([]any); ok {
		ids, err := c.formerAccounts(names)
		if err != nil {
			return nil, err
		}
		next["alsoKnownAs"] = ids
	}
	a.profile = next
	me := c.s.me(a, c.app == nil)
	c.s.publishMain(a, "meUpdated", me)
	return me, nil
}

// filledFields are the fields of a profile that have both a name and a value.
func filledFields(fields []any) []any {
	filled := []any{}
	for _, field := range fields {
		name, value := strings.TrimSpace(text(at(field, "name"))), strings.TrimSpace(text(at(field, "value")))
		if name != "" && value != "" {
			filled = append(filled, object{"name": name, "value": value})
		}
	}
	return filled
}

// checkMutedWords refuses a list of words that is too long, or one of whose
// regular expressions is none.
func (c *call) checkMutedWords(name string) error {
	words, _ := c.params[name].([]any)
	length := 0
	for _, item := range words {
		if all, ok := item.([]any); ok { // words that have to be there together
			for _, word := range all {
				length += utf8.RuneCountInString(text(word))
			}
			continue
		}
		length += utf8.RuneCountInString(text(item))
		expression := mutedExpression.FindStringSubmatch(text(item))
		if expression == nil {
			return c.refuse(gen.ErrInvalidRegexp)
		}
		if _, err := regexp.Compile(expression[1]); err != nil {
			return c.refuse(gen.ErrInvalidRegexp)
		}
	}
	if length > c.policy("wordMuteLimit") {
		return c.refuse(gen.ErrTooManyMutedWords)
	}
	return nil
}

var mutedExpression = regexp.MustCompile(`^/(.+)/(.*)$`)

// formerAccounts returns the accounts that an account says it had before, which
// it has to have an address for.
func (c *call) formerAccounts(names []any) (any, error) {
	ids := []any{}
	for _, name := range names {
		username, host, _ := strings.Cut(strings.TrimPrefix(text(name), "@"), "@")
		a := c.s.addressed(username, host)
		switch {
		case a == nil:
			return nil, c.refuse(gen.ErrNoSuchUser)
		case a == c.account:
			return nil, c.refuse("FORBIDDEN_TO_SET_YOURSELF")
		}
		ids = append(ids, a.id)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return ids, nil
}

// showUsers is the endpoint users/show.
func showUsers(c *call) (any, error) {
	if ids, ok := c.params["userIds"].([]any); ok {
		users := []any{}
		for _, id := range ids {
			if a := c.s.accounts.get(text(id)); a != nil {
				users = append(users, c.user(a))
			}
		}
		return users, nil
	}
	var a *account
	switch {
	case c.params["username"] != nil && c.params["host"] != nil:
		if c.account == nil {
			return nil, c.refuse(gen.ErrNoSuchUser)
		}
		if a = c.s.usernames[address(c.text("username"), c.text("host"))]; a == nil {
			return nil, c.refuse(gen.ErrFailedToResolveRemoteUser)
		}
	case c.params["userId"] != nil:
		a = c.s.accounts.get(c.text("userId"))
	default:
		a = c.s.named(c.text("username"))
	}
	if a == nil || a.suspended && (c.account == nil || !c.account.moderator) {
		return nil, c.refuse(gen.ErrNoSuchUser)
	}
	return c.user(a), nil
}

// usernameAvailable is the endpoint username/available.
func usernameAvailable(c *call) (any, error) {
	username := c.text("username")
	reserved, _ := c.s.setting("preservedUsernames").([]any)
	return object{"available": c.s.named(username) == nil && !slices.Contains(reserved, any(strings.ToLower(username)))}, nil
}

// isRoot reports whether an account is the one that was there first.
func (a *account) isRoot() bool { return a.host == "" && a.username == "root" }

// createAccount is the endpoint admin/accounts/create, which was for root alone
// before 2026.7.0.
func createAccount(c *call) (any, error) {
	if c.account == nil || !c.account.isRoot() && !(c.account.administrator && c.s.since("2026.7.0")) || c.app != nil {
		return nil, c.refuse(gen.ErrAccessDenied)
	}
	username := c.text("username")
	if c.s.named(username) != nil {
		return nil, internalError("DUPLICATED_USERNAME")
	}
	a := c.s.addAccount(User{Username: username, Password: c.text("password")})
	c.s.systemHook("userCreated", func() object { return c.s.userLite(a) })
	user := c.s.me(a, true)
	user["token"] = a.token
	return user, nil
}

// deleteAccount is the endpoint admin/accounts/delete. What the account wrote
// goes with it.
func deleteAccount(c *call) (any, error) {
	a := c.s.accounts.get(c.text("userId"))
	switch {
	case a == nil:
		return nil, internalError("there is no such account")
	case a.isRoot():
		return nil, internalError("root cannot be deleted")
	}
	c.s.removeAccount(a)
	return nil, nil
}
