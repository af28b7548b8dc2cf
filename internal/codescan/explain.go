package codescan

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-github/v60/github"
)

// explain returns an error as one line: what GitHub says and what helps.
func (s *session) explain(err error) error {
	var primary *github.RateLimitError
	var secondary *github.AbuseRateLimitError
	var answer *github.ErrorResponse
	switch {
	case errors.As(err, &primary), errors.As(err, &secondary):
		return errors.New("GitHub limits how often it is asked (1000 uploads an hour for a user or an app): wait, or upload less often")
	case errors.As(err, &answer):
		code := answer.Response.StatusCode
		return &answerError{code, fmt.Sprintf("GitHub says %d%s: %s", code, said(answer.Message), s.remedy(code, answer.Message))}
	case errors.Is(err, errElsewhere):
		return fmt.Errorf("%s cannot be used: %w", s.base.Host, errElsewhere)
	case isCertificate(err):
		return fmt.Errorf("%s is not trusted (%w): install the certificate of its authority on this machine", s.base.Host, cause(err))
	case isNetwork(err):
		return fmt.Errorf("%s cannot be reached (%w): see whether this machine may talk to it, and whether the address of the API is right", s.base.Host, cause(err))
	}
	return err
}

// answerError is an answer that is an error, explained.
type answerError struct {
	status int
	text   string
}

func (e *answerError) Error() string { return e.text }

// said returns what an answer says, in brackets, on one line.
func said(message string) string {
	message = strings.Join(strings.Fields(message), " ")
	if message == "" {
		return ""
	}
	const most = 300
	if len(message) > most {
		message = strings.ToValidUTF8(message[:most], "") + "…"
	}
	return " (" + message + ")"
}

// what names an error in half a line.
func what(err error) string {
	var answer *github.ErrorResponse
	if errors.As(err, &answer) {
		return fmt.Sprintf("GitHub says %d", answer.Response.StatusCode)
	}
	if isNetwork(err) {
		return "GitHub cannot be reached"
	}
	return "GitHub limits how often it is asked"
}

// remedies are the messages of GitHub that more than one cause of a status
// makes, in lower case, and what helps.
var remedies = []struct {
	status int
	words  string
	remedy string
}{
	{http.StatusForbidden, "resource not accessible by integration", "the token may not write: give the job `permissions: security-events: write`; the token of a pull request from a fork, or of Dependabot, can never"},
	{http.StatusForbidden, "resource not accessible by personal access token", "give the token write access to code scanning alerts"},
	{http.StatusForbidden, "archived", "an archived repository takes no uploads"},
	{http.StatusForbidden, "advanced security", "a private repository needs GitHub Code Security: switch it on in its settings, or do not upload"},
	{http.StatusForbidden, "code scanning is not enabled", "switch code scanning on in the settings of the repository, or do not upload"},
	{http.StatusForbidden, "code security", "a private repository needs GitHub Code Security: switch it on in its settings, or do not upload"},
	{http.StatusForbidden, "saml", "authorize the token for the organization's single sign-on"},
	{http.StatusForbidden, "ip allow list", "the organization takes requests from other addresses only: run this on one of its own runners"},
}

// byStatus is what helps where the message does not tell the cause.
var byStatus = map[int]string{
	http.StatusBadRequest:            "the SARIF file is not as GitHub wants it; please report it if seaworthy wrote it",
	http.StatusUnauthorized:          "the token is wrong or has expired",
	http.StatusForbidden:             "the token needs the scope security_events (GITHUB_TOKEN: `permissions: security-events: write`), and the repository code scanning",
	http.StatusRequestEntityTooLarge: "the SARIF file is too large: check a part of the repository, or exclude files in .seaworthy.toml",
	http.StatusUnprocessableEntity:   "the ref or the commit is none of this repository, or is not written in full",
	http.StatusTooManyRequests:       "it is asked too often: wait, or upload less often",
	http.StatusServiceUnavailable:    "code scanning is down at the moment: try again later",
}

// remedy says what helps against an answer.
func (s *session) remedy(status int, message string) string {
	lower := strings.ToLower(message)
	for _, r := range remedies {
		if r.status == status && strings.Contains(lower, r.words) {
			return r.remedy
		}
	}
	if status == http.StatusNotFound {
		return s.notFound(lower)
	}
	if r, ok := byStatus[status]; ok {
		return r
	}
	if status >= 500 {
		return "an error of the server: try again later"
	}
	return "see docs.github.com, Troubleshooting SARIF uploads"
}

// notFound explains 404, which GitHub also says to those who may not see.
func (s *session) notFound(message string) string {
	ref := s.analysis.Ref
	switch {
	case strings.HasPrefix(ref, "refs/heads/gh-readonly-queue/"):
		return "the branch of a merge queue is gone once it is merged: do not upload for merge_group"
	case strings.Contains(message, "ref") || strings.Contains(message, "commit"):
		return fmt.Sprintf("%s is not in %s, or does not hold %.12s: push it first, or name another --ref and --sha", ref, s.analysis.Repository, s.analysis.Commit)
	}
	return fmt.Sprintf("there is no %s at %s, or the token may not see it", s.analysis.Repository, s.base.Host)
}

// processing are words of errors that come after the upload, in lower case, and
// what helps.
var processing = []struct{ words, remedy string }{
	{"default setup", "switch CodeQL's default setup off, or upload from another tool's configuration only"},
	{"more runs than", "write one run into a file"},
	{"same category", "give each upload of a commit a --category of its own"},
	{"multiple sarif runs", "give each upload of a commit a --category of its own"},
	{"too many", "check a part of the repository, or exclude files in .seaworthy.toml"},
	{"more results than", "check a part of the repository, or exclude files in .seaworthy.toml"},
	{"security severity", "security-severity is a number in a string, such as \"7.5\""},
	{"expected artifact location", "a result stands in a file outside the repository"},
}

// explainProcessing returns the errors of processing as one line.
func explainProcessing(errs []string) string {
	text := strings.Join(strings.Fields(strings.Join(errs, "; ")), " ")
	if text == "" {
		return "GitHub could not process the upload and does not say why: see the Security tab, Tool status"
	}
	lower := strings.ToLower(text)
	for _, p := range processing {
		if strings.Contains(lower, p.words) {
			return fmt.Sprintf("GitHub could not process the upload%s: %s", said(text), p.remedy)
		}
	}
	return fmt.Sprintf("GitHub could not process the upload%s: see the Security tab, Tool status", said(text))
}

// isNetwork reports whether a request got no answer. A certificate that is wrong
// stays wrong.
func isNetwork(err error) bool {
	var address *url.Error
	return errors.As(err, &address) && !errors.Is(err, errElsewhere) && !isCertificate(err)
}

func isCertificate(err error) bool {
	var certificate *tls.CertificateVerificationError
	return errors.As(err, &certificate)
}

// cause returns the part of a network error that people can use.
func cause(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	var address *url.Error
	if errors.As(err, &address) {
		return address.Err
	}
	return err
}
