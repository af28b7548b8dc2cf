package module_test

import (
	"regexp"
	"slices"
	"strings"
)

// mutation is one way to break, or to touch, a repository. An edit that changes
// nothing does not apply.
type mutation struct {
	name  string
	bases string // those that are always tried
	edit  func(tree)
}

func (m mutation) on(base string) bool { return slices.Contains(strings.Fields(m.bases), base) }

// The edits.

func replaceText(file, old, text string) func(tree) {
	return func(t tree) {
		if s, ok := t[file]; ok {
			t[file] = strings.Replace(s, old, text, 1)
		}
	}
}

func replaceLine(file, pattern, text string) func(tree) {
	re := regexp.MustCompile("(?m)" + pattern)
	return func(t tree) {
		if s, ok := t[file]; ok {
			done := false
			t[file] = re.ReplaceAllStringFunc(s, func(old string) string {
				if done {
					return old
				}
				done = true
				return re.ReplaceAllString(old, text)
			})
		}
	}
}

func appendText(file, text string) func(tree) {
	return func(t tree) {
		if s, ok := t[file]; ok {
			t[file] = s + text
		}
	}
}

func prepend(file, text string) func(tree) {
	return func(t tree) {
		if s, ok := t[file]; ok {
			t[file] = text + s
		}
	}
}

func rewrite(file string, f func(string) string) func(tree) {
	return func(t tree) {
		if s, ok := t[file]; ok {
			t[file] = f(s)
		}
	}
}

func add(pairs ...string) func(tree) {
	return func(t tree) {
		for i := 0; i < len(pairs); i += 2 {
			t[pairs[i]] = pairs[i+1]
		}
	}
}

func remove(prefix string) func(tree) {
	return func(t tree) {
		for name := range t {
			if name == prefix || strings.HasPrefix(name, prefix+"/") {
				delete(t, name)
			}
		}
	}
}

func both(edits ...func(tree)) func(tree) {
	return func(t tree) {
		for _, e := range edits {
			e(t)
		}
	}
}

func mod(text string) func(tree)           { return appendText("go.mod", "\n"+text+"\n") }
func goLine(text string) func(tree)        { return replaceLine("go.mod", `^go .*$`, text) }
func require(old, text string) func(tree)  { return replaceText("go.mod", "corp.example/"+old, text) }
func sum(f func(string) string) func(tree) { return rewrite("go.sum", f) }
func imports(file, head, importPath string) func(tree) {
	return add(file, head+"package "+nameOf(file)+"\n\nimport _ \""+importPath+"\"\n")
}

// nameOf is the package name that the files of a folder of the bases have.
func nameOf(file string) string {
	if i := strings.LastIndex(file, "/"); i >= 0 {
		dir := file[:i]
		return strings.Trim(dir[strings.LastIndex(dir, "/")+1:], "_.")
	}
	return "app"
}

// sumMutations drop each line of go.sum, and both lines of each module.
func sumMutations(b base) []mutation {
	var all []mutation
	seen := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(b.files["go.sum"]), "\n") {
		words := strings.Fields(line)
		if len(words) != 3 {
			continue
		}
		key := words[0] + "@" + words[1]
		always := "pruned unpruned fork local tool testdep"
		all = append(all, mutation{"sum-without-" + key, always, sum(func(s string) string { return strings.Replace(s, line+"\n", "", 1) })})
		if m := words[0] + " " + strings.TrimSuffix(words[1], "/go.mod"); !seen[m] {
			seen[m] = true
			all = append(all, mutation{"sum-without-all-of-" + words[0], always, sum(func(s string) string {
				return regexp.MustCompile("(?m)^"+regexp.QuoteMeta(m)+`[ /].*\n`).ReplaceAllString(s, "")
			})})
		}
	}
	return all
}

const (
	hashA = "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	hashB = "h1:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA="
)

var mutations = slices.Concat(
	[]mutation{{"none", "pruned unpruned vendored oldvendor fork local tool testdep alone program work workvendor", func(tree) {}}},
	goLineMutations, moduleLineMutations, requireMutations, replaceMutations, otherLineMutations, goSumMutations, sourceMutations, vendorMutations, workMutations,
)

var goLineMutations = []mutation{
	{"go-letter-patch", "pruned", goLine("go 1.21.x")},
	{"go-leading-v", "alone", goLine("go v1.21")},
	{"go-leading-go", "alone", goLine("go go1.21")},
	{"go-major-only", "alone", goLine("go 1")},
	{"go-leading-zero", "alone", goLine("go 1.021")},
	{"go-double-zero", "alone", goLine("go 1.21.00")},
	{"go-quoted", "alone", goLine(`go "1.21"`)},
	{"go-two-words", "alone", goLine("go 1.21 1.22")},
	{"go-no-word", "alone", goLine("go")},
	{"go-candidate", "pruned", goLine("go 1.21rc1")},
	{"go-beta", "alone", goLine("go 1.22beta1")},
	{"go-patch", "pruned vendored", goLine("go 1.22.3")},
	{"go-candidate-of-patch", "pruned vendored", goLine("go 1.22.1rc1")},
	{"go-missing", "pruned unpruned vendored oldvendor alone", replaceLine("go.mod", `^go .*\n`, "")},
	{"go-1.13", "vendored oldvendor unpruned", goLine("go 1.13")},
	{"go-1.14", "oldvendor unpruned", goLine("go 1.14")},
	{"go-1.16", "pruned vendored", goLine("go 1.16")},
	{"go-1.17", "unpruned oldvendor", goLine("go 1.17")},
	{"go-1.19", "pruned", goLine("go 1.19")},
	{"go-1.24", "pruned", goLine("go 1.24")},
	{"go-1.99", "pruned", goLine("go 1.99")},
	{"go-twice", "alone", mod("go 1.21")},
	{"toolchain-default", "pruned vendored unpruned program", mod("toolchain default")},
	{"toolchain-equal", "pruned vendored program", both(goLine("go 1.22.0"), mod("toolchain go1.22.0"))},
	{"toolchain-equal-language", "pruned", both(goLine("go 1.22"), mod("toolchain go1.22"))},
	{"toolchain-of-language", "pruned", both(goLine("go 1.22"), mod("toolchain go1.22.0"))},
	{"toolchain-1.20", "pruned vendored", mod("toolchain go1.20.14")},
	{"toolchain-go1", "pruned", mod("toolchain go1")},
	{"toolchain-below-go-line", "pruned", mod("toolchain go1.21.0")},
	{"toolchain-newer", "pruned", mod("toolchain go1.99.0")},
	{"toolchain-suffix", "pruned", mod("toolchain go1.22.9-custom")},
	{"toolchain-old-suffix", "pruned", mod("toolchain go1.20.9-custom")},
	{"toolchain-equal-suffix", "pruned", both(goLine("go 1.22.0"), mod("toolchain go1.22.0-custom"))},
	{"toolchain-no-go", "alone", mod("toolchain 1.22.0")},
	{"toolchain-local", "alone", mod("toolchain local")},
	{"toolchain-twice", "alone", mod("toolchain go1.22.3\ntoolchain go1.22.3")},
	{"toolchain-no-word", "alone", mod("toolchain")},
}

