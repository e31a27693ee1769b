package login

import (
	_ "embed"
	"html/template"
	"net/http"
	"strings"
)

//go:embed page.html
var pageHTML string

var pageTemplate = template.Must(template.New("page").Parse(pageHTML))

// writePage sends a small page that needs nothing from elsewhere.
func writePage(w http.ResponseWriter, status int, lang, heading, text string) {
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	header.Set("Referrer-Policy", "no-referrer") // the address has a secret in it
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = pageTemplate.Execute(w, map[string]string{"Lang": lang, "Heading": heading, "Text": text}) // the browser has gone, or it has not
}

// words are what pages say.
type words struct {
	Lang, Welcome, LoggedIn, Close, Failed, OtherSession, NotGranted, Unreachable, BadRequest string
}

// wordsFor returns the words in the language that a browser prefers.
func wordsFor(r *http.Request) words {
	first, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ",")
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(first)), "ja") {
		return japanese
	}
	return english
}

var english = words{
	Lang: "en", Welcome: "Welcome, @%s", LoggedIn: "Welcome", Close: "You are logged in. You can close this window.", Failed: "That did not work",
	OtherSession: "This page is of another login than the one that is going on. Start again from the program.",
	NotGranted:   "The instance does not say that you have approved. Go back and approve, or start again from the program.",
	Unreachable:  "The instance could not be asked. Start again from the program.",
	BadRequest:   "This is not a server that you can log in with, or the link to this page is wrong. Check the name of the server and start again.",
}

var japanese = words{
	Lang: "ja", Welcome: "ようこそ、@%sさん", LoggedIn: "ようこそ", Close: "ログインしました。このウィンドウを閉じてください。", Failed: "うまくいきませんでした",
	OtherSession: "進行中のログインとは別のページです。プログラムからやり直してください。",
	NotGranted:   "許可が確認できませんでした。戻って許可するか、プログラムからやり直してください。",
	Unreachable:  "サーバーに確認できませんでした。プログラムからやり直してください。",
	BadRequest:   "ログインできるサーバーではないか、リンクが間違っています。サーバー名を確認して、もう一度お試しください。",
}
