package misskeytest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A call is one request to an endpoint, as far as it has been understood.
type call struct {
	s        *Server
	op       *operation
	argument string // in the path
	account  *account
	app      *appToken // nil for an account's own token
	params   object
	file     *upload
	request  *http.Request
	fault    error      // of the connection, which the response will meet
	answer   answerFunc // of the test; nil for none
}

// serve answers a request.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		panic(http.ErrAbortHandler) // the server is being closed
	}
	defer s.running.Done()
	switch path := r.URL.Path; {
	case strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
		s.serveStream(w, r)
	case path == "/"+streamEndpoint:
		w.WriteHeader(http.StatusServiceUnavailable)
	case strings.HasPrefix(path, "/api/"):
		s.serveAPI(w, r, strings.TrimPrefix(path, "/api/"))
	case strings.HasPrefix(path, "/files/"):
		s.serveFile(w, r, strings.TrimPrefix(path, "/files/"))
	case strings.HasPrefix(path, miauthPage):
		s.serveMiAuth(w, r)
	case strings.HasPrefix(path, appPage):
		s.serveAppSession(w, r)
	case strings.HasPrefix(path, "/oauth/"):
		s.serveOAuth(w, r)
	case path == "/api.json":
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(s.document.data)
	case path == "/.well-known/nodeinfo":
		s.serveNodeInfoIndex(w)
	case path == "/nodeinfo/2.0", path == "/nodeinfo/2.1":
		s.serveNodeInfo(w, path)
	case path == "/.well-known/oauth-authorization-server":
		s.serveOAuthMetadata(w)
	case strings.HasPrefix(path, "/identicon/"):
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(blankPNG)
	default: // the web client
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!DOCTYPE html><title>misskeytest</title>")
	}
}

// enter counts a request, unless the server is being closed.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done {
		return false
	}
	s.running.Add(1)
	return true
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request, endpoint string) {
	op, argument := s.document.find(endpoint)
	if op != nil && op.route && !(op.post && r.Method != http.MethodGet || op.get && r.Method == http.MethodGet) {
		op = nil
	}
	if op == nil && s.hasAnswer(endpoint) {
		op = &operation{endpoint: endpoint, post: true, get: true}
	}
	header := w.Header()
	header.Set("Cache-Control", "private, max-age=0, must-revalidate")
	header.Set("Access-Control-Allow-Origin", "*")
	if r.Method == http.MethodOptions {
		servePreflight(w, r)
		return
	}
	c := &call{s: s, op: op, argument: argument, request: r}
	record := Request{Endpoint: endpoint, Method: r.Method}
	answer, err := c.perform(r, &record)
	record.Status, record.Code = statusOf(answer, err), codeOf(err)
	s.note(record, err)
	write := func(w http.ResponseWriter) { c.write(w, answer, err) }
	if c.fault != nil {
		s.disrupt(c.fault, w, r, write)
		return
	}
	write(w)
}

