package misskeytest

import (
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

//go:embed consent.html
var consentHTML string

var consentTemplate = template.Must(template.New("consent").Parse(consentHTML))

// A consent is what a user is asked on the page that an app opens.
type consent struct {
	Name, Icon  string // of the app
	Origin      string // where it comes from
	Permissions []string
	Action      string            // where the form goes
	Hidden      map[string]string // what the form sends, too
	Meta        map[string]string // what is in the head of the page, too
}

// page is what the template shows.
type page struct {
	Lang, Title, Heading, Text, Icon, Letter, Origin, Action string

	Form        bool
	Words       words
	Permissions []shownPermission
	Accounts    []shownAccount
	Hidden      map[string]string
	Meta        map[string]string
}

type shownPermission struct{ Name, Text string }

type shownAccount struct {
	Username, Shown string
	Selected        bool
}

// writeConsent sends the page that asks for consent. Any account can be chosen:
// nobody has to log in to a server that is for tests.
func (s *Server) writeConsent(w http.ResponseWriter, r *http.Request, ask consent) {
	words := wordsFor(r)
	if ask.Name == "" {
		ask.Name = words.SomeApp
	}
	p := page{
		Form: true, Title: ask.Name + " · misskeytest", Heading: fmt.Sprintf(words.Wants, ask.Name), Icon: ask.Icon, Origin: ask.Origin,
		Action: ask.Action, Hidden: ask.Hidden, Meta: ask.Meta, Words: words, Letter: firstLetter(ask.Name),
	}
	for _, name := range ask.Permissions {
		p.Permissions = append(p.Permissions, shownPermission{name, words.permission(name)})
	}
	s.mu.Lock()
	chosen := false
	for _, a := range s.accounts.items {
		if a.host != "" {
			continue // logs in at its own server
		}
		shown := "@" + a.username
		if name := text(a.profile["name"]); name != "" {
			shown = name + " (" + shown + ")"
		}
		selected := !chosen && a.username != "root"
		chosen = chosen || selected
		p.Accounts = append(p.Accounts, shownAccount{a.username, shown, selected})
	}
	s.mu.Unlock()
	writePage(w, http.StatusOK, words, p)
}

// writeNotice sends a page that only says something.
func writeNotice(w http.ResponseWriter, status int, words words, heading, body string) {
	writePage(w, status, words, page{Title: heading + " · misskeytest", Heading: heading, Text: body, Letter: "M"})
}

func writePage(w http.ResponseWriter, status int, words words, p page) {
	p.Lang = words.Lang
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src * data:; frame-ancestors 'none'; base-uri 'none'")
	header.Set("Referrer-Policy", "no-referrer") // the address has a session in it
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = consentTemplate.Execute(w, p) // the browser has gone, or it has not
}

func firstLetter(name string) string {
	r, _ := utf8.DecodeRuneInString(name)
	return strings.ToUpper(string(r))
}

// A miauthVisit is what an app asks for on the page of MiAuth.
type miauthVisit struct {
	name, icon, callback string
	permissions          []string
}

// miauthPage is where the page of MiAuth is.
const miauthPage = "/miauth/"

// readVisit reads what the address of the page says. Misskey decodes each value
// once more than it should.
func (s *Server) readVisit(query url.Values) miauthVisit {
	get := func(name string) string {
		v := query.Get(name)
		if again, err := url.PathUnescape(v); err == nil {
			return again
		}
		return v
	}
	v := miauthVisit{name: get("name"), icon: get("icon"), callback: get("callback")}
	known := s.document.scopes()
	for p := range strings.SplitSeq(get("permission"), ",") {
		if slices.Contains(known, p) && !slices.Contains(v.permissions, p) {
			v.permissions = append(v.permissions, p)
		}
	}
	return v
}

// serveMiAuth is the page of MiAuth, and what its form is sent to.
func (s *Server) serveMiAuth(w http.ResponseWriter, r *http.Request) {
	session := strings.TrimPrefix(r.URL.Path, miauthPage)
	visit := s.readVisit(r.URL.Query())
	if r.Method == http.MethodGet {
		s.writeConsent(w, r, consent{
			Name: visit.name, Icon: visit.icon, Origin: originOf(visit.callback), Permissions: visit.permissions, Action: r.URL.RequestURI(),
		})
		return
	}
	words := wordsFor(r)
	if r.FormValue("decision") != "approve" {
		writeNotice(w, http.StatusOK, words, words.Denied, words.Close)
		return
	}
	s.mu.Lock()
	user := s.named(r.FormValue("user"))
	if user != nil {
		s.approveMiAuth(session, visit, user)
	}
	s.mu.Unlock()
	s.leave(w, r, words, user, visit.callback, func() (string, error) { return joinSession(visit.callback, session) })
}

// leave ends the visit to a page of consent: the browser goes back to the app,
// or stays where that has no address.
func (s *Server) leave(w http.ResponseWriter, r *http.Request, words words, user *account, callback string, target func() (string, error)) {
	switch {
	case user == nil:
		writeNotice(w, http.StatusBadRequest, words, words.Failed, words.NoAccount)
		return
	case callback == "":
		writeNotice(w, http.StatusOK, words, words.Approved, words.Close)
		return
	}
	to, err := target()
	if err != nil {
		writeNotice(w, http.StatusBadRequest, words, words.Failed, words.BadCallback)
		return
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Location", to) // may be of any scheme
	w.WriteHeader(http.StatusFound)
}

// approveMiAuth gives a session a token of an account.
func (s *Server) approveMiAuth(session string, visit miauthVisit, user *account) {
	t := &appToken{owner: user, session: session, permissions: permitted(visit.permissions)}
	if visit.name != "" {
		t.name = visit.name
	}
	if visit.icon != "" {
		t.icon = visit.icon
	}
	s.addAppToken(t)
	s.notify(user, nil, "createToken", nil)
}

// refusedSchemes are those of callbacks that Misskey does not open.
var refusedSchemes = []string{"javascript", "file", "data", "mailto", "tel", "vbscript"}

// joinSession returns a callback with a session in its query, the way that
// browsers put it there: what the query has already is written anew.
func joinSession(callback, session string) (string, error) {
	u, err := url.Parse(callback)
	if err != nil || u.Scheme == "" || slices.Contains(refusedSchemes, strings.ToLower(u.Scheme)) {
		return "", errors.New("the callback is not an address that can be opened")
	}
	var pairs []string
	set := false
	add := func(name, value string) {
		if name == "session" {
			if set {
				return
			}
			set, value = true, session
		}
		pairs = append(pairs, formEscape(name)+"="+formEscape(value))
	}
	for part := range strings.SplitSeq(u.RawQuery, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		add(formUnescape(name), formUnescape(value))
	}
	if !set {
		add("session", session)
	}
	u.RawQuery = strings.Join(pairs, "&")
	if u.Path == "" && u.Opaque == "" && (u.Scheme == "http" || u.Scheme == "https") {
		u.Path = "/"
	}
	return u.String(), nil
}

func formUnescape(s string) string {
	if v, err := url.QueryUnescape(s); err == nil {
		return v
	}
	return s
}

var formFixes = strings.NewReplacer("~", "%7E", "%2A", "*")

func formEscape(s string) string { return formFixes.Replace(url.QueryEscape(s)) }

func originOf(callback string) string {
	u, err := url.Parse(callback)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// serveAppSession is the page that asks for consent to an app of the time before
// MiAuth, and what its form is sent to. Who has consented once is not asked
// again.
func (s *Server) serveAppSession(w http.ResponseWriter, r *http.Request) {
	words := wordsFor(r)
	s.mu.Lock()
	session := s.appSession(strings.TrimPrefix(r.URL.Path, appPage))
	s.mu.Unlock()
	switch {
	case session == nil:
		writeNotice(w, http.StatusNotFound, words, words.Failed, words.NoSession)
		return
	case r.Method == http.MethodGet:
		s.writeConsent(w, r, consent{
			Name: session.app.name, Origin: originOf(session.app.callback), Permissions: session.app.permissions, Action: r.URL.Path,
		})
		return
	case r.FormValue("decision") != "approve":
		writeNotice(w, http.StatusOK, words, words.Denied, words.Close)
		return
	}
	s.mu.Lock()
	user := s.named(r.FormValue("user"))
	if user != nil {
		s.acceptSession(session, user)
	}
	s.mu.Unlock()
	s.leave(w, r, words, user, session.app.callback, session.target)
}

// target is where the browser goes when a user has consented. Misskey does not
// mind what the callback has in it.
func (session *appSession) target() (string, error) {
	return session.app.callback + "?token=" + session.token, nil
}

// Approve does what a user does who approves of an app, and returns where the
// browser would go then; that is empty where the app has no callback. The account
// comes into being if there is none of that name. What is approved of is
//
//   - the address of a consent page: of MiAuth, of OAuth 2, or of an app that was
//     made with app/create
//   - or a session of MiAuth by its id, which gets all permissions
func (s *Server) Approve(username, consentPage string) (callback string) {
	callback, err := s.settle(username, consentPage, true)
	if err != nil {
		s.fatal(fmt.Errorf("misskeytest: Approve: %w", err))
	}
	return callback
}

// Deny does what a user does who does not approve of an app, and returns where
// the browser would go then. With OAuth 2 the app learns of it; otherwise nobody does,
// and the result is empty.
func (s *Server) Deny(consentPage string) (callback string) {
	callback, err := s.settle("", consentPage, false)
	if err != nil {
		s.fatal(fmt.Errorf("misskeytest: Deny: %w", err))
	}
	return callback
}

func (s *Server) settle(username, consentPage string, approve bool) (string, error) {
	u, err := url.Parse(consentPage)
	if err != nil {
		return "", errors.New("that is not an address of a page, nor a session")
	}
	transaction := ""
	if u.Path == "/oauth/authorize" {
		if transaction, _, err = s.authorize(s.ctx, u.Query()); err != nil {
			return "", err
		}
	}
	visit := s.readVisit(u.Query())
	s.mu.Lock()
	defer s.mu.Unlock()
	var user *account
	if approve {
		user = s.ensure(username)
	}
	switch token, isApp := strings.CutPrefix(u.Path, appPage); {
	case transaction != "":
		return s.decide(transaction, user)
	case !approve:
		return "", nil
	case isApp:
		session := s.appSession(token)
		if session == nil {
			return "", errors.New("there is no such session")
		}
		s.acceptSession(session, user)
		if session.app.callback == "" {
			return "", nil
		}
		return session.target()
	case strings.HasPrefix(u.Path, miauthPage):
		session := strings.TrimPrefix(u.Path, miauthPage)
		s.approveMiAuth(session, visit, user)
		if visit.callback == "" {
			return "", nil
		}
		return joinSession(visit.callback, session)
	}
	s.approveMiAuth(consentPage, miauthVisit{permissions: s.document.scopes()}, user)
	return "", nil
}

// wordsFor returns the words in the language that a browser prefers.
func wordsFor(r *http.Request) words {
	first, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ",")
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(first)), "ja") {
		return inJapanese
	}
	return inEnglish
}

