package codescan

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/goseaworthy/seaworthy/internal/codescan/fake"
)

const (
	token = "ghs_secretsecretsecret"
	sarif = `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"seaworthy"}},"results":[]}]}`
	sha   = "4b6472266afd7b471e86085a6659e8c7f2b119da"
)

var start = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

// clock is a clock that moves when somebody sleeps.
type clock struct {
	now   time.Time
	slept []time.Duration
	said  []string
}

func (c *clock) client(h *fake.Hub) Client {
	c.now = start
	return Client{
		API:   h.API(),
		Token: token,
		Now:   func() time.Time { return c.now },
		Sleep: func(_ context.Context, d time.Duration) error {
			c.slept, c.now = append(c.slept, d), c.now.Add(d)
			return nil
		},
		Say: func(line string) { c.said = append(c.said, line) },
	}
}

func analysis() Analysis {
	return Analysis{Repository: "o/r", Ref: "refs/heads/main", Commit: sha, SARIF: []byte(sarif), Started: start}
}

func TestUpload(t *testing.T) {
	refs := []string{
		"refs/heads/main", "refs/tags/v1.2.3", "refs/pull/7/merge", "refs/pull/7/head",
		"refs/heads/gh-readonly-queue/main/pr-7-" + sha,
	}
	for i, prefix := range []string{"", "/api/v3", "", "", ""} {
		h := fake.New(t, prefix, token)
		h.States(fake.State{Status: "pending"}, fake.State{Status: "pending"}, fake.State{Status: "complete"})
		c := &clock{}
		a := analysis()
		a.Ref = refs[i]
		processed, err := c.client(h).Upload(t.Context(), a)
		if err != nil || !processed {
			t.Errorf("%s: processed %v, %v", a.Ref, processed, err)
		}
		if fmt.Sprint(c.slept) != "[5s 10s]" {
			t.Errorf("slept %v", c.slept)
		}
		want := fake.Upload{Repository: "o/r", Ref: a.Ref, Commit: sha, Tool: "seaworthy", Started: "2027-03-01T12:00:00Z", SARIF: []byte(sarif)}
		if got := h.Uploads(); len(got) != 1 || fmt.Sprint(got[0]) != fmt.Sprint(want) {
			t.Errorf("uploaded %v, want %v", got, want)
		}
		if p := h.Problems(); len(p) > 0 {
			t.Errorf("%s: %q", a.Ref, p)
		}
	}
}

// TestTry: what an upload would end with is known before.
func TestTry(t *testing.T) {
	h := fake.New(t, "", token)
	if err := (&clock{}).client(h).Try(t.Context(), analysis()); err != nil {
		t.Error(err)
	}
	h.Answer(fake.Answer{Code: 403, Message: "Resource not accessible by integration"})
	if err := (&clock{}).client(h).Try(t.Context(), analysis()); err == nil || !strings.Contains(err.Error(), "security-events: write") {
		t.Error(err)
	}
	a := analysis()
	a.Commit = ""
	if err := (&clock{}).client(h).Try(t.Context(), a); err == nil {
		t.Error("an analysis of nothing is taken")
	}
	if len(h.Uploads()) > 0 || len(h.Requests()) != 2 || len(h.Problems()) > 0 {
		t.Errorf("sent %q, problems %q", h.Requests(), h.Problems())
	}
}

// TestSlow: GitHub may take longer than we wait.
func TestSlow(t *testing.T) {
	h := fake.New(t, "", token)
	h.States(fake.State{Status: "pending"})
	c := &clock{}
	processed, err := c.client(h).Upload(t.Context(), analysis())
	if processed || err != nil || fmt.Sprint(c.slept) != "[5s 10s 20s 40s]" {
		t.Errorf("processed %v, %v, slept %v", processed, err, c.slept)
	}
}

func TestFailedProcessing(t *testing.T) {
	for said, want := range map[string]string{
		"":  "GitHub could not process the upload and does not say why: see the Security tab, Tool status",
		"x": "GitHub could not process the upload (x): see the Security tab, Tool status",
		"CodeQL analyses from advanced configurations cannot be processed when the default setup is enabled": "default setup off",
		"rejecting SARIF, as there are more runs than allowed (21 > 20)":                                     "write one run into a file",
		"rejecting SARIF, as there are more results than allowed (25001 > 25000)":                            "check a part of the repository",
		"invalid security severity value, is not a number":                                                   `such as "7.5"`,
	} {
		h := fake.New(t, "", token)
		h.States(fake.State{Status: "failed", Errors: strings.Fields(said)})
		if strings.Contains(said, " ") {
			h.States(fake.State{Status: "failed", Errors: []string{said}})
		}
		_, err := (&clock{}).client(h).Upload(t.Context(), analysis())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q is explained with %v", said, err)
		}
		if p := h.Problems(); len(p) > 0 {
			t.Errorf("%q", p)
		}
	}
}