var moduleLineMutations = []mutation{
	{"module-url", "alone", replaceLine("go.mod", "^module .*", "module https://corp.example/app")},
	{"module-slash", "alone", replaceLine("go.mod", "^module .*", "module corp.example/app/")},
	{"module-at", "alone", replaceLine("go.mod", "^module .*", "module corp.example/app@v1")},
	{"module-dots", "alone", replaceLine("go.mod", "^module .*", "module corp.example/../app")},
	{"module-blank", "alone", replaceLine("go.mod", "^module .*", "module corp.example/app two")},
	{"module-empty", "alone", replaceLine("go.mod", "^module .*", `module ""`)},
	{"module-missing", "alone pruned", replaceLine("go.mod", "^module .*\n", "")},
	{"module-twice", "alone", mod("module corp.example/app")},
	{"module-go", "alone", replaceLine("go.mod", "^module .*", "module go")},
	{"module-toolchain", "alone", replaceLine("go.mod", "^module .*", "module toolchain")},
	{"module-no-dot", "pruned", replaceLine("go.mod", "^module .*", "module app")},
	{"module-upper-case", "pruned", replaceLine("go.mod", "^module .*", "module Corp.Example/App")},
	{"module-v1", "pruned", replaceLine("go.mod", "^module .*", "module corp.example/app/v1")},
	{"module-v2", "pruned", replaceLine("go.mod", "^module .*", "module corp.example/app/v2")},
	{"module-std", "alone", replaceLine("go.mod", "^module .*", "module fmt")},
	{"module-quoted", "pruned", replaceLine("go.mod", "^module .*", `module "corp.example/app"`)},
	{"module-above-requirement", "pruned", replaceLine("go.mod", "^module .*", "module corp.example")},
	{"module-deprecated", "pruned", prepend("go.mod", "// Deprecated: gone\n")},
	{"mod-word", "alone pruned", mod("requires corp.example/a v1.0.0")},
	{"mod-merge-markers", "pruned", replaceText("go.mod", "go 1.22", "<<<<<<< HEAD\ngo 1.22\n=======\ngo 1.23\n>>>>>>> other")},
	{"mod-mark", "alone pruned", prepend("go.mod", "\ufeff")},
	{"mod-crlf", "pruned", rewrite("go.mod", func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") })},
	{"mod-empty", "alone pruned", add("go.mod", "")},
	{"mod-open-block", "alone", mod("require (")},
	{"mod-closed-block", "alone", mod(")")},
	{"mod-block-comment", "alone", mod("/* x */")},
	{"mod-comment-only", "alone", add("go.mod", "// nothing\n")},
}

var requireMutations = []mutation{
	{"require-v1", "pruned", require("a v1.0.0", "corp.example/a v1")},
	{"require-v1.0", "pruned vendored", require("a v1.0.0", "corp.example/a v1.0")},
	{"require-latest", "pruned", require("a v1.0.0", "corp.example/a latest")},
	{"require-branch", "pruned unpruned", require("a v1.0.0", "corp.example/a main")},
	{"require-meta", "pruned", require("a v1.0.0", "corp.example/a v1.0.0+meta")},
	{"require-no-version", "pruned", require("a v1.0.0", "corp.example/a")},
	{"require-zeros", "pruned", require("a v1.0.0", "corp.example/a v1.00.0")},
	{"require-no-v", "pruned", require("a v1.0.0", "corp.example/a 1.0.0")},
	{"require-three-words", "pruned", require("a v1.0.0", "corp.example/a v1.0.0 v1.1.0")},
	{"require-v2", "pruned", require("a v1.0.0", "corp.example/a v2.0.0")},
	{"require-v2-path", "pruned", require("a v1.0.0", "corp.example/a/v2 v1.0.0")},
	{"require-v1-path", "pruned", require("a v1.0.0", "corp.example/a/v1 v1.0.0")},
	{"require-gopkg", "pruned", mod("require gopkg.in/yaml v2.4.0")},
	{"require-twice", "pruned unpruned", mod("require corp.example/a v1.0.0")},
	{"require-twice-older", "pruned unpruned vendored work", mod("require corp.example/a v0.9.0")},
	{"require-twice-newer", "pruned fork", mod("require corp.example/a v1.1.0")},
	{"require-twice-in-member", "work", appendText("m1/go.mod", "\nrequire corp.example/a v0.9.0\n")},
	{"require-self", "pruned unpruned", mod("require corp.example/app v1.0.0")},
	{"require-none-direct", "pruned unpruned testdep fork", replaceLine("go.mod", `^.*corp.example/[ad] v1.*\n`, "")},
	{"require-none-deep", "pruned", replaceLine("go.mod", `^.*corp.example/b/deep v1.*\n`, "")},
	{"require-none-indirect", "pruned unpruned fork", replaceLine("go.mod", `^.*corp.example/[be] v1.*// indirect\n`, "")},
	{"require-none-tool", "tool", replaceLine("go.mod", `^.*corp.example/t v1.*\n`, "")},
	{"require-newer", "pruned unpruned fork vendored", require("a v1.0.0", "corp.example/a v1.1.0")},
	{"require-gone", "pruned unpruned local", require("a v1.0.0", "corp.example/a v1.9.0")},
	{"require-unused", "pruned unpruned vendored", mod("require corp.example/d v1.0.0")},
	{"require-unknown", "pruned", mod("require corp.example/nowhere v1.0.0")},
	{"require-unknown-above", "pruned", mod("require corp.example v1.0.0")},
	{"require-indirect-wrong", "pruned vendored", require("a v1.0.0", "corp.example/a v1.0.0 // indirect")},
	{"require-indirect-missing", "pruned", replaceText("go.mod", " // indirect", "")},
	{"require-quoted", "pruned", require("a v1.0.0", `"corp.example/a" v1.0.0`)},
	{"require-incompatible", "pruned", mod("require corp.example/inc v2.0.0+incompatible")},
	{"require-pseudo", "pruned", require("a v1.0.0", "corp.example/a v1.0.1-0.20240102030405-abcdefabcdef")},
	{"require-bad-pseudo", "pruned", mod("require corp.example/d v0.0.0-2024")},
	{"require-upper-case", "pruned", require("a v1.0.0", "corp.example/A v1.0.0")},
}

var replaceMutations = []mutation{
	{"replace-gone", "pruned unpruned vendored", mod("replace corp.example/a => ./gone")},
	{"replace-no-mod", "pruned", both(mod("replace corp.example/a => ./dir"), add("dir/a.go", "package a\n"))},
	{"replace-file", "pruned", both(mod("replace corp.example/a => ./file"), add("file", "x\n"))},
	{"replace-outside", "pruned unpruned", mod("replace corp.example/a => ../outside")},
	{"replace-absolute", "pruned", mod("replace corp.example/a => /nonexistent/a")},
	{"replace-backslash", "pruned", mod(`replace corp.example/a => ..\a`)},
	{"replace-drive", "pruned", mod("replace corp.example/a => C:/a")},
	{"replace-drive-backslash", "pruned", mod(`replace corp.example/a => C:\a`)},
	{"replace-unused-gone", "pruned", both(mod("require corp.example/d v1.0.0\n\nreplace corp.example/d => ./gone"))},
	{"replace-unused-gone-unpruned", "unpruned", both(mod("require corp.example/d v1.0.0\n\nreplace corp.example/d => ./gone"))},
	{"replace-excluded-gone", "pruned", both(mod("require corp.example/d v1.0.0\n\nexclude corp.example/d v1.0.0\n\nreplace corp.example/d => ./gone"))},
	{"replace-at", "alone", mod("replace corp.example/a => corp.example/fork@v1.0.5")},
	{"replace-no-version", "alone", mod("replace corp.example/a => corp.example/fork")},
	{"replace-folder-version", "alone", mod("replace corp.example/a => ./a v1.0.0")},
	{"replace-no-arrow", "alone", mod("replace corp.example/a ./a")},
	{"replace-conflict", "pruned vendored alone", mod("replace corp.example/a => ./third\nreplace corp.example/a => ./fourth")},
	{"replace-conflict-versions", "pruned", mod("replace corp.example/a v1.0.0 => ./third\nreplace corp.example/a v1.0.0 => ./fourth")},
	{"replace-conflict-spelling", "local", mod("replace corp.example/a => ./third/../third/a")},
	{"replace-twice", "local fork", rewrite("go.mod", func(s string) string {
		i := strings.LastIndex(s, "replace ")
		return s + "\n" + s[max(i, 0):]
	})},
	{"replace-one-and-all", "local", mod("replace corp.example/a v1.0.0 => ./third/a\nreplace corp.example/a v1.5.0 => ./gone")},
	{"replace-one-gone", "local", mod("replace corp.example/a v1.0.0 => ./gone")},
	{"replace-dead-gone", "pruned", mod("replace corp.example/z => ./gone")},
	{"replace-dead-absolute", "pruned unpruned", mod("replace corp.example/z => /nonexistent/z")},
	{"replace-dead-version", "pruned", mod("replace corp.example/a v0.9.0 => ./gone")},
	{"replace-transitive-gone", "unpruned", mod("replace corp.example/b => ./gone")},
	{"replace-fork-no-sum", "pruned unpruned vendored", mod("replace corp.example/a => corp.example/fork v1.0.5")},
	{"replace-fork-branch", "pruned", mod("replace corp.example/a => corp.example/fork main")},
	{"replace-fork-short", "pruned", mod("replace corp.example/a => corp.example/fork v1")},
	{"replace-old-short", "pruned", mod("replace corp.example/a v1 => corp.example/fork v1.0.5")},
	{"replace-fork-v2", "pruned", mod("replace corp.example/a => corp.example/fork v2.0.0")},
	{"replace-same", "pruned", mod("replace corp.example/a => corp.example/a v1.0.0")},
	{"replace-main", "pruned alone", mod("replace corp.example/app => ./gone")},
	{"replace-by-main", "pruned", mod("replace corp.example/a => .")},
	{"replace-other-path", "local", replaceText("third/a/go.mod", "corp.example/a", "corp.example/other")},
	{"replace-target-requires", "local", appendText("third/a/go.mod", "\nrequire corp.example/d v1.0.0\n")},
	{"replace-target-imports", "local", appendText("third/a/a.go", "\nimport _ \"corp.example/d\"\n")},
	{"replace-target-newer", "local", replaceText("third/a/go.mod", "go 1.20", "go 1.23")},
	{"replace-target-broken", "local", appendText("third/a/go.mod", "\nharbour x\n")},
	{"replace-target-no-package", "local", remove("third/a/a.go")},
	{"replace-target-removed", "local", remove("third")},
	{"replace-target-no-mod", "local", remove("third/a/go.mod")},
	{"replace-target-nested", "local", replaceText("go.mod", "./third/a", "./third")},
	{"replace-quoted", "local", replaceText("go.mod", "./third/a", `"./third/a"`)},
	{"replace-trailing-slash", "local", replaceText("go.mod", "./third/a", "./third/a/")},
}

var otherLineMutations = []mutation{
	{"exclude-required", "pruned unpruned vendored", mod("exclude corp.example/a v1.0.0")},
	{"exclude-required-unused", "pruned unpruned vendored", mod("require corp.example/d v1.0.0\n\nexclude corp.example/d v1.0.0")},
	{"exclude-required-indirect", "pruned", mod("exclude corp.example/e v1.0.0")},
	{"exclude-required-in-member", "work", appendText("m1/go.mod", "\nexclude corp.example/a v1.0.0\n")},
	{"exclude-other", "pruned vendored", mod("exclude corp.example/a v1.1.0")},
	{"exclude-range", "alone", mod("exclude corp.example/a [v1.0.0, v1.1.0]")},
	{"exclude-short", "pruned", mod("exclude corp.example/a v1.1")},
	{"exclude-gone", "pruned", mod("exclude corp.example/nowhere v1.0.0")},
	{"retract", "pruned", mod("retract [v1.0.0, v1.1.0]")},
	{"retract-no-comma", "alone", mod("retract [v1.0.0 v1.1.0]")},
	{"retract-reversed", "alone", mod("retract [v1.1.0, v1.0.0]")},
	{"retract-short", "alone", mod("retract v1.0")},
	{"retract-other-major", "alone", mod("retract v2.0.0")},
	{"godebug-unknown", "pruned vendored program", mod("godebug harbour=1")},
	{"godebug-runtime", "pruned program", mod("godebug asyncpreemptoff=1")},
	{"godebug-typo", "alone", mod("godebug panicnill=1")},
	{"godebug-known", "pruned program", mod("godebug panicnil=1")},
	{"godebug-netdns", "program", mod("godebug netdns=go")},
	{"godebug-default", "program", mod("godebug default=go1.21")},
	{"godebug-default-number", "program", mod("godebug default=1.21")},
	{"godebug-default-newer", "program", mod("godebug default=go1.99")},
	{"godebug-two-words", "alone", mod("godebug panicnil=1 x=2")},
	{"godebug-no-value", "alone", mod("godebug panicnil")},
	{"godebug-comma", "alone", mod("godebug panicnil=1,x=2")},
	{"godebug-removed", "program", both(goLine("go 1.24"), mod("godebug x509sha1=1"))},
	{"godebug-new", "program", mod("godebug containermaxprocs=0")},
	{"debug-comment-unknown", "program", prepend("main.go", "//go:debug harbour=1\n")},
	{"debug-comment-runtime", "program", prepend("main.go", "//go:debug gctrace=1\n")},
	{"debug-comment-known", "program", prepend("main.go", "//go:debug panicnil=1\n")},
	{"debug-comment-default", "program", prepend("main.go", "//go:debug default=1.21\n")},
	{"debug-comment-in-library", "alone", prepend("app.go", "//go:debug gctrace=1\n")},
	{"debug-comment-other-system", "program", add("main_windows.go", "//go:debug gctrace=1\npackage main\n")},
	{"tool-folder", "tool alone", mod("tool ./cmd/x")},
	{"tool-version", "tool alone", mod("tool corp.example/t@v1.0.0")},
	{"tool-not-required", "tool pruned", mod("tool corp.example/nowhere/cmd/x")},
	{"tool-own", "tool", both(mod("tool corp.example/app/cmd/x"), add("cmd/x/x.go", "package main\n\nfunc main() {}\n"))},
	{"tool-two-words", "alone", mod("tool a b")},
	{"tool-in-member", "work", appendText("m1/go.mod", "\ntool ./x\n")},
	{"tool-vendored", "vendored", mod("tool ./x")},
	{"ignore-folder", "pruned", both(mod("ignore ./left"), imports("left/l.go", "", "corp.example/nowhere"))},
	{"ignore-name", "pruned", both(mod("ignore left"), imports("x/left/l.go", "", "corp.example/nowhere"))},
	{"ignore-other", "pruned", both(mod("ignore ./left"), imports("x/left/l.go", "", "corp.example/nowhere"))},
	{"ignore-two-words", "alone", mod("ignore a b")},
}

var goSumMutations = []mutation{
	{"sum-missing", "pruned unpruned vendored fork local tool testdep alone work", remove("go.sum")},
	{"sum-ignored", "pruned", both(remove("go.sum"), add(".gitignore", "go.sum\n"))},
	{"sum-empty", "pruned unpruned testdep", add("go.sum", "")},
	{"sum-comment", "pruned vendored alone", prepend("go.sum", "# made by hand, carefully\n")},
	{"sum-comment-of-three-words", "pruned", prepend("go.sum", "# three words\n")},
	{"sum-merge-markers", "pruned vendored", sum(func(s string) string { return "<<<<<<< HEAD\n" + s + "=======\n" + s + ">>>>>>> other\n" })},
	{"sum-two-words", "pruned", appendText("go.sum", "corp.example/z v1.0.0\n")},
	{"sum-four-words", "pruned", appendText("go.sum", "corp.example/z v1.0.0 "+hashA+" x\n")},
	{"sum-crlf", "pruned", sum(func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") })},
	{"sum-mark", "pruned unpruned fork", prepend("go.sum", "\ufeff")},
	{"sum-no-newline", "pruned", sum(func(s string) string { return strings.TrimSpace(s) })},
	{"sum-reversed", "pruned", sum(func(s string) string {
		lines := strings.Split(strings.TrimSpace(s), "\n")
		slices.Reverse(lines)
		return strings.Join(lines, "\n") + "\n"
	})},
	{"sum-twice", "pruned", sum(func(s string) string { return s + s })},
	{"sum-blank-lines", "pruned", sum(func(s string) string { return strings.ReplaceAll(s, "\n", "\n\n") })},
	{"sum-indented", "pruned", sum(func(s string) string { return "\t" + strings.ReplaceAll(s, "\n", "\n  ") })},
	{"sum-tabs", "pruned", sum(func(s string) string { return strings.ReplaceAll(s, " ", "\t") })},
	{"sum-other-algorithm", "pruned", sum(func(s string) string { return strings.Replace(s, "h1:", "h2:", 1) })},
	{"sum-further-algorithm", "pruned", sum(func(s string) string { return strings.ReplaceAll(s, "h1:", "h2:") + s })},
	{"sum-conflict-before", "pruned", prepend("go.sum", "corp.example/a v1.0.0 "+hashA+"\n")},
	{"sum-conflict-after", "pruned", appendText("go.sum", "corp.example/a v1.0.0 "+hashA+"\n")},
	{"sum-wrong", "pruned vendored", replaceLine("go.sum", `^(corp.example/a v1.0.0) .*`, "$1 "+hashB)},
	{"sum-wrong-mod", "unpruned", replaceLine("go.sum", `^(corp.example/a v1.0.0/go.mod) .*`, "$1 "+hashB)},
	{"sum-short-hash", "pruned", replaceLine("go.sum", `=$`, "")},
	{"sum-upper-case", "pruned", replaceText("go.sum", "corp.example/a ", "Corp.example/a ")},
	{"sum-nonsense", "pruned", appendText("go.sum", "not-a-path not-a-version not-a-hash\n")},
	{"sum-binary", "pruned", add("go.sum", "\x00\x01\x02\xff\xfe h1:\n\x00\n")},
	{"sum-stale", "pruned", appendText("go.sum", "corp.example/z v1.0.0 "+hashA+"\n")},
	{"sum-empty-mod", "unpruned", replaceLine("go.sum", `^(corp.example/a v1.0.0/go.mod) .*`, "$1 h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=")},
}

var sourceMutations = []mutation{
	{"import-nowhere", "pruned unpruned vendored alone", imports("x/x.go", "", "corp.example/nowhere/pkg")},
	{"import-nowhere-in-test", "pruned vendored alone", imports("app_test.go", "", "corp.example/nowhere/pkg")},
	{"import-implicit", "pruned unpruned", both(replaceLine("go.mod", `^.*corp.example/e v1.*\n`, ""), imports("x/x.go", "", "corp.example/e"))},
	{"import-indirect", "pruned unpruned", imports("x/x.go", "", "corp.example/b")},
	{"import-new-package", "pruned unpruned vendored", imports("x/x.go", "", "corp.example/a/sub")},
	{"import-missing-package", "pruned", imports("x/x.go", "", "corp.example/a/gone")},
	{"import-unhashed", "pruned", imports("x/x.go", "", "corp.example/b/x")},
	{"import-ignored-file", "pruned vendored", imports("x.go", "//go:build ignore\n\n", "corp.example/nowhere")},
	{"import-tools-file", "pruned vendored", imports("tools.go", "//go:build tools\n\n", "corp.example/nowhere")},
	{"import-windows-file", "pruned vendored", imports("x_windows.go", "", "corp.example/nowhere")},
	{"import-windows-tag", "pruned", imports("x.go", "//go:build !linux\n\n", "corp.example/nowhere")},
	{"import-linux-file", "pruned vendored", imports("x_linux.go", "", "corp.example/nowhere")},
	{"import-cgo-file", "pruned", add("x.go", "package app\n\nimport \"C\"\nimport _ \"corp.example/nowhere\"\n")},
	{"import-old-release", "pruned", imports("x.go", "//go:build !go1.20\n\n", "corp.example/nowhere")},
	{"import-future-release", "pruned", imports("x.go", "//go:build go1.99\n\n", "corp.example/nowhere")},
	{"import-present-release", "pruned", imports("x.go", "//go:build go1.20\n\n", "corp.example/nowhere")},
	{"import-plus-build", "unpruned", imports("x.go", "// +build ignore\n\n", "corp.example/nowhere")},
	{"import-testdata", "pruned", imports("testdata/t.go", "", "corp.example/nowhere")},
	{"import-underscore", "pruned", imports("_left/l.go", "", "corp.example/nowhere")},
	{"import-dot", "pruned", imports(".left/l.go", "", "corp.example/nowhere")},
	{"import-underscore-file", "pruned", imports("_x.go", "", "corp.example/nowhere")},
	{"import-nested-module", "pruned", both(add("nested/go.mod", "module corp.example/nested\n\ngo 1.22\n\nrequire corp.example/d v1.0.0\n"), imports("nested/n.go", "", "corp.example/d"))},
	{"import-nested-fixture", "pruned", both(add("fixtures/n/go.mod", "module corp.example/n\n"), imports("fixtures/n/n.go", "", "corp.example/d"))},
	{"import-own-missing", "pruned vendored", imports("x/x.go", "", "corp.example/app/generated")},
	{"import-own-nested", "pruned", both(add("nested/go.mod", "module corp.example/app/nested\n\ngo 1.22\n", "nested/n.go", "package nested\n"), imports("x/x.go", "", "corp.example/app/nested"))},
	{"import-std-missing", "pruned", imports("x/x.go", "", "crypto/harbour")},
	{"import-std-internal", "pruned", imports("x/x.go", "", "internal/abi")},
	{"import-relative", "pruned", imports("x/x.go", "", "./y")},
	{"import-malformed", "pruned", imports("x/x.go", "", "corp.example/a@v1.0.0")},
	{"import-above", "pruned", imports("x/x.go", "", "corp.example")},
	{"import-prefix-of-word", "pruned", imports("x/x.go", "", "corp.example/aa")},
	{"import-broken-file", "pruned", add("x/x.go", "package x\n\nimport (\n")},
	{"import-two-packages", "pruned", add("x.go", "package other\n")},
	{"import-documentation", "pruned", add("x.go", "package documentation\n\nimport _ \"corp.example/nowhere\"\n")},
	{"import-commented", "pruned", add("x.go", "package app\n\n/*\nimport \"corp.example/nowhere\"\n*/\n")},
	{"import-test-only-folder", "pruned", imports("x/x_test.go", "", "corp.example/nowhere")},
	{"import-external-test", "pruned", add("app_test.go", "package app_test\n\nimport _ \"corp.example/nowhere\"\n")},
	{"import-longer-path", "pruned", both(mod("require corp.example/b/x v1.0.0"), imports("x/x.go", "", "corp.example/b/x"))},
	{"import-vendored-deep", "vendored", imports("x/x.go", "", "corp.example/b")},
	{"import-removed", "pruned vendored", add("inner/inner.go", "package inner\n")},
	{"source-none", "pruned", both(remove("app.go"), remove("inner"))},
	{"source-none-unpruned", "unpruned", both(remove("app.go"), remove("inner"), remove("go.sum"))},
	{"source-std-only", "unpruned", both(add("app.go", "package app\n\nimport _ \"fmt\"\n"), remove("inner"), remove("go.sum"))},
}

var vendorMutations = []mutation{
	{"vendor-bump", "vendored oldvendor", require("c v1.0.0", "corp.example/c v1.1.0")},
	{"vendor-no-list", "vendored oldvendor", remove("vendor/modules.txt")},
	{"vendor-empty-list", "vendored", add("vendor/modules.txt", "")},
	{"vendor-not-explicit", "vendored oldvendor", replaceText("vendor/modules.txt", "## explicit", "## implicit")},
	{"vendor-version", "vendored oldvendor", replaceText("vendor/modules.txt", "# corp.example/c v1.0.0", "# corp.example/c v1.0.1")},
	{"vendor-module-gone", "vendored", replaceLine("vendor/modules.txt", `^# corp.example/c v1.0.0\n`, "")},
	{"vendor-more", "vendored", appendText("vendor/modules.txt", "# corp.example/z v1.0.0\n## explicit\ncorp.example/z\n")},
	{"vendor-more-no-package", "vendored", appendText("vendor/modules.txt", "# corp.example/z v1.0.0\n## explicit\n")},
	{"vendor-more-implicit", "vendored oldvendor", appendText("vendor/modules.txt", "# corp.example/z v1.0.0\ncorp.example/z\n")},
	{"vendor-twice", "vendored", appendText("vendor/modules.txt", "# corp.example/a v1.0.0\ncorp.example/a\n")},
	{"vendor-other-version-too", "vendored", appendText("vendor/modules.txt", "# corp.example/a v1.1.0\ncorp.example/a/z\n")},
	{"vendor-crlf", "vendored", rewrite("vendor/modules.txt", func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") })},
	{"vendor-mark", "vendored", prepend("vendor/modules.txt", "\ufeff")},
	{"vendor-garbage", "vendored", prepend("vendor/modules.txt", "garbage\n# x\n#\n## y\n")},
	{"vendor-merge-markers", "vendored", rewrite("vendor/modules.txt", func(s string) string { return "<<<<<<< HEAD\n" + s + "=======\n" + s + ">>>>>>> x\n" })},
	{"vendor-unlisted-package", "vendored oldvendor", replaceLine("vendor/modules.txt", `^corp.example/a\n`, "")},
	{"vendor-package-gone", "vendored oldvendor", remove("vendor/corp.example/a")},
	{"vendor-deep-gone", "vendored oldvendor", remove("vendor/corp.example/b/deep")},
	{"vendor-indirect-gone", "vendored", remove("vendor/corp.example/e")},
	{"vendor-only-test-file", "vendored", func(t tree) {
		if _, ok := t["vendor/corp.example/a/a.go"]; ok {
			delete(t, "vendor/corp.example/a/a.go")
			t["vendor/corp.example/a/a_test.go"] = "package a\n"
		}
	}},
	{"vendor-edited", "vendored", appendText("vendor/corp.example/c/c.go", "\nvar Edited = 1\n")},
	{"vendor-replaced", "vendored oldvendor", mod("replace corp.example/b => ./third/b")},
	{"vendor-replaced-unused", "vendored", mod("replace corp.example/z => ./third/z")},
	{"vendor-replaced-recorded", "vendored", both(mod("replace corp.example/z => ./third/z"), appendText("vendor/modules.txt", "# corp.example/z => ./third/z\n"))},
	{"vendor-replaced-other", "oldvendor", replaceText("go.mod", "corp.example/fork v1.0.5", "corp.example/fork v1.0.6")},
	{"vendor-replaced-spelling", "vendored", both(mod("replace corp.example/z => ./third/z"), appendText("vendor/modules.txt", "# corp.example/z => third/z\n"))},
	{"vendor-replaced-only-there", "vendored", appendText("vendor/modules.txt", "# corp.example/z => ./third/z\n")},
	{"vendor-replaced-main", "vendored", mod("replace corp.example/app => ./gone")},
	{"vendor-replaced-main-version", "vendored", mod("replace corp.example/app v1.0.0 => ./gone")},
	{"vendor-not-replaced", "oldvendor", replaceLine("go.mod", `^replace .*\n`, "")},
	{"vendor-for-workspace", "vendored", prepend("vendor/modules.txt", "## workspace\n")},
	{"vendor-workspace-too-late", "vendored", appendText("vendor/modules.txt", "## workspace\n")},
	{"vendor-list-only", "pruned", add("vendor/modules.txt", "")},
	{"vendor-foreign", "pruned unpruned", add("vendor/README", "x\n")},
	{"vendor-foreign-alone", "alone", add("vendor/README", "x\n")},
	{"vendor-file", "pruned", both(remove("vendor"), add("vendor", "x\n"))},
	{"vendor-gone", "vendored oldvendor", remove("vendor")},
	{"vendor-no-sum", "vendored oldvendor", remove("go.sum")},
	{"vendor-line-too-new", "vendored", replaceText("vendor/modules.txt", "## explicit; go 1.20", "## explicit; go 1.99")},
	{"vendor-below-required", "vendored", replaceLine("go.mod", `^.*corp.example/e v1.*\n`, "")},
	{"vendor-new-folder", "vendored", both(add("vendor/corp.example/n/n.go", "package n\n"), imports("x/x.go", "", "corp.example/n"))},
	{"vendor-new-folder-1.22", "vendored", both(goLine("go 1.22"), add("vendor/corp.example/n/n.go", "package n\n"), imports("x/x.go", "", "corp.example/n"))},
}

var workMutations = []mutation{
	{"work-use-gone", "work workvendor", appendText("go.work", "\nuse ./gone\n")},
	{"work-use-no-mod", "work", both(appendText("go.work", "\nuse ./dir\n"), add("dir/d.go", "package d\n"))},
	{"work-use-file", "work", both(appendText("go.work", "\nuse ./file\n"), add("file", "x\n"))},
	{"work-use-twice", "work", appendText("go.work", "\nuse ./m1\n")},
	{"work-use-twice-spelling", "work", appendText("go.work", "\nuse m2/../m1\n")},
	{"work-use-above", "work", appendText("go.work", "\nuse ../above\n")},
	{"work-use-absolute", "work", appendText("go.work", "\nuse /nonexistent\n")},
	{"work-use-self", "work", appendText("go.work", "\nuse .\n")},
	{"work-use-itself", "work", appendText("go.work", "\nuse ./go.work\n")},
	{"work-same-module", "work", both(appendText("go.work", "\nuse ./m3\n"), add("m3/go.mod", "module corp.example/m1\n\ngo 1.22\n"))},
	{"work-no-use", "work", add("go.work", "go 1.22\n")},
	{"work-empty", "work", add("go.work", "")},
	{"work-require", "work", appendText("go.work", "\nrequire corp.example/a v1.0.0\n")},
	{"work-exclude", "work", appendText("go.work", "\nexclude corp.example/a v1.0.0\n")},
	{"work-word", "work", appendText("go.work", "\nharbour x\n")},
	{"work-mark", "work", prepend("go.work", "\ufeff")},
	{"work-go-letter", "work", replaceLine("go.work", "^go .*", "go 1.x")},
	{"work-go-below-member", "work workvendor", both(replaceLine("go.work", "^go .*", "go 1.22"), replaceText("m1/go.mod", "go 1.22", "go 1.23.1"))},
	{"work-go-below-old-member", "work", both(replaceLine("go.work", "^go .*", "go 1.18"), replaceText("m1/go.mod", "go 1.22", "go 1.20"), replaceText("m2/go.mod", "go 1.22", "go 1.19"))},
	{"work-go-language-below-patch", "work", both(replaceLine("go.work", "^go .*", "go 1.22"), replaceText("m1/go.mod", "go 1.22", "go 1.22.0"))},
	{"work-go-patch-above-language", "work", replaceLine("go.work", "^go .*", "go 1.22.0")},
	{"work-go-missing", "work", replaceLine("go.work", "^go .*\n", "")},
	{"work-go-newer", "work", replaceLine("go.work", "^go .*", "go 1.23")},
	{"work-toolchain-default", "work", appendText("go.work", "\ntoolchain default\n")},
	{"work-toolchain-word", "work", appendText("go.work", "\ntoolchain 1.22\n")},
	{"work-godebug", "work", appendText("go.work", "\ngodebug harbour=1\n")},
	{"work-godebug-known", "work", appendText("go.work", "\ngodebug panicnil=1\n")},
	{"work-replace-member", "work workvendor", appendText("go.work", "\nreplace corp.example/m1 => ./m2\n")},
	{"work-replace-member-version", "work", appendText("go.work", "\nreplace corp.example/m1 v1.0.0 => ./m2\n")},
	{"work-replace-short", "work", appendText("go.work", "\nreplace corp.example/a => corp.example/fork v1\n")},
	{"work-replace-branch", "work", appendText("go.work", "\nreplace corp.example/a => corp.example/fork main\n")},
	{"work-replace-gone", "work", appendText("go.work", "\nreplace corp.example/a => ./gone\n")},
	{"work-replace-conflict", "work", appendText("go.work", "\nreplace corp.example/a => ./x\nreplace corp.example/a => ./y\n")},
	{"work-members-conflict", "work", both(appendText("m1/go.mod", "\nreplace corp.example/a => corp.example/fork v1.0.5\n"), appendText("m2/go.mod", "\nreplace corp.example/a => corp.example/a v1.1.0\n"))},
	{"work-members-conflict-folders", "work", both(appendText("m1/go.mod", "\nreplace corp.example/z => ../x\n"), appendText("m2/go.mod", "\nreplace corp.example/z => ../y\n"))},
	{"work-members-agree", "work", both(appendText("m1/go.mod", "\nreplace corp.example/z => ../x\n"), appendText("m2/go.mod", "\nreplace corp.example/z => ./../m1/../x\n"))},
	{"work-members-settled", "work", both(appendText("m1/go.mod", "\nreplace corp.example/z => ../x\n"), appendText("m2/go.mod", "\nreplace corp.example/z => ../y\n"), appendText("go.work", "\nreplace corp.example/z => ./z\n"))},
	{"work-members-one-and-all", "work", both(appendText("m1/go.mod", "\nreplace corp.example/z => ../x\n"), appendText("m2/go.mod", "\nreplace corp.example/z v1.0.0 => ../y\n"))},
	{"work-member-replaced-gone", "work", appendText("m1/go.mod", "\nreplace corp.example/a => ./gone\n")},
	{"work-member-replaces-member", "work", appendText("m1/go.mod", "\nrequire corp.example/m2 v1.0.0\n\nreplace corp.example/m2 => ../gone\n")},
	{"work-member-godebug", "work", appendText("m1/go.mod", "\ngodebug harbour=1\n")},
	{"work-member-toolchain", "work", appendText("m1/go.mod", "\ntoolchain default\n")},
	{"work-member-invalid", "work", appendText("m1/go.mod", "\nharbour x\n")},
	{"work-member-no-sum", "work", both(remove("m1/go.sum"), remove("m2/go.sum"), remove("go.work.sum"))},
	{"work-member-sum-malformed", "work workvendor", appendText("m1/go.sum", "two words\n")},
	{"work-member-sum-conflict", "work", appendText("m2/go.sum", "corp.example/a v1.0.0 "+hashA+"\n")},
	{"work-sum-malformed", "work", add("go.work.sum", "two words\n")},
	{"work-sum-conflict", "work", add("go.work.sum", "corp.example/a v1.0.0 "+hashA+"\n")},
	{"work-member-imports-nowhere", "work workvendor", imports("m1/x.go", "", "corp.example/nowhere")},
	{"work-member-imports-member", "work workvendor", imports("m1/x.go", "", "corp.example/m2")},
	{"work-member-imports-other-requirement", "work", imports("m1/x.go", "", "corp.example/c")},
	{"work-outside", "work", add("m3/go.mod", "module corp.example/m3\n\ngo 1.22\n", "m3/m.go", "package m3\n")},
	{"work-vendor-bump", "workvendor", replaceText("m1/go.mod", "corp.example/a v1.0.0", "corp.example/a v1.1.0")},
	{"work-vendor-no-header", "workvendor", replaceText("vendor/modules.txt", "## workspace\n", "")},
	{"work-vendor-not-explicit", "workvendor", replaceText("vendor/modules.txt", "## explicit", "## implicit")},
	{"work-vendor-replaced", "workvendor", appendText("m1/go.mod", "\nreplace corp.example/z => ../third/z\n")},
	{"work-vendor-replaced-recorded", "workvendor", both(appendText("m1/go.mod", "\nreplace corp.example/z => ../third/z\n"), appendText("vendor/modules.txt", "# corp.example/z => ./third/z\n"))},
	{"work-vendor-replaced-by-work", "workvendor", both(appendText("go.work", "\nreplace corp.example/z => ./third/z\n"), appendText("vendor/modules.txt", "# corp.example/z => ./third/z\n"))},
	{"work-vendor-package-gone", "workvendor", remove("vendor/corp.example/a")},
	{"work-vendor-more", "workvendor", appendText("vendor/modules.txt", "# corp.example/z v1.0.0\n## explicit\ncorp.example/z\n")},
	{"work-vendor-more-implicit", "workvendor", appendText("vendor/modules.txt", "# corp.example/z v1.0.0\ncorp.example/z\n")},
	{"work-vendor-member-sum", "workvendor", remove("m1/go.sum")},
}

// misses are what the go command refuses and no rule of the family reports as
// more than a note, with the reason.
var misses = []struct{ why, pattern string }{
	{"the hash of a module behind the requirements is missing: what those require stands in the module cache only",
		`[a-z]+/sum-without-.*corp.example/[be](@.*)? unpruned/(replace-transitive-gone|vendor-replaced|exclude-required-indirect)`},
	{"two required modules could provide the package, and the go.mod of the one that does is asked for",
		`[a-z]+/sum-without-corp.example/b/deep@v1.0.0/go.mod`},
	{"a requirement is missing that only the go.mod files of dependencies show",
		`[a-z]+/require-none-(indirect|deep) [a-z]+/go-1.17 unpruned/(go-(1.19|1.24|beta|candidate|patch)|toolchain-(equal-suffix|of-language)) [a-z]+/vendor-below-required`},
	{"a hash is wrong: what the module holds stands in the module cache only",
		`[a-z]+/sum-(wrong|wrong-mod|short-hash)`},
	{"a package of a required module, or below the path of the main module, may be generated, or there in that version",
		`[a-z]+/import-(missing-package|own-missing) local/replace-target-no-package`},
	{"in a workspace the modules behind the members provide packages and versions too",
		`work/work-member-imports-nowhere [a-z]+/exclude-required-in-member work/require-twice-in-member`},
	{"the network is asked which versions there are", `[a-z]+/work-replace-short`},
	{"it depends on the release of Go that builds", `[a-z]+/godebug-default-newer [a-z]+/import-present-release [a-z]+/vendor-line-too-new [a-z]+/go-1.99`},
	{"a go.mod without statements is a way to keep a folder out of the module around it", `[a-z]+/mod-(empty|comment-only)`},
	{"a module without Go files is not built", `unpruned/source-none-unpruned`},
	{"the code does not compile, whatever the modules are",
		`[a-z]+/import-(two-packages|broken-file|malformed|relative|std-internal|std-missing) program/(import-(commented|cgo-file)|source-std-only) [a-z]+/replace-by-main [a-z]+/module-std`},
	{"a module that requires itself is too rare to be judged", `[a-z]+/require-self`},
	{"a replacement with a newer go line than the module (a rule of its own, not written yet)", `local/replace-target-newer`},
}

// reason returns why a mutation of a base is not reported, or "".
func reason(mutation, base string) string {
	for _, m := range misses {
		for p := range strings.FieldsSeq(m.pattern) {
			if regexp.MustCompile("^(?:" + p + ")$").MatchString(base + "/" + mutation) {
				return m.why
			}
		}
	}
	return ""
}
