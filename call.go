package misskey

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/misskey-go/misskey/api"
)

// Call makes a [Client] the [api.Caller] that generated clients are built on: a
// client generated for a fork works with NewClient(mk). Programs use the
// methods, or the function [Call].
func (c *Client) Call(ctx context.Context, op *api.Operation, in, out any, opts ...api.CallOption) error {
	start := time.Now()
	c.config.counters.running.Add(1)
	err := c.call(ctx, op, in, out, opts)
	c.config.counters.ended(start, err)
	return err
}

func (c *Client) call(ctx context.Context, op *api.Operation, in, out any, opts []api.CallOption) error {
	if err := c.config.permit(op); err != nil {
		return err
	}
	settings, err := c.config.settings(op, opts)
	if err != nil {
		return callError(ctx, op, err)
	}
	var last error  // of the attempt before
	resent := false // after it was unprocessed
	for n := 1; ; n++ {
		sent, verdict, err := c.attempt(ctx, op, in, out, settings, n, resent)
		switch {
		case err == nil:
			return nil
		case last != nil && (!sent || ctx.Err() != nil && errors.Is(err, ctx.Err())):
			return fmt.Errorf("%w; before that: %w", err, last)
		case !sent:
			return err
		}
		if verdict == unprocessed {
			// A server that lies gets one more chance to carry out a write.
			if resent && !settings.ReadOnly {
				verdict = unknown
			}
			resent = true
		}
		if last, err = err, c.waitToRetry(ctx, op, settings, n, verdict, err); err != nil {
			return err
		}
	}
}

// settings returns the settings of a call, which must not be changed.
func (cfg *config) settings(op *api.Operation, opts []api.CallOption) (*api.CallSettings, error) {
	if len(opts) == 0 {
		if op.ReadOnly {
			return cfg.reading, nil
		}
		return cfg.writing, nil
	}
	settings := new(api.CallSettings)
	for _, opt := range opts {
		if opt != nil {
			opt.Apply(settings)
		}
	}
	settings.ReadOnly = settings.ReadOnly || op.ReadOnly
	if settings.Retry == nil {
		settings.Retry = cfg.writing.Retry
		return settings, nil
	}
	policy, err := fillPolicy(*settings.Retry)
	settings.Retry = &policy
	return settings, err
}

// attempt sends a call for the nth time, over a connection of its own if alone is
// true: no other call can make that end. sent is false where err kept the call
// from being sent; the verdict is about err.
func (c *Client) attempt(ctx context.Context, op *api.Operation, in, out any, settings *api.CallSettings, n int, alone bool) (sent bool, verdict verdict, err error) {
	own := ctx
	if op.Multipart {
		// A response can come before all of the form is sent; what reads the
		// file then has to end.
		var cancel context.CancelFunc
		own, cancel = context.WithCancel(ctx)
		defer cancel()
	}
	req, err := c.newRequest(own, op, in, settings)
	if err != nil {
		return false, lasting, fmt.Errorf("misskey: %s: %w", clean(op.Endpoint, 100), err)
	}
	if settings.ReadOnly && settings.Retry.Attempts > 1 {
		allowReplay(req)
	}
	req.Close = req.Close || alone
	if c.config.limiter != nil {
		if err := c.config.limiter.Wait(ctx); err != nil {
			return false, lasting, callError(ctx, op, fmt.Errorf("waiting for the limiter: %w", err))
		}
	}
	start, exchange := time.Now(), c.beginExchange(req, op, in)
	status, size, err := c.send(req, op, out, settings, exchange)
	took := time.Since(start)
	if err != nil {
		err = callError(ctx, op, err)
		if refused, ok := err.(*Error); ok {
			refused.explain(op, in)
		}
		verdict = judge(err) // of what it is, before that is hidden
		err = c.secretsOf(req, op).hideIn(err)
	}
	c.config.counters.attempted(n, err)
	if verdict != unknown {
		c.config.budget.refund()
	}
	c.log(req, op, n, status, size, took, err)
	exchange.end(err)
	return true, verdict, err
}

// send sends a request and reads the response into out. The status is 0 where
// there was none. size is how much of a body was read.
func (c *Client) send(req *http.Request, op *api.Operation, out any, settings *api.CallSettings, exchange *exchange) (status int, size int64, err error) {
	resp, err := c.config.do(req)
	if err == nil {
		exchange.response(resp)
		size, err = c.readResponse(req, resp, op, out, settings)
		resp.Body.Close()
		status = resp.StatusCode
	}
	if _, ok := err.(*Error); err != nil && !ok && req.Context().Err() != nil {
		// Why it ended rather than what became of that on its way here.
		err = context.Cause(req.Context())
	}
	return status, size, err
}

// callError adds to an error where it comes from. That of the caller's context
// comes first: it is why there is any other.
func callError(ctx context.Context, op *api.Operation, err error) error {
	if ctxErr := ctx.Err(); ctxErr != nil {
		if cause := context.Cause(ctx); !errors.Is(cause, ctxErr) {
			return fmt.Errorf("misskey: %s: %w: %w", op.Endpoint, ctxErr, cause)
		}
		return fmt.Errorf("misskey: %s: %w", op.Endpoint, ctxErr)
	}
	switch err.(type) {
	case *Error, *DecodeError: // their text names the endpoint already
		return err
	}
	// A url.Error quotes the URL with its query.
	for {
		ue, ok := errors.AsType[*url.Error](err)
		if !ok {
			break
		}
		err = ue.Err
	}
	if fault, ok := errors.AsType[*fileError](err); ok {
		err = fault // which net/http takes for one of the connection
	}
	return fmt.Errorf("misskey: %s: %w", op.Endpoint, err)
}

func (c *Client) log(req *http.Request, op *api.Operation, n, status int, size int64, took time.Duration, err error) {
	if c.config.logger == nil {
		return
	}
	level := slog.LevelDebug
	if err != nil {
		level = slog.LevelWarn
	}
	attrs := []slog.Attr{
		slog.String("endpoint", op.Endpoint),
		slog.String("method", req.Method),
		slog.Int("status", status),
		slog.Duration("duration", took),
		slog.Int("attempt", n),
		slog.Int64("bytes", size),
		slog.Int64("request_bytes", req.ContentLength),
	}
	if refused, ok := errors.AsType[*Error](err); ok && refused.Code != "" {
		attrs = append(attrs, slog.String("code", clean(string(refused.Code), 100)))
		if refused.ID != "" {
			attrs = append(attrs, slog.String("id", clean(string(refused.ID), 100)))
		}
	}
	c.config.logger.LogAttrs(req.Context(), level, "misskey call", attrs...)
}
