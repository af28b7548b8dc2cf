// Package codescan uploads SARIF to GitHub code scanning through its public
// REST API. It is the only package that talks to anybody.
//
// In GitHub Actions the official upload-sarif action is the better way: it uses
// an interface of its own that knows the commit a pull request started from.
// Uploads of the two ways count as different configurations, so a workflow
// should use one of them.
package codescan

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"
)

// maxUpload is how many bytes code scanning takes, after gzip
// (docs.github.com, "SARIF results exceed one or more limits").
const maxUpload = 10 << 20

// Analysis is a SARIF file and what it is about.
type Analysis struct {
	Repository string // owner/name
	Ref        string // in full: refs/heads/main, refs/tags/v1, refs/pull/7/merge
	Commit     string // in full: 40 or 64 hex digits
	SARIF      []byte
	Started    time.Time // when the run began; zero: not said
}

// Client uploads to one GitHub.
type Client struct {
	// API is the address of the REST API: https://api.github.com, for GitHub
	// Enterprise Server https://HOST/api/v3, for data residency
	// https://api.SUBDOMAIN.ghe.com.
	API   string
	Token string
	// Now and Sleep are the clock; nil: the real one.
	Now   func() time.Time
	Sleep func(context.Context, time.Duration) error
	// Say takes a line about what is waited for. It may be nil.
	Say func(line string)
}

// Upload sends an analysis and waits until GitHub has processed it. It returns
// whether it was: GitHub can take longer than anybody wants to wait, which is no
// error. Errors are one line that ends in what helps.
func (c Client) Upload(ctx context.Context, a Analysis) (processed bool, err error) {
	s, body, err := c.prepare(a)
	if err != nil {
		return false, err
	}
	id, err := s.send(ctx, body)
	if err != nil {
		return false, s.hideToken(err)
	}
	processed, err = s.wait(ctx, id)
	return processed, s.hideToken(err)
}

// noUpload is the ID of no upload.
const noUpload = "00000000-0000-0000-0000-000000000000"

// Try finds out whether Upload would do, as far as that can be without sending:
// it asks for an upload that does not exist, which is answered with 403 where
// code scanning is off or the token may not see it.
func (c Client) Try(ctx context.Context, a Analysis) error {
	s, _, err := c.prepare(a)
	if err != nil {
		return err
	}
	_, err = s.ask(ctx, noUpload)
	var answer *answerError
	if errors.As(err, &answer) && answer.status == http.StatusNotFound {
		return nil
	}
	return s.hideToken(err)
}

// prepare checks all that can be without GitHub.
func (c Client) prepare(a Analysis) (*session, *github.SarifAnalysis, error) {
	tool, err := check(a)
	if err != nil {
		return nil, nil, err
	}
	base, err := apiURL(c.API)
	if err != nil {
		return nil, nil, err
	}
	if c.Token == "" {
		return nil, nil, errors.New("there is no token: set GITHUB_TOKEN to one that may write security events")
	}
	packed, err := pack(a.SARIF)
	if err != nil {
		return nil, nil, err
	}
	body := &github.SarifAnalysis{CommitSHA: &a.Commit, Ref: &a.Ref, Sarif: &packed, ToolName: &tool}
	if !a.Started.IsZero() {
		body.StartedAt = &github.Timestamp{Time: a.Started.UTC().Truncate(time.Second)}
	}
	owner, name, _ := strings.Cut(a.Repository, "/")
	return &session{Client: c, base: base, owner: owner, name: name, analysis: a}, body, nil
}

// check finds what GitHub would refuse, and returns the name of the tool that
// wrote the SARIF.
func check(a Analysis) (tool string, err error) {
	owner, name, ok := strings.Cut(a.Repository, "/")
	if !ok || owner == "" || name == "" || strings.Contains(name, "/") {
		return "", fmt.Errorf("the repository is OWNER/NAME, not %q", a.Repository)
	}
	if !isCommit(a.Commit) {
		return "", fmt.Errorf("the commit is a full hash of 40 or 64 hex digits, not %q", a.Commit)
	}
	if !isRef(a.Ref) {
		return "", fmt.Errorf("the ref is a full one such as refs/heads/main, refs/tags/v1 or refs/pull/7/merge, not %q", a.Ref)
	}
	var doc struct {
		Version string
		Runs    []struct {
			Tool    struct{ Driver struct{ Name string } }
			Results *[]json.RawMessage
		}
	}
	if err := json.Unmarshal(a.SARIF, &doc); err != nil {
		return "", fmt.Errorf("this is no SARIF file: %w", err)
	}
	if doc.Version != "2.1.0" || len(doc.Runs) == 0 {
		return "", errors.New(`this is no SARIF file: it has no "version": "2.1.0" or no runs`)
	}
	for _, run := range doc.Runs {
		if run.Tool.Driver.Name == "" || run.Results == nil {
			return "", errors.New("GitHub would refuse the SARIF file: a run has no name of a tool or no results")
		}
	}
	return doc.Runs[0].Tool.Driver.Name, nil
}

