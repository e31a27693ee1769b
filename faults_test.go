package misskey_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/misskey-go/misskey"
	"github.com/misskey-go/misskey/api"
	"github.com/misskey-go/misskey/gen"
)

// A fault is what an instance, or something on the way to it, can do wrong, and
// what a call makes of it.
type fault struct {
	name   string
	answer func(*exchange)
	greet  func(net.Conn) error
	dial   func() error
	server *tls.Config // for an instance that speaks TLS
	client *tls.Config // for a client that does

	// What is accepted, or else what the error must be.
	id      string
	status  int // of an *Error, with the next four
	code    api.ErrorCode
	errID   api.ErrorID
	after   time.Duration // RetryAfter, of which a part of a second may have passed
	place   string        // of a value of another kind, as a JSON pointer, or nowhere
	null    bool          // which is of another kind to an upload alone
	is      error
	says    string
	timeout bool // as errors of package net have it

	lasting bool          // so will the next call
	empty   bool          // the endpoint has no response
	reads   int64         // how often a call that only reads is carried out, if not once
	refused bool          // the call was not carried out, so that a write may be sent as often
	took    time.Duration // how long a call that is sent once takes
	pipe    bool          // only over a pipe, where waits take no time
}

const (
	nowhere = "" // the place of a fault that is none of the members
	zero    = "the zero value"
)

// attempts is what a client does without an option for it.
const attempts = 4

func note(member string) func(*exchange) {
	return polite(answerJSON("200 OK", `{"id":"x",`+member+`}`))
}

func failure(status, header, body string) func(*exchange) {
	if header != "" {
		header = "\r\n" + header
	}
	return polite(message(status, jsonHeader+header, body))
}

// page responds with HTML.
func page(status string) func(*exchange) {
	return polite(message(status, "Content-Type: text/html", "<html><title>Oh</title>"))
}

func pressed(data []byte) []byte {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	z.Write(data)
	z.Close()
	return buf.Bytes()
}

func gzipped(status string, body []byte) func(*exchange) {
	return raw(message(status, jsonHeader+"\r\nContent-Encoding: gzip", string(body)))
}

