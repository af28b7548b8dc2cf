package repo

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Kind says as what a file is read.
type Kind string

// The kinds of input.
const (
	GoMod         Kind = "go.mod"
	GoSum         Kind = "go.sum"
	GoWork        Kind = "go.work"
	GoWorkSum     Kind = "go.work.sum"
	VendorModules Kind = "vendor/modules.txt"
	GoSource      Kind = "go"
	GoVersion     Kind = "go-version"    // .go-version
	ToolVersions  Kind = "tool-versions" // asdf and mise
	Gitmodules    Kind = "gitmodules"
	Dockerfile    Kind = "dockerfile"
	Dockerignore  Kind = "dockerignore"
	Bake          Kind = "bake"
	Compose       Kind = "compose"
	Unit          Kind = "systemd-unit"
	DropIn        Kind = "systemd-dropin"
	Kubernetes    Kind = "kubernetes"
	Kustomization Kind = "kustomization"
	HelmChart     Kind = "helm-chart"
	HelmValues    Kind = "helm-values"
	HelmTemplate  Kind = "helm-template"
	Workflow      Kind = "workflow"
	Action        Kind = "action"
	GoReleaser    Kind = "goreleaser"
	Ko            Kind = "ko"
	NFPM          Kind = "nfpm"
	Makefile      Kind = "makefile"
	Script        Kind = "shell"
	EnvFile       Kind = "env-file"
	// Template is a file that becomes one of the others when something fills it
	// in. It is listed, not judged.
	Template Kind = "template"
)

var byName = map[string]Kind{
	"go.mod": GoMod, "go.sum": GoSum, "go.work": GoWork, "go.work.sum": GoWorkSum,
	".go-version": GoVersion, ".tool-versions": ToolVersions, ".gitmodules": Gitmodules,
	".dockerignore": Dockerignore, ".containerignore": Dockerignore,
	"Makefile": Makefile, "makefile": Makefile, "GNUmakefile": Makefile,
	"action.yml": Action, "action.yaml": Action,
	".ko.yaml": Ko, ".ko.yml": Ko,
	"nfpm.yaml": NFPM, "nfpm.yml": NFPM, ".nfpm.yaml": NFPM, ".nfpm.yml": NFPM,
	"kustomization.yaml": Kustomization, "kustomization.yml": Kustomization, "Kustomization": Kustomization,
	"Chart.yaml": HelmChart,
}

var (
	dockerfileName = regexp.MustCompile(`(?s)^(?i:dockerfile|containerfile)([._-].+)?$|^.+\.(?i:dockerfile|containerfile)$`)
	composeName    = regexp.MustCompile(`(?s)^(.+[.-])?compose([._-].+)?\.ya?ml$|^docker-stack([._-].+)?\.ya?ml$`)
	goreleaserName = regexp.MustCompile(`(?s)^\.?goreleaser([._-].+)?\.ya?ml$`)
	bakeName       = regexp.MustCompile(`(?s)^docker-bake([._-].+)?\.(hcl|json)$`)
	envName        = regexp.MustCompile(`(?s)^(.+)?\.env(\.[^.]+)?$`)
	valuesName     = regexp.MustCompile(`(?s)^values([._-].+)?\.ya?ml$`)
	dropInDir      = regexp.MustCompile(`\.(service|socket|timer|slice|path|mount|target)\.d$`)
	// proseName keeps notes about Dockerfiles, and programs that write them, out.
	proseName = regexp.MustCompile(`\.(md|txt|rst|adoc|go|py|js|ts|json|ya?ml|html|xml|png|svg|sh|orig|bak|rej|lock|vim|nanorc|tmLanguage|tmPreferences|snippets)$`)
)

var (
	templateExts = []string{".tpl", ".tmpl", ".template", ".gotmpl", ".in", ".j2", ".jinja", ".jinja2", ".erb", ".mustache", ".ejs", ".hbs", ".dist", ".example", ".sample"}
	unitExts     = []string{".service", ".socket", ".timer", ".slice", ".path", ".mount", ".target"}
)

// isDockerfile and isEnvFile look for the word first: most names do not hold it,
// and there are very many names.
func isDockerfile(base string) bool {
	lower := strings.ToLower(base)
	return (strings.Contains(lower, "dockerfile") || strings.Contains(lower, "containerfile")) &&
		dockerfileName.MatchString(base) && !proseName.MatchString(base)
}

func isEnvFile(base string) bool {
	return strings.Contains(base, ".env") && envName.MatchString(base)
}

