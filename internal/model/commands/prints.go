package commands

import (
	"path"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// prints returns what a command prints where the world decides it: the
// platform, the files of the repository, variables of the go command.
func (w World) prints(c *shell.Command) (text string, known bool) {
	list := make([]string, len(c.Words))
	for i, word := range c.Words {
		if !word.Exact() {
			return "", false
		}
		list[i] = word.Text
	}
	os, arch, _ := strings.Cut(w.Platform, "/")
	arch, _, _ = strings.Cut(arch, "/")
	line := strings.Join(append([]string{path.Base(list[0])}, list[1:]...), " ")
	switch line {
	case "uname", "uname -s":
		text = map[string]string{"linux": "Linux"}[os]
	case "uname -m", "arch", "uname -p", "uname -i":
		text = machines[arch]
	case "dpkg --print-architecture", "xx-info arch", "go env GOHOSTARCH":
		text = arch
	case "xx-info os", "go env GOHOSTOS":
		text = os
	case "which docker", "command -v docker": // who asks has it: only the folder may be another
		text = "/usr/bin/docker"
	case "which go", "command -v go":
		text = "/usr/local/go/bin/go"
	case "go list -m":
		text = w.module(c)
	case "git rev-parse --show-toplevel":
		text = w.Root
	}
	switch {
	case text != "":
		return text + "\n", true
	case strings.HasPrefix(line, "go env ") && len(list) == 3:
		return goEnv(c, list[2], os, arch)
	case path.Base(list[0]) == "cat":
		return w.contents(c, list[1:])
	case len(list) > 1 && firstLine[strings.TrimSuffix(line, " "+list[len(list)-1])]:
		text, known = w.contents(c, list[len(list)-1:])
		first, _, _ := strings.Cut(text, "\n")
		return first + "\n", known
	case strings.HasPrefix(line, "readlink -f ") && len(list) == 3, path.Base(list[0]) == "realpath" && len(list) == 2:
		return absolute(c, list[len(list)-1])
	}
	return "", false
}

// firstLine are the commands that print the first line of one file.
var firstLine = map[string]bool{"head -1": true, "head -n1": true, "head -n 1": true}

// machines are the names of uname for GOARCH.
var machines = map[string]string{"amd64": "x86_64", "arm64": "aarch64", "386": "i686", "ppc64le": "ppc64le", "s390x": "s390x", "riscv64": "riscv64"}

// goEnv is what go env prints of a variable: what is set, or the default.
func goEnv(c *shell.Command, name, os, arch string) (text string, known bool) {
	v := c.Getenv(name)
	if v.Set != shell.No && v.Text != "" {
		return v.Text + "\n", v.Set == shell.Yes && v.Known()
	}
	switch name {
	case "GOOS":
		return os + "\n", os != ""
	case "GOARCH":
		return arch + "\n", arch != ""
	case "GOEXE":
		target := c.Getenv("GOOS")
		return "\n", target.Set == shell.No && os == "linux" || target.Is("linux")
	case "GOBIN", "GOFLAGS":
		return "\n", v.Set == shell.No || v.Is("")
	}
	return "", false
}

// module is the path of the module in the folder of a command, or above it.
func (w World) module(c *shell.Command) string {
	if !c.Dir.Known() || w.File == nil {
		return ""
	}
	for dir := path.Clean(c.Dir.Text); ; dir = path.Dir(dir) {
		if w.File(path.Join(dir, "go.work")) != nil {
			return ""
		}
		if f := w.File(path.Join(dir, "go.mod")); f != nil {
			return modfile.ModulePath(f.Data())
		}
		if dir == "/" || dir == "." {
			return ""
		}
	}
}

// maxPrinted is the longest file that cat prints.
const maxPrinted = 16 << 10

// contents is what cat prints of files of the repository.
func (w World) contents(c *shell.Command, names []string) (text string, known bool) {
	for _, name := range names {
		at, ok := absolute(c, name)
		if !ok || w.File == nil || strings.HasPrefix(name, "-") {
			return "", false
		}
		f := w.File(strings.TrimSuffix(at, "\n"))
		if f == nil || f.Err() != nil || len(f.Data()) > maxPrinted {
			return "", false
		}
		text += string(f.Data())
	}
	return text, len(names) > 0
}

func absolute(c *shell.Command, name string) (text string, known bool) {
	switch {
	case path.IsAbs(name):
		return path.Clean(name) + "\n", true
	case c.Dir.Known():
		return path.Join(c.Dir.Text, name) + "\n", true
	}
	return "", false
}