// faults returns the table. It is made for each test, inside of its bubble.
func faults() []fault {
	const whole = `{"id":"x"}`
	var (
		ok      = answerJSON("200 OK", whole)
		limited = `{"error":{"message":"Slow.","code":"RATE_LIMIT_EXCEEDED","id":"d5826d14-3982-4d2e-8011-b9e9f02499ef","kind":"client"%s}}`
		packed  = pressed([]byte(whole))
		bomb    = pressed(append([]byte(whole), bytes.Repeat([]byte(" "), 16<<20)...))
		info    = func(ms int64) string {
			return fmt.Sprintf(`,"info":{"remaining":0,"reset":%d,"resetMs":%d,"total":1}`, ms/1000, ms)
		}
		slowly = func(s string, pause time.Duration) func(*exchange) {
			return func(c *exchange) {
				for i := range len(s) {
					if !c.pause(pause) || !c.say(s[i:i+1]) {
						return
					}
				}
			}
		}
	)
	all := []fault{
		// No connection, or one that breaks.
		{name: "refused", dial: func() error { return os.NewSyscallError("connect", syscall.ECONNREFUSED) }, is: syscall.ECONNREFUSED, reads: attempts},
		{name: "no such host", dial: func() error { return &net.DNSError{Err: "no such host", Name: faultHost, IsNotFound: true} }, says: "no such host"},
		{name: "no name server", dial: func() error { return &net.DNSError{Err: "server misbehaving", Name: faultHost, IsTemporary: true} }, says: "misbehaving", reads: attempts},
		{name: "closed at once", greet: func(net.Conn) error { return io.EOF }, says: "misskey: ", reads: attempts},
		{name: "closed in place of a response", answer: raw(""), is: io.EOF, reads: attempts},
		{name: "reset in place of a response", answer: (*exchange).reset, is: syscall.ECONNRESET, reads: attempts},
		{name: "closed in the status line", answer: raw("HTTP/1.1 2"), says: "malformed HTTP", reads: attempts},
		{name: "closed in the header", answer: raw(ok[:40]), is: io.ErrUnexpectedEOF, reads: attempts},
		{name: "reset in the header", answer: func(c *exchange) { c.say(ok[:40]); c.pause(time.Millisecond); c.reset() }, is: syscall.ECONNRESET, reads: attempts},
		{name: "closed after the header", answer: raw(ok[:len(ok)-len(whole)]), is: io.ErrUnexpectedEOF, reads: attempts},
		{name: "closed in the body", answer: raw(ok[:len(ok)-5]), is: io.ErrUnexpectedEOF, reads: attempts},
		{name: "reset in the body", answer: func(c *exchange) { c.say(ok[:len(ok)-5]); c.pause(time.Millisecond); c.reset() }, is: syscall.ECONNRESET, reads: attempts},
		{name: "closed before the last chunk", answer: raw(chunked(whole)), is: io.ErrUnexpectedEOF, reads: attempts},
		{name: "closed in a chunk", answer: raw(chunked(whole)[:len(chunked(whole))-6]), is: io.ErrUnexpectedEOF, reads: attempts},
		{name: "closed after the response", answer: raw(ok), id: "x"},
		{name: "length too long", answer: raw(strings.Replace(ok, "Length: 10", "Length: 11", 1)), is: io.ErrUnexpectedEOF, reads: attempts},
		{name: "length too short", answer: polite(strings.Replace(ok, "Length: 10", "Length: 5", 1)), place: nowhere},
		{name: "length 0", answer: polite(strings.Replace(ok, "Length: 10", "Length: 0", 1)), status: 200, says: "no content"},

		// What is not HTTP.
		{name: "another protocol", answer: raw("SSH-2.0-OpenSSH_9.9\r\n\r\n"), says: "malformed HTTP", reads: attempts},
		{name: "endless protocol", answer: raw("HTTP" + strings.Repeat("\x0e", 20_000) + "/1.1 200\r\n\r\n"), says: "malformed HTTP", reads: attempts},
		{name: "zero bytes", answer: raw("\x00\x00\x00\x00\r\n\r\n"), says: "malformed HTTP", reads: attempts},
		{name: "no status", answer: raw("HTTP/1.1 OK\r\n\r\n"), says: "malformed HTTP", reads: attempts},
		{name: "header without a colon", answer: raw("HTTP/1.1 200 OK\r\n\x1b[2Jx\r\n\r\n"), says: "malformed MIME header", reads: attempts},
		{name: "length of letters", answer: raw("HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n" + whole), says: "Content-Length", reads: attempts},
		{name: "length below 0", answer: raw("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n" + whole), says: "Content-Length", reads: attempts},
		{name: "two lengths", answer: raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Length: 11\r\n\r\n" + whole), says: "Content-Length", reads: attempts},
		{name: "chunk without a size", answer: raw(chunked() + "x\r\n"), says: "reading the response", reads: attempts},
		{name: "chunk without an end", answer: raw(strings.TrimSuffix(chunked(whole), "\r\n") + "xx"), says: "reading the response", reads: attempts},
		{name: "unknown transfer encoding", answer: raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: x\r\n\r\n"), says: "transfer encoding", reads: attempts},
		{name: "endless header", answer: endless("HTTP/1.1 200 OK\r\n", "X: y\r\n"), says: "header", reads: attempts},
		{name: "header of one endless line", answer: endless("HTTP/1.1 200 OK\r\nX: ", "y"), says: "header", reads: attempts},
		{name: "huge header", answer: polite(message("200 OK", jsonHeader+"\r\nX: "+strings.Repeat("y", 50_000), whole)), id: "x"},
		{name: "endless trailer", answer: endless(chunked(whole)+"0\r\n", "X: y\r\n"), says: "trailer", reads: attempts},
		{name: "bloated chunks", answer: endless(chunked(), "1;"+strings.Repeat("x", 2000)+"\r\n \r\n"), says: "chunked encoding", reads: attempts},
		{name: "HTTP/1.0", answer: raw("HTTP/1.0 200 OK\r\n" + jsonHeader + "\r\n\r\n" + whole), id: "x"},
		{name: "HTTP/1.0, broken off", answer: raw("HTTP/1.0 200 OK\r\n" + jsonHeader + "\r\n\r\n" + whole[:5]), place: nowhere},
		{name: "HTTP/2 on its own", answer: raw("HTTP/2.0 200 OK\r\n\r\n"), status: 200},
		{name: "answers before the response", answer: polite("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + ok), id: "x"},
		{name: "endless answers before the response", answer: endless("", "HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n"), says: "header", reads: attempts},
		{name: "another protocol agreed to", answer: raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"), status: 101},
		{name: "no such status", answer: polite(message("999 Oh", "", "")), status: 999},

		// Slow ones.
		{name: "slow header", pipe: true, answer: func(c *exchange) { c.pause(59 * time.Second); polite(ok)(c) }, id: "x", took: 59 * time.Second},
		{name: "no response", pipe: true, answer: (*exchange).stall, timeout: true, took: time.Minute},
		{name: "header in drops", pipe: true, answer: slowly(ok, 2*time.Second), timeout: true, took: time.Minute},
		{name: "slow body", pipe: true, answer: func(c *exchange) {
			c.say(ok[:len(ok)-len(whole)])
			slowly(whole, 59*time.Second)(c)
		}, id: "x", took: 590 * time.Second},
		{name: "body that stops", pipe: true, answer: func(c *exchange) { c.say(ok[:len(ok)-5]); c.stall() }, timeout: true, says: "no byte of the response", took: time.Minute},
		{name: "body that never comes", pipe: true, answer: func(c *exchange) { c.say(ok[:len(ok)-len(whole)]); c.stall() }, timeout: true, took: time.Minute},
		{name: "last chunk that never comes", pipe: true, answer: func(c *exchange) { c.say(chunked(whole)); c.stall() }, timeout: true, took: time.Minute},
		{name: "drops for ever", pipe: true, answer: func(c *exchange) { c.say(chunked()); slowly(strings.Repeat("1\r\n \r\n", 5000), 5*time.Second)(c) }, is: context.DeadlineExceeded, took: time.Hour},
		{name: "page of an error that stops", pipe: true, answer: func(c *exchange) { c.say(message("404 Not Found", "", whole)[:40]); c.stall() }, timeout: true, took: time.Minute},
		{name: "error that stops", pipe: true, answer: func(c *exchange) {
			c.say("HTTP/1.1 400 Bad Request\r\n" + jsonHeader + "\r\nContent-Length: 99\r\n\r\n{")
			c.stall()
		}, status: 400, took: time.Minute},

		// Answers that are none, or too large.
		{name: "empty 200", answer: polite(message("200 OK", "", "")), status: 200, says: "no content"},
		{name: "empty 200 where nothing is expected", answer: polite(message("200 OK", "", "")), empty: true},
		{name: "204", answer: polite("HTTP/1.1 204 No Content\r\n\r\n"), status: 204, says: "no content"},
		{name: "204 where nothing is expected", answer: polite("HTTP/1.1 204 No Content\r\n\r\n"), empty: true},
		{name: "204 and bytes", answer: polite("HTTP/1.1 204 No Content\r\n\r\n{}"), empty: true},
		{name: "204 and a response", answer: polite("HTTP/1.1 204 No Content\r\n\r\n" + answerJSON("200 OK", `{"id":"stray"}`)), empty: true},
		{name: "204 and bytes, announced", answer: polite(message("204 No Content", jsonHeader, "null")), empty: true},
		{name: "204 and a length", answer: polite("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"), empty: true},
		{name: "204 and bytes later", pipe: true, answer: func(c *exchange) {
			c.say("HTTP/1.1 204 No Content\r\n\r\n")
			c.pause(time.Second)
			c.say("{}")
			c.stall()
		}, empty: true},
		{name: "205", answer: polite(message("205 Reset Content", "", "")), empty: true},
		{name: "200 and bytes", answer: polite(ok + "{}"), id: "x"},
		{name: "HTML with 200", answer: page("200 OK"), status: 200, says: "HTML in place of a response: Oh"},
		{name: "HTML where nothing is expected", answer: page("200 OK"), status: 200, says: "HTML", empty: true},
		{name: "HTML with 404", answer: page("404 Not Found"), status: 404, says: "HTML"},
		{name: "HTML with 502", answer: page("502 Bad Gateway"), status: 502, says: "HTML", reads: attempts},
		{name: "HTML with 503", answer: page("503 Service Unavailable"), status: 503, says: "HTML", reads: attempts},
		{name: "HTML with 504", answer: page("504 Gateway Timeout"), status: 504, says: "HTML", reads: attempts},
		{name: "HTML with 520", answer: page("520 Unknown"), status: 520, says: "HTML"},
		{name: "HTML that is called JSON", answer: polite(answerJSON("200 OK", "<html>")), status: 200, says: "HTML"},
		{name: "JSON that is called HTML", answer: polite(message("200 OK", "Content-Type: text/html", whole)), status: 200},
		{name: "JSON that is called text", answer: polite(message("200 OK", "Content-Type: text/plain", whole)), id: "x"},
		{name: "JSON that is called nothing", answer: polite(message("200 OK", "", whole)), id: "x"},
		{name: "JSON that is called nonsense", answer: polite(message("200 OK", "Content-Type: ;;", whole)), status: 200, says: "Content-Type"},
		{name: "text that is called nothing", answer: polite(message("200 OK", "", "hello")), status: 200, says: "hello"},
		{name: "endless body", answer: endless("HTTP/1.1 200 OK\r\n"+jsonHeader+"\r\n\r\n\"", "x"), is: misskey.ErrTooLarge},
		{name: "endless chunks", answer: endless(chunked(`"`), "40\r\n"+strings.Repeat("x", 64)+"\r\n"), is: misskey.ErrTooLarge},
		{name: "endless error", answer: endless("HTTP/1.1 400 Bad Request\r\n"+jsonHeader+"\r\n\r\n\"", "x"), status: 400},
		{name: "endless redirect", answer: endless("HTTP/1.1 307 Oh\r\nLocation: /x\r\n\r\n", "x"), status: 307},
		{name: "length of an exabyte", answer: raw("HTTP/1.1 200 OK\r\n" + jsonHeader + "\r\nContent-Length: 1152921504606846976\r\n\r\n" + whole), is: io.ErrUnexpectedEOF, reads: attempts},
		{name: "gzip", answer: gzipped("200 OK", packed), id: "x"},
		{name: "gzip of an error", answer: gzipped("400 Bad Request", pressed([]byte(`{"error":{"code":"X"}}`))), status: 400, code: "X"},
		{name: "gzip bomb", answer: gzipped("200 OK", bomb), is: misskey.ErrTooLarge},
		{name: "gzip bomb as an error", answer: gzipped("400 Bad Request", bomb), status: 400},
		{name: "gzip, broken off", answer: gzipped("200 OK", packed[:len(packed)-9]), is: io.ErrUnexpectedEOF, reads: attempts},
		{name: "gzip with a wrong sum", answer: gzipped("200 OK", append(bytes.Clone(packed[:len(packed)-8]), "12345678"...)), is: gzip.ErrChecksum, reads: attempts},
		{name: "gzip that is none", answer: gzipped("200 OK", []byte(whole)), is: gzip.ErrHeader, reads: attempts},
		{name: "gzip that is nothing", answer: gzipped("200 OK", nil), status: 200, says: "no content"},
		{name: "another compression", answer: polite(message("200 OK", jsonHeader+"\r\nContent-Encoding: br", "\x0b\x04\x80")), place: nowhere},

		// JSON that is none, or another.
		{name: "JSON, broken off", answer: polite(answerJSON("200 OK", whole[:5])), place: nowhere},
		{name: "JSON and more", answer: polite(answerJSON("200 OK", whole+"x")), place: nowhere},
		{name: "JSON twice", answer: polite(answerJSON("200 OK", whole+whole)), place: nowhere},
		{name: "JSON and space", answer: polite(answerJSON("200 OK", whole+" \r\n")), id: "x"},
		{name: "byte order mark", answer: polite(answerJSON("200 OK", "\uFEFF"+whole)), place: nowhere},
		{name: "no JSON", answer: polite(answerJSON("200 OK", "NaN")), place: nowhere},
		{name: "null", answer: polite(answerJSON("200 OK", "null")), id: zero, null: true},
		{name: "array", answer: polite(answerJSON("200 OK", "["+whole+"]")), place: ""},
		{name: "text", answer: polite(answerJSON("200 OK", `"x"`)), place: ""},
		{name: "deep nesting", answer: note(`"x":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)), place: nowhere},
		{name: "deep nesting without an end", answer: polite(answerJSON("200 OK", strings.Repeat(`{"x":`, 100_000))), place: nowhere},
		{name: "deep nesting of an error", answer: failure("400 Bad Request", "", `{"error":`+strings.Repeat(`{"info":`, 5000)+"1"+strings.Repeat("}", 5001)), status: 400},
		{name: "invalid UTF-8", answer: polite(answerJSON("200 OK", "{\"id\":\"x\xff\xc3\"}")), id: "x\uFFFD\uFFFD"},
		{name: "half a surrogate pair", answer: polite(answerJSON("200 OK", `{"id":"x\ud800"}`)), id: "x\uFFFD"},
		{name: "zero character", answer: polite(answerJSON("200 OK", `{"id":"x\u0000"}`)), id: "x\x00"},
		{name: "control character", answer: polite(answerJSON("200 OK", "{\"id\":\"x\x1b\"}")), place: nowhere},
		{name: "duplicate member", answer: polite(answerJSON("200 OK", `{"id":"y","id":"x"}`)), id: "x"},
		{name: "member in other letters", answer: polite(answerJSON("200 OK", `{"ID":"x"}`)), id: "x"},
		{name: "unknown members", answer: note(`"new":{"a":[1e999,null]},"":0`), id: "x"},
		{name: "null for everything", answer: note(`"createdAt":null,"name":null,"size":null,"text":null,"user":null,"repliesCount":null,"reactions":null,"folder":null`), id: "x", null: true},
		{name: "number out of range", answer: note(`"size":1e999,"repliesCount":1e999`), place: "/repliesCount"},
		{name: "number of 2 to the 63", answer: note(`"size":9223372036854775808,"repliesCount":9223372036854775808`), place: "/repliesCount"},
		{name: "fraction", answer: note(`"size":1.5,"repliesCount":1.5`), place: "/repliesCount"},
		{name: "text for a number", answer: note(`"size":"1","repliesCount":"1"`), place: "/repliesCount"},
		{name: "number for a text", answer: note(`"name":1,"text":1`), place: "/text"},
		{name: "object for a text", answer: note(`"name":{},"text":{}`), place: "/text"},
		{name: "text for a time", answer: note(`"createdAt":"yesterday"`), place: "/createdAt"},
		{name: "number for a time", answer: note(`"createdAt":1795329215737`), place: "/createdAt"},
		{name: "text for an object", answer: note(`"user":"alice"`), place: "/user"},

		// Errors of any shape.
		{name: "error", answer: failure("400 Bad Request", "", `{"error":{"message":"No.","code":"NO_SUCH_NOTE","id":"24fcbfc6","kind":"client"}}`), status: 400, code: gen.ErrNoSuchNote, errID: "24fcbfc6", says: "NO_SUCH_NOTE: No."},
		{name: "error by its id", answer: failure("403 Forbidden", "", `{"error":{"id":"24fcbfc6"}}`), status: 403, errID: "24fcbfc6", says: "forbidden"},
		{name: "error null", answer: failure("400 Bad Request", "", `{"error":null}`), status: 400},
		{name: "error array", answer: failure("400 Bad Request", "", `{"error":[{"code":"X"}]}`), status: 400},
		{name: "error number", answer: failure("400 Bad Request", "", `{"error":7}`), status: 400},
		{name: "error text", answer: failure("400 Bad Request", "", `{"error":"Bad\u001b[2J"}`), status: 400, says: "Bad\uFFFD[2J"},
		{name: "error in an error", answer: failure("400 Bad Request", "", `{"error":{"error":{"code":"X"},"code":{"code":"X"}}}`), status: 400},
		{name: "error with 200", answer: polite(answerJSON("200 OK", `{"error":{"code":"X"}}`)), id: zero},
		{name: "error out of range", answer: failure("400 Bad Request", "", `{"error":{"code":1e999,"message":"No.","info":{"resetMs":1e999}}}`), status: 400, says: "No."},
		{name: "error twice", answer: failure("400 Bad Request", "", `{"error":{"code":"Y"},"error":{"code":"X"}}`), status: 400, code: "X"},
		{name: "error, not UTF-8", answer: failure("400 Bad Request", "", "{\"error\":{\"message\":\"N\xff.\"}}"), status: 400, says: "N\uFFFD."},
		{name: "error, broken off", answer: raw(answerJSON("400 Bad Request", `{"error":{"code":"X"}}`)[:100]), status: 400},
		{name: "error array at the top", answer: failure("400 Bad Request", "", `[{"code":"X"}]`), status: 400},
		{name: "framework", answer: failure("400 Bad Request", "", `{"statusCode":400,"code":"FST_ERR","error":"Bad Request","message":"No."}`), status: 400, code: "FST_ERR", says: "No."},
		{name: "framework, no route", answer: failure("404 Not Found", "", `{"message":"No route.","error":"Not Found","statusCode":404}`), status: 404, says: "No route."},
		{name: "405, empty", answer: polite(message("405 Method Not Allowed", "", "")), status: 405, says: "method not allowed"},
		{name: "413, empty", answer: raw(message("413 Payload Too Large", "Connection: close", "")), status: 413, says: "large"},
		{name: "500 with a reason", answer: failure("500 Oh", "", `{"error":{"message":"Oh.","code":"INTERNAL_ERROR","id":"5d37dbcb-891e-41ca-a3d6-e690c97775ac","kind":"server","info":{"e":{"message":"wrong password","code":"Error"}}}}`), status: 500, code: gen.ErrInternalError, says: "wrong password"},
		{name: "500, empty", answer: polite(message("500 Oh", "", "")), status: 500, says: "internal server error"},
		{name: "plain HTTP to TLS", answer: raw(message("400 Bad Request", "", "Client sent an HTTP request to an HTTPS server.\n")), status: 400, says: "HTTPS server"},
		{name: "503 and when to come back", pipe: true, answer: failure("503 Oh", "Retry-After: 20", ""), status: 503, after: 20 * time.Second, reads: attempts},

		// Too many calls, in all forms.
		{name: "429 in seconds", pipe: true, answer: failure("429 Oh", "Retry-After: 5", fmt.Sprintf(limited, "")), status: 429, code: gen.ErrRateLimitExceeded, after: 5 * time.Second, reads: attempts, refused: true},
		{name: "429 by date", pipe: true, answer: func(c *exchange) {
			failure("429 Oh", "Retry-After: "+time.Now().Add(10*time.Second).UTC().Format(http.TimeFormat), "")(c)
		}, status: 429, after: 10 * time.Second, reads: attempts, refused: true},
		{name: "429 by the info", pipe: true, answer: func(c *exchange) {
			failure("429 Oh", "", fmt.Sprintf(limited, info(time.Now().Add(7*time.Second).UnixMilli())))(c)
		}, status: 429, code: gen.ErrRateLimitExceeded, after: 7 * time.Second, reads: attempts, refused: true},
		{name: "429 of the past", pipe: true, answer: failure("429 Oh", "Retry-After: Thu, 01 Jan 1970 00:00:00 GMT", ""), status: 429, reads: attempts, refused: true},
		{name: "429 without a time", pipe: true, answer: failure("429 Oh", "", fmt.Sprintf(limited, "")), status: 429, code: gen.ErrRateLimitExceeded, reads: attempts, refused: true},
		{name: "429, empty", pipe: true, answer: polite(message("429 Oh", "", "")), status: 429, reads: attempts, refused: true},
		{name: "429 as a page", pipe: true, answer: polite(message("429 Oh", "Content-Type: text/html\r\nRetry-After: 3", "<html>")), status: 429, after: 3 * time.Second, reads: attempts, refused: true},
		{name: "429 of no time", pipe: true, answer: failure("429 Oh", "Retry-After: 0", ""), status: 429, reads: attempts, refused: true},
		{name: "429 below 0", pipe: true, answer: failure("429 Oh", "Retry-After: -5", ""), status: 429, reads: attempts, refused: true},
		{name: "429 in words", pipe: true, answer: failure("429 Oh", "Retry-After: soon", ""), status: 429, reads: attempts, refused: true},
		{name: "429 for a day", answer: failure("429 Oh", "Retry-After: 86400", ""), status: 429, after: 24 * time.Hour, says: "longer than", refused: true},
		{name: "429 for ages", answer: failure("429 Oh", "Retry-After: 9223372036854775807", ""), status: 429, says: "longer than", refused: true},
		{name: "429 beyond numbers", answer: failure("429 Oh", "Retry-After: 99999999999999999999", ""), status: 429, says: "longer than", refused: true},
		{name: "429 by an absurd info", pipe: true, answer: failure("429 Oh", "", fmt.Sprintf(limited, `,"info":{"resetMs":1e300}`)), status: 429, code: gen.ErrRateLimitExceeded, reads: attempts, refused: true},
		{name: "429 until the end of time", answer: failure("429 Oh", "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT", ""), status: 429, says: "longer than", refused: true},
		{name: "429 for guessing", answer: failure("429 Oh", "", `{"error":{"code":"TOO_MANY_AUTHENTICATION_FAILURES","id":"22d05606"}}`), status: 429, code: gen.ErrTooManyAuthenticationFailures, refused: true},

		// TLS.
		{name: "TLS", server: certificate(), client: certificate(), answer: polite(ok), id: "x"},
		{lasting: true, name: "TLS of somebody", server: certificate(), client: &tls.Config{RootCAs: x509.NewCertPool()}, answer: polite(ok), says: "certificate"},
		{lasting: true, name: "TLS of another host", server: certificate(), client: &tls.Config{RootCAs: certificate().RootCAs, ServerName: "misskey.invalid"}, answer: polite(ok), says: "misskey.invalid"},
		{lasting: true, name: "TLS that is too old", server: &tls.Config{Certificates: certificate().Certificates, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}, client: certificate(), answer: polite(ok), says: "version", reads: attempts},
		{name: "no TLS", client: certificate(), greet: func(conn net.Conn) error {
			conn.Read(make([]byte, 4096))
			io.WriteString(conn, message("400 Bad Request", "", ""))
			return io.EOF
		}, is: http.ErrSchemeMismatch},
		{name: "TLS that ends", client: certificate(), greet: func(conn net.Conn) error { conn.Read(make([]byte, 4096)); return io.EOF }, is: io.EOF, reads: attempts},
		{name: "TLS that stops", pipe: true, client: certificate(), greet: func(conn net.Conn) error { io.Copy(io.Discard, conn); return io.EOF }, says: "TLS handshake", took: 10 * time.Second},
		{name: "TLS, broken off", server: certificate(), client: certificate(), answer: raw("HTTP/1.1 200 OK\r\n" + jsonHeader + "\r\n\r\n" + whole[:5]), place: nowhere},
	}
	for _, status := range []int{300, 301, 302, 303, 305, 307, 308} {
		for name, location := range map[string]string{
			"the same place": "Location: /api/notes/show", "the same host": "Location: http://" + faultHost + "/x",
			"another host": "Location: http://evil.example/x", "another scheme": "Location: https://" + faultHost + "/api/x",
			"nowhere": "X: y", "not an address": "Location: http://[::1", "another host without a scheme": "Location: //evil.example",
		} {
			all = append(all, fault{name: fmt.Sprint(status, " to ", name), answer: polite(message(fmt.Sprint(status, " Oh"), location, "")), status: status})
		}
	}
	all = append(all, fault{name: "304", answer: polite("HTTP/1.1 304 Not Modified\r\n\r\n"), status: 304})
	return all
}

var (
	opWrite = &api.Operation{Endpoint: "notes/create"}
	opErase = &api.Operation{Endpoint: "notes/delete"}
	opAsk   = &api.Operation{Endpoint: "notes/ask", ReadOnly: true}
)

// callers are the kinds of calls. Each returns the id of what it was answered.
var callers = map[string]func(ctx context.Context, mk *misskey.Client, empty bool) (string, error){
	"read": func(ctx context.Context, mk *misskey.Client, empty bool) (string, error) {
		if empty {
			return "", mk.Call(ctx, opAsk, nil, nil)
		}
		note, err := mk.NotesShow(ctx, gen.NotesShowRequest{NoteID: "x"})
		if err != nil {
			return "", err
		}
		return note.ID, nil
	},
	"write": func(ctx context.Context, mk *misskey.Client, empty bool) (string, error) {
		if empty {
			return "", mk.Call(ctx, opErase, nil, nil)
		}
		var note gen.Note
		err := mk.Call(ctx, opWrite, gen.NotesCreateRequest{Text: new("hello")}, &note)
		return note.ID, err
	},
	"upload": func(ctx context.Context, mk *misskey.Client, _ bool) (string, error) {
		file, err := mk.Upload(ctx, misskey.File{Name: "a", Body: strings.NewReader("content")})
		if err != nil {
			return "", err
		}
		return file.ID, nil
	},
}

// check compares what became of a call.
func (f *fault) check(t *testing.T, kind, id string, err error) {
	t.Helper()
	if kind == "upload" && f.null { // uploads are decoded strictly
		if _, ok := errors.AsType[*misskey.DecodeError](err); !ok {
			t.Errorf("got %q, %v, want a DecodeError", id, err)
		}
		return
	}
	if kind != "upload" && f.place != nowhere { // others leave that at zero
		if err != nil || id != "x" {
			t.Errorf("got %q, %v, want x", id, err)
		}
		return
	}
	if f.id != "" || f.empty && f.status == 0 {
		if want := strings.TrimPrefix(f.id, zero); err != nil || id != want {
			t.Errorf("got %q, %v, want %q", id, err, want)
		}
		return
	}
	if err == nil {
		t.Fatalf("no error, but %q", id)
	}
	e, _ := errors.AsType[*misskey.Error](err)
	decodeErr, _ := errors.AsType[*misskey.DecodeError](err)
	says, place := f.says, f.place
	if kind == "upload" {
		place = strings.NewReplacer("/repliesCount", "/size", "/text", "/name").Replace(place)
		if f.status > 0 {
			says = ""
		}
	}
	switch {
	case f.status > 0:
		if e == nil || e.Status != f.status || e.Code != f.code || f.errID != "" && e.ID != f.errID || f.after > 0 && (e.RetryAfter > f.after || e.RetryAfter <= f.after-time.Second) {
			t.Errorf("%#v, %v", e, err)
		}
		if f.code != "" && !errors.Is(err, f.code) || f.errID != "" && !errors.Is(err, f.errID) {
			t.Errorf("%v is not %v %v", err, f.code, f.errID)
		}
	case f.is != nil:
		if !errors.Is(err, f.is) || e != nil {
			t.Errorf("%v, want one that is %v", err, f.is)
		}
	case f.timeout:
		if nerr, ok := errors.AsType[net.Error](err); !ok || !nerr.Timeout() {
			t.Errorf("%v, want a timeout", err)
		}
	case f.says == "":
		if decodeErr == nil || decodeErr.Pointer != place {
			t.Errorf("%v, want that of the decoder at %q", err, place)
		}
	}
	message := err.Error()
	if !strings.HasPrefix(message, "misskey: ") || !strings.Contains(message, says) || len(message) > 2000 {
		t.Errorf("says %q, want something with %q", message, says)
	}
	if strings.ContainsFunc(message, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		t.Errorf("unfit for a terminal: %q", message)
	}
}

// serve makes s commit f, unless all is well.
func (f *fault) serve(s *faultServer) {
	well := polite(answerJSON("200 OK", `{"id":"well"}`))
	s.answer = func(c *exchange) {
		if s.well.Load() {
			well(c)
		} else {
			f.answer(c)
		}
	}
	s.greet = func(conn net.Conn) error {
		if f.greet != nil && !s.well.Load() {
			return f.greet(conn)
		}
		return nil
	}
	s.dial = func() error {
		if f.dial != nil && !s.well.Load() {
			return f.dial()
		}
		return nil
	}
	if f.client != nil {
		s.overTLS(cmp.Or(f.server, certificate()))
	}
}

// newClient returns a client of s.
func (f *fault) newClient(t *testing.T, s *faultServer, opts ...misskey.Option) (*misskey.Client, *http.Transport) {
	transport := s.transport()
	base := "http://" + faultHost
	if f.client != nil {
		base = "https://" + faultHost
		transport.TLSClientConfig = f.client.Clone()
	}
	hc := &http.Client{Transport: transport}
	mk, err := misskey.New(base, append([]misskey.Option{
		misskey.WithPlainHTTP(), misskey.WithHTTPClient(hc),
		misskey.WithMaxResponseBytes(1 << 20), misskey.WithToken(token),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return mk, transport
}

// quiet keeps net/http from logging what servers do.
func quiet(t testing.TB) {
	log.SetOutput(io.Discard)
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
}

// Every fault, met by calls of every kind, over a new connection and over one
// that was used before. In the bubble of synctest the test fails if a goroutine
// is left over, be it of the client or one of the server that has a connection.
func TestFaults(t *testing.T) {
	quiet(t)
	all := faults()
	t.Logf("%d faults", len(all))
	for i := range all {
		for _, kind := range []string{"read", "write", "upload"} {
			for _, used := range []bool{false, true} {
				f := &all[i]
				if f.empty && kind == "upload" || used && (f.dial != nil || f.greet != nil || f.client != nil) {
					continue
				}
				name := f.name + ", " + kind
				if used {
					name += ", used connection"
				}
				t.Run(name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { f.overPipe(t, kind, used) })
				})
			}
		}
	}
}

func (f *fault) overPipe(t *testing.T, kind string, used bool) {
	s := &faultServer{}
	f.serve(s)
	mk, transport := f.newClient(t, s)
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()

	before := int64(0)
	if used {
		s.well.Store(true)
		if _, err := callers[kind](ctx, mk, f.empty); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		s.well.Store(false)
		before = 1
	}
	start := time.Now()
	id, err := callers[kind](ctx, mk, f.empty)
	took := time.Since(start)
	f.check(t, kind, id, err)
	f.checkCount(t, s, kind, before)
	if f.took > 0 && took != f.took {
		t.Errorf("took %v, want %v", took, f.took)
	}

	// The next call succeeds, and is sent once.
	time.Sleep(2 * time.Second)
	synctest.Wait()
	if s.well.Store(true); !f.lasting {
		n := s.requests.Load()
		if id, err := callers["write"](t.Context(), mk, false); err != nil || id != "well" || s.requests.Load() != n+1 {
			t.Errorf("the next call: %q, %v, sent %d times", id, err, s.requests.Load()-n)
		}
	}
	transport.CloseIdleConnections()
	synctest.Wait()
	if n := s.open.Load(); n != 0 {
		t.Errorf("%d connections are left", n)
	}
	if n := s.strays.Load(); n != 0 {
		t.Errorf("%d connections to another host", n)
	}
}

// checkCount checks how often the server has carried out a call, after others.
func (f *fault) checkCount(t *testing.T, s *faultServer, kind string, before int64) {
	t.Helper()
	want := max(1, f.reads)
	if kind == "upload" || kind == "write" && !f.refused {
		want = 1
	}
	most := want
	if kind == "read" && before > 0 && want > 1 {
		most++ // net/http may have found the connection to be dead
	}
	n, what := s.requests.Load()-before, "carried out"
	if f.dial != nil || f.greet != nil || f.lasting {
		n, what = s.dials.Load(), "tried"
	}
	if n < want || n > most {
		t.Errorf("%s %d times, want %d", what, n, want)
	}
}

// The same, as far as it does not take time, over TCP, where what goes wrong is
// not only what the server has thought of.
func TestFaultsOverTCP(t *testing.T) {
	quiet(t)
	for _, f := range faults() {
		if f.pipe || f.dial != nil {
			continue
		}
		for _, kind := range []string{"read", "write", "upload"} {
			if f.empty && kind == "upload" {
				continue
			}
			t.Run(f.name+", "+kind, func(t *testing.T) { f.overTCP(t, kind) })
		}
	}
}

func (f *fault) overTCP(t *testing.T, kind string) {
	goroutines := runtime.NumGoroutine()
	s := &faultServer{}
	f.serve(s)
	stop := s.listen(t)
	mk, transport := f.newClient(t, s, misskey.WithoutRetry())
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	id, err := callers[kind](ctx, mk, f.empty)
	if f.refused {
		f.says = "" // speaks of the next attempt
	}
	switch {
	case f.id != "" || f.status > 0 || f.place != nowhere:
		f.check(t, kind, id, err)
	case !f.empty && err == nil || errors.Is(err, context.DeadlineExceeded):
		t.Errorf("got %q, %v", id, err)
	}
	if n := s.requests.Load(); n > 1 {
		t.Errorf("carried out %d times", n)
	}
	transport.CloseIdleConnections()
	stop()
	cancel()
	for range 5000 {
		if s.open.Load() == 0 && runtime.NumGoroutine() <= goroutines {
			return
		}
		time.Sleep(time.Millisecond)
	}
	stacks := make([]byte, 1<<20)
	t.Errorf("%d connections and %d goroutines are left\n%s", s.open.Load(), runtime.NumGoroutine()-goroutines, stacks[:runtime.Stack(stacks, true)])
}
