package module

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/model/gorun"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// InsecureFetch reports settings with which modules come over connections that
// anyone on the way can change: GOINSECURE, a GOPROXY with http://, and a GOVCS
// that lets public modules use any version control system.
//
// # Why
//
// GOINSECURE allows plain HTTP, and HTTPS without a check of the certificate,
// for modules that are fetched directly. go.sum and the checksum database still
// hold for modules that they know, so that contents cannot be changed unseen;
// what is new, private or excluded from the database has no such check.
// Version control systems other than git and Mercurial are disabled for public
// modules since Go 1.16, because servers could make them run commands.
//
// # Severity
//
//   - error: GOINSECURE matches every module
//   - warning: GOINSECURE for some modules, http:// proxies, GOVCS for all
//   - note: the hosts have names of a private network
//
// # Fix
//
// Give the server a certificate, and the image its authority in
// /etc/ssl/certs.
//
// # When it is not a problem
//
// Only where a go command follows that downloads: in the same stage, job,
// recipe or script. Hosts on this machine are left out.
//
// # References
//
//   - https://go.dev/ref/mod#environment-variables
//   - cmd/go/internal/vcs/vcs.go and cmd/go/internal/modfetch/proxy.go of Go 1.26
var InsecureFetch = &rule.Rule{
	ID:       "module/insecure-fetch",
	Title:    "modules are fetched over connections that are not secure",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "environment", "security"},
	Run: func(p *rule.Pass) {
		for _, s := range gorun.Settings.Of(p.Repo) {
			severity, message := insecure(s)
			if r := s.First(fetches); message != "" && r != nil {
				p.Report(atRun(rule.Finding{At: s.At, Severity: severity, Message: message}, s, r, "downloads modules"))
			}
		}
	},
}

func insecure(s *gorun.Setting) (rule.Severity, string) {
	setting := s.Name + "=" + s.Value
	switch s.Name {
	case "GOINSECURE":
		switch {
		case all(s.Value):
			return rule.Error, setting + " fetches every module without TLS or without looking at certificates"
		case !slices.ContainsFunc(strings.Split(s.Value, ","), func(g string) bool { return !private(hostOf(g)) }):
			return rule.Note, setting + " fetches modules of a private network without TLS"
		}
		return rule.Warning, setting + " fetches modules without TLS or without looking at certificates"
	case "GOPROXY":
		return plainProxy(s.Value)
	case "GOVCS":
		for pair := range strings.SplitSeq(s.Value, ",") {
			if pair = strings.TrimSpace(pair); pair == "*:all" || pair == "public:all" {
				return rule.Warning, setting + " lets servers of public modules choose any version control system"
			}
		}
	}
	return rule.Default, ""
}

// plainProxy looks for proxies without TLS.
func plainProxy(list string) (rule.Severity, string) {
	severity, message := rule.Default, ""
	for _, entry := range strings.FieldsFunc(list, func(c rune) bool { return c == ',' || c == '|' }) {
		u, err := url.Parse(strings.TrimSpace(entry))
		if err != nil || u.Scheme != "http" || loopback(u.Hostname()) {
			continue
		}
		level, what := rule.Warning, "GOPROXY asks "+u.Hostname()+" for modules without TLS"
		if private(u.Hostname()) {
			level = rule.Note
		}
		if level > severity {
			severity, message = level, what
		}
	}
	return severity, message
}

func loopback(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// private reports whether a host has a name or address that only a private
// network knows.
func private(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsPrivate()
	}
	for _, suffix := range []string{".local", ".internal", ".lan", ".home", ".corp", ".svc", ".intranet"} {
		if strings.HasSuffix(host, suffix) {
			return true
		}
	}
	return !strings.Contains(host, ".")
}

// hostOf is the first element of a module pattern, without its port.
func hostOf(pattern string) string {
	host, _, _ := strings.Cut(strings.TrimSpace(pattern), "/")
	host, _, _ = strings.Cut(host, ":")
	return host
}
