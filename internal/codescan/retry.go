package codescan

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/google/go-github/v60/github"
)

// How often a request is sent, after what time again, and how long a server may
// have us wait.
const (
	maxTries   = 5
	firstPause = 2 * time.Second
	maxPause   = 5 * time.Minute
)

// try does a request, and again where it may work later: after errors of the
// server and of the network, and when a rate limit is over. Errors are explained.
func (s *session) try(ctx context.Context, request func() error) error {
	pause := firstPause
	for try := 1; ; try++ {
		err := request()
		if err == nil {
			return nil
		}
		again, after := s.later(err)
		if !again || ctx.Err() != nil {
			return s.explain(err)
		}
		if after == 0 {
			after, pause = pause, pause*2
		}
		if after > maxPause {
			return fmt.Errorf("%w; the limit is lifted at %s", s.explain(err), s.now().Add(after).UTC().Format("15:04 MST"))
		}
		if try == maxTries {
			return fmt.Errorf("%w (%d attempts)", s.explain(err), maxTries)
		}
		s.say(fmt.Sprintf("%s; trying again in %s", what(err), after))
		if err := s.sleep(ctx, after); err != nil {
			return err
		}
	}
}

// later reports whether a request may work later, and when, where the server
// says so.
func (s *session) later(err error) (again bool, after time.Duration) {
	var primary *github.RateLimitError
	if errors.As(err, &primary) {
		return true, max(time.Second, primary.Rate.Reset.Sub(s.now()).Round(time.Second))
	}
	var secondary *github.AbuseRateLimitError
	if errors.As(err, &secondary) {
		return true, retryAfter(secondary.Response)
	}
	var answer *github.ErrorResponse
	if errors.As(err, &answer) {
		code := answer.Response.StatusCode
		return code >= 500 || code == http.StatusTooManyRequests, retryAfter(answer.Response)
	}
	return isNetwork(err), 0
}

// retryAfter reads the header of that name; zero where there is none.
func retryAfter(r *http.Response) time.Duration {
	seconds, err := strconv.Atoi(r.Header.Get("Retry-After"))
	if err != nil || seconds <= 0 {
		return 0
	}
	return time.Duration(min(seconds, 1<<20)) * time.Second
}

func (s *session) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

func (s *session) sleep(ctx context.Context, d time.Duration) error {
	if s.Sleep != nil {
		return s.Sleep(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