// nameKind tells the kind from the path alone. A Kind of "" with sniff true
// means that the contents decide (see contentKind).
func nameKind(p string) (kind Kind, sniff bool) {
	dir, base := path.Split(p)
	dir = strings.TrimSuffix(dir, "/")
	ext := path.Ext(base)
	if ext == ".go" {
		return GoSource, false
	}
	if k, ok := byName[base]; ok {
		return k, false
	}
	switch {
	case base == "modules.txt" && path.Base(dir) == "vendor":
		return VendorModules, false
	case strings.HasSuffix(base, ".dockerignore"):
		return Dockerignore, false
	case ext == ".mk":
		return Makefile, false
	case strings.HasPrefix(base, "docker-bake") && bakeName.MatchString(base):
		return Bake, false
	case strings.Contains(base, "goreleaser") && goreleaserName.MatchString(base):
		return GoReleaser, false
	case ext == ".conf" && dropInDir.MatchString(dir):
		return DropIn, false
	}
	if of, ok := strings.CutSuffix(base, ext); ok && of != "" && slices.Contains(templateExts, ext) {
		if inner, _ := nameKind(path.Join(dir, of)); inner != "" && inner != GoSource || slices.Contains(unitExts, path.Ext(of)) {
			return Template, false
		}
		return "", false
	}
	switch {
	case isDockerfile(base):
		return Dockerfile, false
	case isEnvFile(base):
		return EnvFile, false
	case ext == ".yml" || ext == ".yaml":
		return yamlKind(dir, base)
	case ext == ".sh" || ext == ".bash" || ext == "" || slices.Contains(unitExts, ext):
		return "", true
	}
	return "", false
}

func yamlKind(dir, base string) (kind Kind, sniff bool) {
	switch {
	case strings.HasSuffix(dir, ".github/workflows"):
		return Workflow, false
	case composeName.MatchString(base):
		return Compose, false
	}
	return "", true
}

// contentKind tells the kind of a file whose name leaves it open.
func contentKind(p string, data []byte) Kind {
	base := path.Base(p)
	switch ext := path.Ext(base); {
	case ext == ".yml" || ext == ".yaml":
		return yamlContentKind(data)
	case slices.Contains(unitExts, ext):
		if isUnit(data) {
			return Unit
		}
	case ext == ".sh" || ext == ".bash" || bytes.HasPrefix(data, []byte("#!")):
		if isGoScript(data, ext) {
			return Script
		}
	}
	return ""
}

var (
	topLevelAPI  = regexp.MustCompile(`(?m)^(- |  )?apiVersion:`)
	topLevelKind = regexp.MustCompile(`(?m)^(- |  )?kind:`)
	shebangShell = regexp.MustCompile(`^#!.*\b(sh|bash|dash|ash|ksh|zsh)\b`)
	goWord       = regexp.MustCompile(`\b(go|make|docker|podman|buildah|nerdctl|ko|goreleaser|xx-go|gox)\b|GO[A-Z]{2,}|CGO_`)
)

func yamlContentKind(data []byte) Kind {
	if !topLevelAPI.Match(data) || !topLevelKind.Match(data) {
		return ""
	}
	if (bytes.Contains(data, []byte("{{")) || bytes.Contains(data, []byte("{%"))) && templated(data) {
		return Template
	}
	return Kubernetes
}

// templated reports whether an action of a template stands where YAML has
// structure, outside quotes: at the start of a line or right after a key.
func templated(data []byte) bool {
	return templateAction.Match(data)
}

var templateAction = regexp.MustCompile(`(?m)^[ \t-]*\{[{%]|^[^"'#\n]*:[ \t]+\{[{%]`)

// isUnit tells systemd's units from the other files that end in .service:
// D-Bus activation files and Avahi's XML.
func isUnit(data []byte) bool {
	for line := range bytes.Lines(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))) {
		line = bytes.TrimSpace(line)
		switch {
		case len(line) == 0 || line[0] == '#' || line[0] == ';':
			continue
		case line[0] == '[':
			return !bytes.HasPrefix(line, []byte("[D-BUS"))
		}
		return line[0] != '<' && bytes.IndexByte(line, '=') > 0
	}
	return false
}

func isGoScript(data []byte, ext string) bool {
	return (ext != "" || shebangShell.Match(data)) && goWord.Match(data)
}

// skipped lists the folders whose files are examples or foreign: they exist,
// but are not judged.
func skippedName(name string) bool {
	switch name {
	case "testdata", "test-data", "test_data", "testfiles", "test-files", "test_files",
		"testfixtures", "test-fixtures", "test_fixtures", "fixtures", "node_modules":
		return true
	}
	return strings.HasPrefix(name, "_") || strings.Contains(name, ".snap.")
}

// opaqueName lists the folders that are not even listed: what lies in them is
// unknown.
func opaqueName(name string) bool {
	return slices.Contains([]string{".git", "node_modules", ".hg", ".svn"}, name)
}