// TestAnswers: what cannot work later is explained at once.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		code    int
		message string
		ref     string
		want    string
	}{
		{400, "invalid SARIF", "", "GitHub says 400 (invalid SARIF): the SARIF file is not as GitHub wants it"},
		{401, "Bad credentials", "", "the token is wrong or has expired"},
		{403, "Resource not accessible by integration", "", "`permissions: security-events: write`"},
		{403, "Resource not accessible by personal access token", "", "write access to code scanning alerts"},
		{403, "Advanced Security must be enabled for this repository to use code scanning.", "", "needs GitHub Code Security"},
		{403, "Code scanning is not enabled for this repository.", "", "switch code scanning on"},
		{403, "Repository was archived so is read-only.", "", "an archived repository takes no uploads"},
		{403, "Resource protected by organization SAML enforcement.", "", "single sign-on"},
		{403, "something else", "", "the token needs the scope security_events"},
		{404, "Not Found", "", "there is no o/r at 127.0.0.1:"},
		{404, "ref 'refs/heads/gone' not found in this repository", "refs/heads/gone", "refs/heads/gone is not in o/r, or does not hold 4b6472266afd: push it first"},
		{404, "ref not found", "refs/heads/gh-readonly-queue/main/pr-1-" + sha, "do not upload for merge_group"},
		{413, "too large", "", "the SARIF file is too large"},
		{422, "No commit found for SHA", "", "the ref or the commit is none of this repository"},
		{418, "I'm a teapot", "", "Troubleshooting SARIF uploads"},
		{200, "hello", "", "something answered that is not GitHub"},
		{403, "::error::x\nline " + token, "", "GitHub says 403 (::error::x line ***)"},
	} {
		h := fake.New(t, "", token)
		h.Answer(fake.Answer{Code: c.code, Message: c.message})
		a := analysis()
		if c.ref != "" {
			a.Ref = c.ref
		}
		clock := &clock{}
		_, err := clock.client(h).Upload(t.Context(), a)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), token) {
			t.Errorf("%d %q is explained with %v", c.code, c.message, err)
		}
		if len(clock.slept) > 0 || len(h.Requests()) != 1 {
			t.Errorf("%d: slept %v, sent %q", c.code, clock.slept, h.Requests())
		}
		if p := h.Problems(); len(p) > 0 {
			t.Errorf("%q", p)
		}
	}
}