func isCommit(s string) bool {
	return (len(s) == 40 || len(s) == 64) && strings.Trim(s, "0123456789abcdefABCDEF") == ""
}

func isRef(s string) bool {
	for _, space := range []string{"refs/heads/", "refs/tags/", "refs/pull/"} {
		if rest, ok := strings.CutPrefix(s, space); ok && rest != "" {
			return true
		}
	}
	return false
}

// apiURL returns the address that requests are relative to. A token is never
// sent in the clear over a network.
func apiURL(api string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSuffix(api, "/") + "/")
	switch {
	case err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("the address of the API is such as https://api.github.com or https://HOST/api/v3")
	case u.User != nil:
		return nil, errors.New("the address of the API holds a password: the token belongs in GITHUB_TOKEN")
	case u.Scheme == "http" && isLoopback(u.Hostname()):
		return u, nil
	case u.Scheme != "https":
		return nil, fmt.Errorf("the address of the API begins with %s: a token is sent over https only", u.Scheme)
	}
	return u, nil
}

func isLoopback(host string) bool {
	return host == "127.0.0.1" || host == "::1" || host == "localhost"
}

// pack returns SARIF as GitHub wants it: gzip in base64.
func pack(sarif []byte) (string, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return "", err
	}
	// Writes to a buffer do not fail.
	_, _ = z.Write(sarif)
	_ = z.Close()
	if b.Len() > maxUpload {
		return "", fmt.Errorf("the SARIF file has %.1f MB after gzip and code scanning takes 10 MB: check a part of the repository, or exclude files in .seaworthy.toml", float64(b.Len())/(1<<20))
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

// session is one upload.
type session struct {
	Client
	base        *url.URL
	owner, name string
	analysis    Analysis
}

// client returns a client without memory: go-github's own refuses requests by
// its clock once it has seen a rate limit, and when to ask again is ours to say.
func (s *session) client() *github.Client {
	transport := &http.Client{Timeout: 2 * time.Minute, CheckRedirect: sameHost}
	c := github.NewClient(transport).WithAuthToken(s.Token)
	c.BaseURL = s.base
	c.UserAgent = "seaworthy"
	return c
}

// sameHost follows redirects (a repository that was renamed has one) where they
// do not lead the token elsewhere.
func sameHost(next *http.Request, before []*http.Request) error {
	first := before[0].URL
	if next.URL.Scheme != first.Scheme || next.URL.Host != first.Host {
		return errElsewhere
	}
	if len(before) >= 5 {
		return errors.New("more than 5 redirects")
	}
	return nil
}

var errElsewhere = errors.New("it redirects to another host, where the token is not sent")

// send uploads and returns the ID by which to ask for the state.
func (s *session) send(ctx context.Context, body *github.SarifAnalysis) (string, error) {
	var id *github.SarifID
	err := s.try(ctx, func() error {
		var err error
		id, _, err = s.client().CodeScanning.UploadSarif(ctx, s.owner, s.name, body)
		return err
	})
	if err != nil {
		return "", err
	}
	if id.GetID() == "" {
		// go-github returns nothing at all for what is not 202.
		return "", errors.New("something answered that is not GitHub: see whether a proxy stands in between, and whether the address of the API is right")
	}
	return id.GetID(), nil
}

// The times of GitHub's own action: it asks at once and then after 5 s, 10 s and
// so on, and goes on without an answer after five times.
const (
	firstPoll = 5 * time.Second
	maxPolls  = 5
)

// state is the answer about an upload; go-github's lacks the errors.
type state struct {
	Status string   `json:"processing_status"`
	Errors []string `json:"errors"`
}

// wait asks until the upload is processed.
func (s *session) wait(ctx context.Context, id string) (processed bool, err error) {
	pause := firstPoll
	for poll := 1; ; poll++ {
		now, err := s.ask(ctx, id)
		switch {
		case err != nil:
			return false, err
		case now.Status == "complete":
			return true, nil
		case now.Status == "failed":
			return false, errors.New(explainProcessing(now.Errors))
		case poll == maxPolls:
			return false, nil
		}
		s.say(fmt.Sprintf("GitHub is processing the upload; asking again in %s", pause))
		if err := s.sleep(ctx, pause); err != nil {
			return false, err
		}
		pause *= 2
	}
}

// ask returns the state of an upload.
func (s *session) ask(ctx context.Context, id string) (now state, err error) {
	err = s.try(ctx, func() error {
		client := s.client()
		req, err := client.NewRequest(http.MethodGet, fmt.Sprintf("repos/%s/%s/code-scanning/sarifs/%s", s.owner, s.name, url.PathEscape(id)), nil)
		if err != nil {
			return err
		}
		_, err = client.Do(ctx, req, &now)
		return err
	})
	return now, err
}

func (s *session) say(line string) {
	if s.Say != nil {
		s.Say(strings.ReplaceAll(line, s.Token, "***"))
	}
}

// hideToken makes sure that no server can have us write the token to a log.
func (s *session) hideToken(err error) error {
	if err == nil || !strings.Contains(err.Error(), s.Token) {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), s.Token, "***"))
}