// words are what pages say.
type words struct {
	Lang, Wants, SomeApp, May, Nothing, Account, Approve, Deny string

	Approved, Denied, Failed, Close, NoAccount, NoSession, BadCallback string

	read, write, admin string // formats of permissions
	things             map[string]string
}

// permission says what a permission is about.
func (w words) permission(name string) string {
	verb, thing, _ := strings.Cut(name, ":")
	if part, ok := strings.CutPrefix(thing, "admin:"); ok {
		thing = fmt.Sprintf(w.admin, strings.ReplaceAll(part, "-", " "))
	} else if known := w.things[thing]; known != "" {
		thing = known
	}
	if verb == "read" {
		return fmt.Sprintf(w.read, thing)
	}
	return fmt.Sprintf(w.write, thing)
}

var inEnglish = words{
	Lang: "en", Wants: "%s asks for access to an account", SomeApp: "An app", May: "It will be able to", Nothing: "do nothing that needs a permission.",
	Account: "Account", Approve: "Approve", Deny: "Deny",
	Approved: "Approved", Denied: "Denied", Failed: "That did not work", Close: "You can close this page and go back to the app.",
	NoAccount: "There is no such account.", NoSession: "There is no such session. Start again from the app.",
	BadCallback: "The app has an address that cannot be opened.",
	read:        "see %s", write: "change %s", admin: "administration: %s",
	things: map[string]string{
		"account": "the account", "blocks": "blocks", "drive": "the drive", "favorites": "favorites", "following": "follows",
		"messaging": "messages of old", "mutes": "mutes", "notes": "notes", "notifications": "notifications", "reactions": "reactions",
		"votes": "votes in polls", "pages": "pages", "page-likes": "likes of pages", "user-groups": "groups", "channels": "channels",
		"gallery": "the gallery", "gallery-likes": "likes in the gallery", "flash": "plays", "flash-likes": "likes of plays",
		"invite-codes": "invitation codes", "clip-favorite": "favorite clips", "federation": "federation", "report-abuse": "reports of abuse", "chat": "chats",
	},
}

