package buildplan

import (
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
)

// DialsTLS says where the program of a binary connects to a server whose
// certificate it checks against the roots of the system: "" with low confidence
// where the address is decided at run time. It is not known where
// nothing says so, and where the program brings roots or decides by itself whom
// it trusts.
func (b *Binary) DialsTLS() fact.Fact[string] {
	l := b.Link()
	if !b.Main.Known() || l.Closure == nil || bringsRoots(l.Closure) {
		return fact.Not[string]()
	}
	calls, sure, pools := append(slices.Clip(throughDefault), "NewRequest", "NewRequestWithContext", "Client"), fact.Medium, map[*goprogram.Package]bool{}
	for _, p := range ownPackages(l.Closure) {
		if len(p.Calls(b.target(), "crypto/x509", "NewCertPool")) > 0 {
			pools[p] = true
			calls, sure = throughDefault, fact.Low
		}
	}
	maybe := fact.Not[string]()
	for _, p := range ownPackages(l.Closure) {
		if pools[p] {
			continue // decides which roots it trusts
		}
		for _, c := range requests(p, b.target(), calls) {
			way := goprogram.Notes(l.Closure.To(p), "")
			switch to, ok := dials(c); {
			case ok && to != "":
				return fact.Of(to, sure, append(way, fact.Note{At: c.At, Text: "connects to " + to})...)
			case ok && !maybe.Known():
				maybe = fact.Of("", fact.Low, append(way, fact.Note{At: c.At, Text: "connects to an address that is decided at run time"})...)
			}
		}
	}
	return maybe
}

// autocert gets its certificates from Let's Encrypt, unless its client names
// another directory (acme.Client.DirectoryURL).
const (
	autocert    = "golang.org/x/crypto/acme/autocert"
	letsEncrypt = "https://acme-v02.api.letsencrypt.org"
)

// requests are the calls of a package that may connect to a server with TLS.
func requests(p *goprogram.Package, t goprogram.Target, names []string) []goprogram.Call {
	web := p.Calls(t, "net/http", names...)
	return append(web, p.Calls(t, autocert, "NewListener", "Manager")...)
}

// throughDefault are the functions of net/http that use the default client: it
// trusts the roots of the system, also where another package has its own for
// what it connects to.
var throughDefault = []string{"Get", "Head", "Post", "PostForm"}

// dials reports whether a call connects to a server with TLS, or may: "" where
// the address is not written out.
func dials(c goprogram.Call) (to string, ok bool) {
	url := 0
	switch c.Func {
	case "net/http.NewRequest":
		url = 1
	case "net/http.NewRequestWithContext":
		url = 2
	case "net/http.Client":
		return "", true
	case autocert + ".NewListener":
		return letsEncrypt, true
	case autocert + ".Manager":
		if slices.ContainsFunc(c.Args, func(a goprogram.Arg) bool { return a.Field == "Client" }) {
			return "", true
		}
		return letsEncrypt, true
	}
	if len(c.Args) <= url {
		return "", false
	}
	arg := c.Args[url]
	rest, secure := strings.CutPrefix(arg.Text, "https://")
	host, _, complete := strings.Cut(rest, "/")
	switch {
	case !secure:
		return "", arg.Text == "" && !arg.Known
	case strings.HasPrefix(host, "localhost") || strings.HasPrefix(host, "127."):
		return "", false
	case !complete && !arg.Known || host == "":
		return "", true
	}
	return "https://" + host, true
}

// rootPackages bring root certificates into the program.
var rootPackages = []string{"golang.org/x/crypto/x509roots/fallback", "github.com/breml/rootcerts", "github.com/gwatts/rootcerts", "github.com/certifi/gocertifi"}

func bringsRoots(c *goprogram.Closure) bool {
	return slices.ContainsFunc(rootPackages, func(name string) bool {
		return c.Missing[name] != nil || slices.ContainsFunc(c.Packages, func(p *goprogram.Package) bool { return p.Path == name })
	})
}

// ownPackages are the packages of a program that stand in the repository.
func ownPackages(c *goprogram.Closure) []*goprogram.Package {
	return slices.DeleteFunc(slices.Clone(c.Packages), func(p *goprogram.Package) bool { return p.Module == nil })
}

// target is the platform that a binary is built for, as far as it is known.
func (b *Binary) target() goprogram.Target {
	t := goprogram.Linux
	t.Tags, _ = b.Go.Tags()
	return t
}

// Zone is a time zone that a program asks for.
type Zone struct {
	Name string // "" where it is decided at run time
	Use  fact.Fact[string]
}

// Zones returns the time zones that the program of a binary loads: none where it
// brings them (package time/tzdata or tag timetzdata), or may.
func (b *Binary) Zones() []Zone {
	l := b.Link()
	if !b.Main.Known() || l.Closure == nil || b.bringsZones(l.Closure) {
		return nil
	}
	var zones []Zone
	for _, p := range ownPackages(l.Closure) {
		for _, c := range p.Calls(b.target(), "time", "LoadLocation") {
			if len(c.Args) != 1 {
				continue
			}
			arg := c.Args[0]
			way := goprogram.Notes(l.Closure.To(p), "")
			switch {
			case arg.Known && (arg.Text == "" || arg.Text == "UTC" || arg.Text == "Local"):
			case arg.Known:
				zones = append(zones, Zone{arg.Text, fact.Of(arg.Text, fact.Medium, append(way, fact.Note{At: c.At, Text: "loads " + arg.Text})...)})
			default:
				zones = append(zones, Zone{"", fact.Of("", fact.Low, append(way, fact.Note{At: c.At, Text: "loads a time zone that is decided at run time"})...)})
			}
		}
	}
	return zones
}

// BringsZones reports whether the program has the time zones in it.
func (b *Binary) BringsZones() bool {
	l := b.Link()
	return l.Closure == nil || b.bringsZones(l.Closure)
}

func (b *Binary) bringsZones(c *goprogram.Closure) bool {
	tags, known := b.Go.Tags()
	if !known || slices.Contains(tags, "timetzdata") || c.Std["time/tzdata"] != nil {
		return true
	}
	// github.com/breml/rootcerts and the like for time zones.
	for name := range c.Missing {
		if strings.Contains(name, "tzdata") {
			return true
		}
	}
	return false
}
