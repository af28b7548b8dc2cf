package knowledge

import (
	"regexp"
	"strings"
)

// runnerLabel matches the labels of the Linux machines that GitHub hosts, with
// their release and, for arm64, a suffix (docs.github.com, "GitHub-hosted
// runners").
var runnerLabel = regexp.MustCompile(`^ubuntu-(latest|[0-9]{2}\.04)(-arm)?$`)

// Runner returns what is known of a machine of GitHub Actions by its label, and
// its platform: Ubuntu with a C compiler (actions/runner-images, the lists of
// installed software). The release of ubuntu-latest moves.
func (b *Base) Runner(label string) (i Image, platform string, ok bool) {
	m := runnerLabel.FindStringSubmatch(label)
	if m == nil {
		return Image{}, "", false
	}
	release := m[1]
	if release == "latest" {
		release = ""
	}
	ref, err := ParseRef(strings.TrimSuffix("ubuntu:"+release, ":"))
	if err != nil {
		return Image{}, "", false
	}
	i = Image{Ref: ref, Known: true, Distro: "ubuntu", Libc: Glibc, Loader: Glibc, Why: label + " is Ubuntu with gcc", tools: map[string]Tri{"gcc": Yes, "cc": Yes}}
	if release != "" {
		i.Release, i.LibcVersion = release, b.Image(ref).LibcVersion
	}
	i.Ref.Text = label
	platform = "linux/amd64"
	if m[2] != "" {
		platform = "linux/arm64"
	}
	return i, platform, true
}