// write sends the answer to a call.
func (c *call) write(w http.ResponseWriter, answer any, err error) {
	r := c.request
	header := w.Header()
	var (
		api       *apiError
		framework *frameworkError
		empty     emptyError
		broken    *brokenAnswer
		signin    *signinError
	)
	switch {
	case err == nil && answer == nil:
		w.WriteHeader(http.StatusNoContent)
	case err == nil:
		if r.Method == http.MethodGet && c.account == nil && c.op.cacheFor > 0 {
			header.Set("Cache-Control", fmt.Sprintf("public, max-age=%d", int(c.op.cacheFor.Seconds())))
		}
		writeJSON(w, http.StatusOK, answer)
	case errors.As(err, &api):
		api.write(w)
	case errors.As(err, &framework):
		if framework.code == "" {
			header.Del("Access-Control-Allow-Origin")
		}
		framework.write(w)
	case errors.As(err, &empty):
		w.WriteHeader(int(empty))
	case errors.As(err, &broken):
		broken.write(w)
	case errors.As(err, &signin):
		signin.write(w)
	case errors.Is(err, ErrDropped):
		panic(http.ErrAbortHandler)
	case errors.Is(err, errNoAnswer):
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
}

// errNoAnswer stands for a call that Misskey never answers.
var errNoAnswer = errors.New("no response ever")

// perform makes the checks of Misskey in its order, and then what the call asks
// for. The result is nil for a response without a body.
func (c *call) perform(r *http.Request, record *Request) (any, error) {
	op := c.op
	switch {
	case op == nil && (r.Method == http.MethodGet):
		return nil, errUnknownEndpoint.with(nil)
	case op == nil:
		return nil, &frameworkError{status: 404, message: fmt.Sprintf("Route %s:%s not found", r.Method, r.URL.Path)}
	case r.Method == http.MethodGet && !op.get:
		return nil, emptyError(http.StatusMethodNotAllowed)
	}
	params, file, err := readParams(r, op)
	if err != nil {
		return nil, err
	}
	c.file = file
	fields, _ := params.(object)
	token, hasToken, err := tokenOf(r, fields)
	if err != nil {
		return nil, err
	}
	delete(fields, "i")
	record.Params, _ = json.Marshal(params)
	result, err := c.carryOut(r, record, params, token, hasToken)
	if err == nil && c.answer != nil {
		return c.answered(c.answer, *record)
	}
	return result, err
}

// carryOut does what the call asks for, unless the test answers it.
func (c *call) carryOut(r *http.Request, record *Request, params any, token string, hasToken bool) (any, error) {
	s, op := c.s, c.op
	fields, _ := params.(object)
	s.mu.Lock()
	defer s.mu.Unlock()
	record.Time = s.now()
	if hasToken && !c.authenticate(token) {
		return nil, errAuthenticationFailed.with(nil)
	}
	if c.account != nil {
		record.Username = c.account.username
	}
	if op.secure && (c.account == nil || c.app != nil && !c.revokesItself(fields)) {
		return nil, errAccessDenied.with(nil)
	}
	if err := c.limit(r); err != nil {
		return nil, err
	}
	if c.fault = s.fault(op); c.fault != nil && !afterwards(c.fault) {
		err := c.fault
		c.fault = nil
		return nil, err
	}
	if err := c.authorize(fields); err != nil {
		return nil, err
	}
	if r.Method == http.MethodGet || op.multipart {
		if err := c.cast(fields); err != nil {
			return nil, err
		}
	}
	if fields != nil && op.request != nil {
		s.document.fillDefaults(op.request, fields)
	}
	violation, err := s.document.violated(op, withoutFile(op, params))
	if err != nil {
		return nil, internalError(err.Error())
	}
	if violation != nil {
		return nil, errInvalidParam.with(object{"param": violation.param, "reason": violation.reason})
	}
	c.params = fields
	if c.answer = s.answers[op.endpoint]; c.answer != nil {
		return nil, nil
	}
	if handler := endpoints[op.endpoint]; handler != nil {
		return handler(c)
	}
	s.blameMadeUp(*record)
	return s.synthesize(c), nil
}

// authorize checks whether the caller may call the endpoint at all.
func (c *call) authorize(fields object) error {
	op, who := c.op, c.account
	switch {
	case op.credential && who == nil, op.role != "" && who == nil:
		return errCredentialRequired.with(nil)
	case (op.credential || op.role != "") && who.suspended:
		return errSuspended.with(nil)
	case op.prohibitMoved && who != nil && who.movedTo != "":
		return errMoved.with(nil)
	case op.role == "moderator" && !who.moderator:
		return errNotModerator.with(nil)
	case op.role == "administrator" && !who.administrator:
		return errNotAdministrator.with(nil)
	case op.policy != "" && who == nil:
		return &apiError{status: http.StatusInternalServerError, message: "nobody has the policies of a role"} // a mistake of Misskey
	case op.policy != "" && !who.administrator && c.s.policyOf(who, op.policy) != true:
		return errNoPolicy.with(nil)
	case c.app != nil && !c.revokesItself(fields) && (op.permission != "" && !c.app.permissions[op.permission] || op.permission == "" && op.credential):
		return errPermissionDenied.with(nil)
	}
	return nil
}

// cast turns the texts of a query or a form into what the endpoint wants.
func (c *call) cast(fields object) error {
	properties, _ := c.s.document.resolve(c.op.request)["properties"].(object)
	for name, schema := range properties {
		value, ok := fields[name].(string)
		if !ok {
			continue
		}
		for _, kind := range types(c.s.document.resolve(schema)) {
			if kind != "boolean" && kind != "number" && kind != "integer" {
				continue
			}
			v, err := decodeJSON([]byte(value))
			if err != nil {
				return errCannotCast.with(object{"param": name, "reason": "cannot cast to " + kind})
			}
			fields[name] = v
		}
	}
	return nil
}

// types are the types that a schema allows.
func types(schema object) []string {
	switch t := schema["type"].(type) {
	case string:
		return []string{t}
	case []any:
		var all []string
		for _, v := range t {
			all = append(all, text(v))
		}
		return all
	}
	return nil
}

// withoutFile returns the parameters as the schema wants them: with something in
// the place of the file, which has been taken out.
func withoutFile(op *operation, params any) any {
	fields, ok := params.(object)
	if !ok || !op.multipart {
		return params
	}
	all := object{"file": ""}
	for name, value := range fields {
		all[name] = value
	}
	return all
}

// tokenOf returns the token of a request: that of the header, or else that of
// the parameters.
func tokenOf(r *http.Request, fields object) (token string, ok bool, err error) {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && token != "" {
		return token, true, nil
	}
	switch i := fields["i"].(type) {
	case nil:
		return "", false, nil
	case string:
		return i, true, nil
	}
	return "", false, errNoAnswer
}

func servePreflight(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Origin") == "" || r.Header.Get("Access-Control-Request-Method") == "" {
		http.Error(w, "Invalid Preflight Request", http.StatusBadRequest)
		return
	}
	w.Header().Set("Access-Control-Allow-Methods", "GET,HEAD,POST")
	if headers := r.Header.Get("Access-Control-Request-Headers"); headers != "" {
		w.Header().Set("Access-Control-Allow-Headers", headers)
	}
	w.WriteHeader(http.StatusNoContent)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	body := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the caller has gone, or it has not
}

// statusOf is the status that a response is sent with; 0 for none.
func statusOf(answer any, err error) int {
	var (
		api       *apiError
		framework *frameworkError
		empty     emptyError
		broken    *brokenAnswer
		signin    *signinError
	)
	switch {
	case err == nil && answer == nil:
		return http.StatusNoContent
	case err == nil:
		return http.StatusOK
	case errors.As(err, &api):
		return api.status
	case errors.As(err, &framework):
		return framework.status
	case errors.As(err, &empty):
		return int(empty)
	case errors.As(err, &broken):
		return broken.status
	case errors.As(err, &signin):
		return signin.status
	}
	return 0
}

// now is what the clock says, in the precision that Misskey has.
func (s *state) now() time.Time { return time.Now().Add(s.offset).UTC().Truncate(time.Millisecond) }
