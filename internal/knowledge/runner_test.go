package knowledge

import "testing"

func TestRunner(t *testing.T) {
	b := Default()
	for _, c := range []struct{ label, libc, platform string }{
		{"ubuntu-24.04", "2.39", "linux/amd64"},
		{"ubuntu-22.04-arm", "2.35", "linux/arm64"},
		{"ubuntu-latest", "", "linux/amd64"},
	} {
		i, platform, ok := b.Runner(c.label)
		if !ok || i.Libc != Glibc || i.LibcVersion != c.libc || i.GCC() != Yes || platform != c.platform {
			t.Errorf("%s: %+v %s %v", c.label, i, platform, ok)
		}
	}
	for _, label := range []string{"macos-latest", "self-hosted", "ubuntu-latest-8-cores", "windows-2022", ""} {
		if _, _, ok := b.Runner(label); ok {
			t.Errorf("%s is no machine that is known", label)
		}
	}
}