// TestRetries: what may work later is tried again, when the server says so.
func TestRetries(t *testing.T) {
	busy := fake.Answer{Code: 503, Message: "Service unavailable"}
	reset := fmt.Sprint(start.Add(90 * time.Second).Unix())
	for name, c := range map[string]struct {
		answers []fake.Answer
		slept   string
		want    string // of the error
	}{
		"once":       {[]fake.Answer{busy}, "[2s]", ""},
		"four times": {[]fake.Answer{busy, {Code: 500}, {Code: 502}, {Code: 504}}, "[2s 4s 8s 16s]", ""},
		"too often": {[]fake.Answer{busy, busy, busy, busy, busy}, "[2s 4s 8s 16s]",
			"GitHub says 503 (Service unavailable): code scanning is down at the moment: try again later (5 attempts)"},
		"429 with a time":    {[]fake.Answer{{Code: 429, Header: map[string]string{"Retry-After": "17"}}}, "[17s]", ""},
		"429 without a time": {[]fake.Answer{{Code: 429}}, "[2s]", ""},
		"503 with a time":    {[]fake.Answer{{Code: 503, Header: map[string]string{"Retry-After": "30"}}, busy}, "[30s 2s]", ""},
		"a limit": {[]fake.Answer{{Code: 403, Message: "API rate limit exceeded", Header: map[string]string{
			"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}}}, "[1m30s]", ""},
		"a limit for long": {[]fake.Answer{{Code: 403, Message: "API rate limit exceeded", Header: map[string]string{
			"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": fmt.Sprint(start.Add(40 * time.Minute).Unix())}}}, "[]",
			"upload less often; the limit is lifted at 12:40 UTC"},
	} {
		h := fake.New(t, "", token)
		h.Answer(c.answers...)
		clock := &clock{}
		_, err := clock.client(h).Upload(t.Context(), analysis())
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if fmt.Sprint(clock.slept) != c.slept {
			t.Errorf("%s: slept %v, want %s", name, clock.slept, c.slept)
		}
		if len(clock.said) != len(clock.slept) {
			t.Errorf("%s: said %q", name, clock.said)
		}
		if p := h.Problems(); len(p) > 0 {
			t.Errorf("%s: %q", name, p)
		}
	}
}

// TestRetriedState: asking for the state is tried again too.
func TestRetriedState(t *testing.T) {
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		switch calls {
		case 1:
			w.WriteHeader(http.StatusAccepted)
			fmt.Fprint(w, `{"id":"1"}`)
		case 2:
			w.Header().Set("Retry-After", "3")
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"message":"You have exceeded a secondary rate limit","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`)
		default:
			fmt.Fprint(w, `{"processing_status":"complete"}`)
		}
	}))
	defer server.Close()
	c := &clock{}
	client := c.client(&fake.Hub{Server: server})
	processed, err := client.Upload(t.Context(), analysis())
	if err != nil || !processed || fmt.Sprint(c.slept) != "[3s]" {
		t.Errorf("processed %v, %v, slept %v", processed, err, c.slept)
	}
}

func TestRefusedBeforeSending(t *testing.T) {
	h := fake.New(t, "", token)
	for want, change := range map[string]func(*Analysis, *Client){
		"full hash of 40 or 64 hex digits":         func(a *Analysis, _ *Client) { a.Commit = "4b64722" },
		"the ref is a full one":                    func(a *Analysis, _ *Client) { a.Ref = "main" },
		`the ref is a full one such as`:            func(a *Analysis, _ *Client) { a.Ref = "refs/heads/" },
		"OWNER/NAME":                               func(a *Analysis, _ *Client) { a.Repository = "o/r/../x" },
		"no SARIF file":                            func(a *Analysis, _ *Client) { a.SARIF = []byte("{}") },
		"this is no SARIF file: invalid character": func(a *Analysis, _ *Client) { a.SARIF = []byte("<x>") },
		"no results": func(a *Analysis, _ *Client) {
			a.SARIF = []byte(`{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}}}]}`)
		},
		"no token":                    func(_ *Analysis, c *Client) { c.Token = "" },
		"sent over https only":        func(_ *Analysis, c *Client) { c.API = "http://github.example.com/api/v3" },
		"holds a password":            func(_ *Analysis, c *Client) { c.API = "https://me:" + token + "@github.example.com" },
		"such as https://api.github.": func(_ *Analysis, c *Client) { c.API = "github.example.com" },
	} {
		a, c := analysis(), (&clock{}).client(h)
		change(&a, &c)
		if _, err := c.Upload(t.Context(), a); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), token) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if sent := h.Requests(); len(sent) > 0 {
		t.Errorf("sent %q", sent)
	}
}

func TestTooLarge(t *testing.T) {
	var b strings.Builder
	random := uint64(1)
	for b.Len() < 3*maxUpload {
		random = random*6364136223846793005 + 1442695040888963407
		fmt.Fprintf(&b, "%x", random)
	}
	a := analysis()
	a.SARIF = []byte(strings.Replace(sarif, `"results":[]`, `"results":["`+b.String()+`"]`, 1))
	h := fake.New(t, "", token)
	_, err := (&clock{}).client(h).Upload(t.Context(), a)
	if err == nil || !strings.Contains(err.Error(), "MB after gzip and code scanning takes 10 MB") || len(h.Requests()) > 0 {
		t.Errorf("%v, sent %q", err, h.Requests())
	}
}

// TestRedirects: the token goes to the host it is meant for only.
func TestRedirects(t *testing.T) {
	leaked := ""
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { leaked = r.Header.Get("Authorization") }))
	defer thief.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, thief.URL, http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	c := &clock{}
	_, err := c.client(&fake.Hub{Server: server}).Upload(t.Context(), analysis())
	if err == nil || !strings.Contains(err.Error(), "redirects to another host") || leaked != "" || len(c.slept) > 0 {
		t.Errorf("%v, leaked %q", err, leaked)
	}
}

// TestUnreachable: a network that does not answer is tried again, a certificate
// that is wrong is not.
func TestUnreachable(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	c := &clock{}
	_, err := c.client(&fake.Hub{Server: server}).Upload(t.Context(), analysis())
	if err == nil || !strings.Contains(err.Error(), "cannot be reached (") || len(c.slept) != maxTries-1 {
		t.Errorf("%v, slept %v", err, c.slept)
	}
	secure := httptest.NewTLSServer(nil)
	defer secure.Close()
	c = &clock{}
	_, err = c.client(&fake.Hub{Server: secure}).Upload(t.Context(), analysis())
	if err == nil || !strings.Contains(err.Error(), "is not trusted (") || len(c.slept) > 0 {
		t.Errorf("%v, slept %v", err, c.slept)
	}
}