var inJapanese = words{
	Lang: "ja", Wants: "%sがアカウントへのアクセスを求めています", SomeApp: "アプリ", May: "許可されること", Nothing: "権限の必要な操作はありません。",
	Account: "アカウント", Approve: "許可する", Deny: "拒否する",
	Approved: "許可しました", Denied: "拒否しました", Failed: "うまくいきませんでした", Close: "このページを閉じて、アプリに戻ってください。",
	NoAccount: "そのアカウントはありません。", NoSession: "そのセッションはありません。アプリからやり直してください。",
	BadCallback: "アプリの戻り先を開けません。",
	read:        "%sを見る", write: "%sを変更する", admin: "管理（%s）",
	things: map[string]string{
		"account": "アカウント", "blocks": "ブロック", "drive": "ドライブ", "favorites": "お気に入り", "following": "フォロー",
		"messaging": "旧チャット", "mutes": "ミュート", "notes": "ノート", "notifications": "通知", "reactions": "リアクション",
		"votes": "投票", "pages": "ページ", "page-likes": "ページのいいね", "user-groups": "グループ", "channels": "チャンネル",
		"gallery": "ギャラリー", "gallery-likes": "ギャラリーのいいね", "flash": "プレイ", "flash-likes": "プレイのいいね",
		"invite-codes": "招待コード", "clip-favorite": "クリップのお気に入り", "federation": "連合", "report-abuse": "通報", "chat": "チャット",
	},
}
