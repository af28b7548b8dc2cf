package image

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// NoCACerts reports a program that connects to a server with TLS in an image
// without root certificates.
//
// # Why
//
// Go checks the certificate of a server against the roots that it finds in the
// image. debian, ubuntu, busybox and scratch have none. The program starts and
// works until the first connection.
//
// # Fix
//
// Bring the roots along:
//
//	COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
//
// or install the package ca-certificates.
//
// # When it is not a problem
//
// alpine (since 3.7), distroless and the images of Chainguard have roots. The
// rule looks for requests to an address that the repository spells out, and for
// autocert, which asks Let's Encrypt. Requests to an address that is decided at
// run time give low confidence.
//
// Where a package of the program chooses roots that it trusts, only what other
// packages request through the default client counts, with low confidence. The
// rule is silent for a program that imports a package that holds roots, or gets
// SSL_CERT_FILE, and where something was put into the
// folders in which Go looks for roots: by the Dockerfile, or by a Compose file or
// Kubernetes manifest of the repository that runs the image.
//
// # References
//
//   - crypto/x509/root_linux.go: where Go looks
var NoCACerts = &rule.Rule{
	ID:       "image/no-ca-certs",
	Title:    "program connects with TLS, but its image has no root certificates",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"image"},
	Run: func(p *rule.Pass) {
		for _, s := range ships(p.Repo) {
			roots := s.stage.HasCACerts()
			if !roots.Is(missing) {
				continue
			}
			if dials := s.Binary.DialsTLS(); dials.Known() && !s.given(p.Repo, []string{"SSL_CERT_FILE", "SSL_CERT_DIR"}, buildplan.CAFolders()) {
				to := dials.Value
				if to == "" {
					to = "an address that is decided at run time"
				}
				from := roots.Why[len(roots.Why)-1].At
				p.Report(rule.Finding{
					At:      from,
					Message: fmt.Sprintf("%s has no root certificates, but %s connects to %s", s.stage.Image.Value.Ref.Text, s.Path, to),
					Proof:   fact.Because(dials, s.Binary.Main, roots, s.arrives()),
					Result:  "tls: failed to verify certificate: x509: certificate signed by unknown authority",
				})
			}
		}
	},
}
