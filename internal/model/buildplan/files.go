package buildplan

import (
	"path"
	"regexp"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// fileEffects are the commands whose effect on the files is followed.
var fileEffects = map[string]func(*Stage, *Command){
	"mkdir": makes, "touch": writes, "truncate": writes, "tee": writes, "mkfifo": writes, "mknod": writes,
	"rm": removes, "rmdir": removes, "unlink": removes, "shred": removes,
	"cp": copies, "mv": copies, "install": copies, "ln": links, "rsync": syncs, "dd": writesOf,
	"tar": unpacks, "unzip": unpacks, "bsdtar": unpacks, "7z": unpacks, "cpio": unpacks, "ar": unpacks,
	"gunzip": edits, "gzip": edits, "xz": edits, "unxz": edits, "bunzip2": edits, "zstd": edits, "upx": nothing, "strip": nothing,
	"curl": downloads, "wget": downloads, "git": clones, "hg": clones, "svn": clones,
	"sed": edits, "perl": edits, "patch": here, "find": finds,
	"docker": containers, "podman": containers, "nerdctl": containers,
}

// absolute returns a word as an absolute path; ok is false where it is not
// known.
func (c *Command) absolute(w shell.Word) (string, bool) {
	switch {
	case !w.Exact() || w.Text == "":
		return "", false
	case path.IsAbs(w.Text):
		return path.Clean(w.Text), true
	case !c.Dir.Known():
		return "", false
	}
	return path.Join(c.Dir.Text, w.Text), true
}

// paths returns the absolute paths that a word stands for: one, or those that
// match a pattern. ok is false where there may be others.
func (c *Command) paths(w shell.Word) (at []string, ok bool) {
	if p, ok := c.absolute(w); ok {
		return []string{p}, true
	}
	pattern, ok := c.absolute(shell.Word{Value: shell.Known(globText(w), w.At)})
	if !ok {
		return nil, false
	}
	return c.Stage.Tree.Glob(pattern)
}

// plainGlob is a file name pattern that the shell expands in no other way.
var plainGlob = regexp.MustCompile(`^[\w./@%+:,*?\[\]-]*[*?\[][\w./@%+:,*?\[\]-]*$`)

// globText returns the pattern that a word was written as, "" where it is none.
// The words of a command have their patterns taken as not known.
func globText(w shell.Word) string {
	if !w.Many || !w.At.Valid() {
		return ""
	}
	if text := w.At.Text(); plainGlob.MatchString(text) {
		return text
	}
	return ""
}

// put adds a layer for a command. What may not happen makes the place unknown.
func (st *Stage) put(c *Command, l layer) {
	l.note = fact.Note{At: c.At, Text: "writes " + l.dest}
	st.Tree = st.Tree.add(l)
	if c.Conditional && l.kind != opaque {
		st.Tree = st.Tree.add(layer{kind: opaque, dest: l.dest, note: l.note})
	}
}

// anywhere notes that a command wrote files we do not know below dest.
func (st *Stage) anywhere(c *Command, dest string) {
	st.put(c, layer{kind: opaque, dest: dest})
}

// here notes that a command wrote below its folder.
func here(st *Stage, c *Command) {
	if c.Dir.Known() {
		st.anywhere(c, c.Dir.Text)
	} else {
		st.anywhere(c, "/")
	}
}

func nothing(*Stage, *Command) {}

// redirect handles > file and >> file.
func (st *Stage) redirect(c *Command, r shell.Redirect) {
	if !strings.Contains(r.Op, ">") || strings.Contains(r.Op, "&") && strings.Trim(r.Target.Text, "0123456789-") == "" {
		return
	}
	switch at, ok := c.absolute(r.Target); {
	case !ok:
		here(st, c)
	case strings.HasPrefix(at, "/dev/"):
	case r.Op == ">>" && st.Tree.Lookup(at).Kind == FromContext:
		st.anywhere(c, at)
		st.passwd(fact.Note{At: c.At})
	default:
		st.put(c, layer{kind: made, dest: at})
		st.passwd(fact.Note{At: c.At})
	}
}

// writes notes files of unknown contents.
func writes(st *Stage, c *Command) {
	st.made(c, c.getopt("d r t s m date reference size mode").operands, false)
}

func makes(st *Stage, c *Command) { st.made(c, c.getopt("m mode").operands, true) }

func (st *Stage) made(c *Command, operands []shell.Word, dir bool) {
	for _, w := range operands {
		if at, ok := c.absolute(w); ok {
			if o := st.Tree.Lookup(at); dir || o.Kind == Absent || o.Kind == Unknown {
				st.put(c, layer{kind: made, dest: at, dir: dir})
				st.passwd(fact.Note{At: c.At})
			}
		}
	}
}

// writesOf handles dd of=file.
func writesOf(st *Stage, c *Command) {
	for _, w := range c.Words[1:] {
		if name, ok := strings.CutPrefix(w.Text, "of="); ok {
			if at, ok := c.absolute(part(w, name)); ok {
				st.put(c, layer{kind: made, dest: at})
			}
		}
	}
}

func removes(st *Stage, c *Command) {
	for _, w := range c.getopt("n u s random-source iterations size").operands {
		at, ok := c.paths(w)
		for _, p := range at {
			st.put(c, layer{kind: removed, dest: p})
		}
		if pattern := globText(w); !ok && pattern != "" {
			if dir, ok := c.absolute(shell.Word{Value: shell.Known(path.Dir(pattern), w.At)}); ok && !strings.ContainsAny(dir, "*?[") {
				st.anywhere(c, dir)
			}
		}
	}
}

// copies handles cp, mv and install: the files go on under another name.
func copies(st *Stage, c *Command) {
	name := path.Base(c.Words[0].Text)
	o := c.getopt("S suffix t target-directory " + map[string]string{"install": "g group m mode o owner strip-program"}[name])
	if name == "install" && o.has("d", "directory") {
		st.made(c, o.operands, true)
		return
	}
	sources := o.operands
	into, folder := o.value("t", "target-directory")
	switch n := len(sources); {
	case folder:
	case n < 2:
		return
	default:
		into, sources = sources[n-1], sources[:n-1]
		folder = strings.HasSuffix(into.Text, "/") || strings.HasSuffix(into.Text, "/.") || into.Text == "." || len(sources) > 1
	}
	dest, ok := c.absolute(into)
	if !ok {
		st.anywhere(c, "/")
		return
	}
	there := st.Tree.Lookup(dest)
	folder = folder || there.Dir && !o.has("T", "no-target-directory")
	for _, w := range sources {
		at, ok := c.paths(w)
		if !ok {
			st.anywhere(c, dest)
		}
		for _, src := range at {
			into := folder || len(at) > 1
			if there.Kind == Absent && len(sources) == 1 && st.Tree.Lookup(src).Dir {
				into = false // a folder that gets another name, even with a slash behind it
			}
			st.copyTo(c, src, dest, into, strings.HasSuffix(w.Text, "/."))
			if name == "mv" {
				st.put(c, layer{kind: removed, dest: src})
			}
		}
	}
}

// copyTo notes a copy of src, contents says that its contents are meant: the
// "." at the end of src/. .
func (st *Stage) copyTo(c *Command, src, dest string, folder, contents bool) {
	if src == dest {
		return
	}
	o := st.Tree.Lookup(src)
	at := dest
	if folder && !contents {
		at = path.Join(dest, path.Base(src))
	}
	if o.Kind == Unknown {
		st.anywhere(c, dest) // it may be a folder, or replace one
	}
	st.put(c, layer{kind: fromTree, dest: at, tree: st.Tree, src: src})
	st.passwd(fact.Note{At: c.At})
}

// links handles ln. What a symbolic link names is taken as what stands there
// at this moment.
func links(st *Stage, c *Command) {
	o := c.getopt("S suffix t target-directory")
	sources := o.operands
	into, folder := o.value("t", "target-directory")
	switch n := len(sources); {
	case folder || n == 0:
	case n == 1:
		into, folder = shell.Word{Value: shell.Known(".", c.At)}, true
	default:
		into, sources = sources[n-1], sources[:n-1]
		folder = strings.HasSuffix(into.Text, "/") || len(sources) > 1
	}
	dest, ok := c.absolute(into)
	if !ok {
		here(st, c)
		return
	}
	folder = folder || st.Tree.Lookup(dest).Dir && !o.has("T", "no-target-directory")
	for _, w := range sources {
		at := dest
		if folder {
			at = path.Join(dest, path.Base(w.Text))
		}
		src, ok := c.absolute(w)
		if ok && o.has("s", "symbolic") && !path.IsAbs(w.Text) {
			src = path.Join(path.Dir(at), w.Text)
		}
		if !ok {
			st.anywhere(c, at)
			continue
		}
		if st.Tree.Lookup(src).Kind == Absent {
			st.anywhere(c, at) // it may come later
		}
		st.put(c, layer{kind: fromTree, dest: at, tree: st.Tree, src: src})
	}
}

// syncs handles rsync between folders of the stage.
func syncs(st *Stage, c *Command) {
	rest := c.getopt("e rsh exclude include filter f files-from chown chmod").operands
	if len(rest) < 2 {
		return
	}
	dest, ok := c.absolute(rest[len(rest)-1])
	if !ok {
		dest = "/"
	}
	st.anywhere(c, dest)
}

// unpacks handles the commands that fill a folder with files from elsewhere. A
// list of what an archive holds, or its making, changes less than is noted.
func unpacks(st *Stage, c *Command) {
	dest := "/"
	if c.Dir.Known() {
		dest = c.Dir.Text
	}
	for i, w := range c.Words {
		into, glued := strings.CutPrefix(w.Text, "--directory=")
		switch {
		case glued:
			w = part(w, into)
		case (w.Text == "-C" || w.Text == "-d" || w.Text == "--directory") && i+1 < len(c.Words):
			w = c.Words[i+1]
		default:
			continue
		}
		at, ok := c.absolute(w)
		if !ok {
			at = "/"
		}
		dest = at
	}
	st.anywhere(c, dest)
	st.goArchive(c)
}

// downloads handles curl and wget, which write one file, or print.
func downloads(st *Stage, c *Command) {
	st.goArchive(c)
	o := c.getopt(downloadOptions[path.Base(c.Words[0].Text)])
	out, ok := o.value("o", "output")
	if path.Base(c.Words[0].Text) == "wget" {
		out, ok = o.value("O", "output-document")
	}
	switch at, known := c.absolute(out); {
	case ok && out.Text == "-":
	case ok && known && !strings.HasPrefix(at, "/dev/"):
		st.put(c, layer{kind: made, dest: at})
	case ok && !known:
		here(st, c)
	case ok:
	default:
		unpacks(st, c)
	}
}

var downloadOptions = map[string]string{
	"curl": `A user-agent b cookie c cookie-jar C continue-at d data data-raw data-binary e referer F form H header K config m max-time o output
		T upload-file u user U proxy-user w write-out x proxy X request Y y z retry retry-delay retry-max-time connect-timeout cacert cert key
		proto url limit-rate output-dir proto-redir resolve max-filesize`,
	"wget": `O output-document o output-file a append-output P directory-prefix U user-agent t tries T timeout w wait Q quota B base e execute
		header post-data user password ca-certificate read-timeout retry-connrefused i input-file`,
}

// clones handles git: clone, fetch, checkout and the like bring foreign
// sources.
func clones(st *Stage, c *Command) {
	rest := c.getopt("b branch c C j depth o origin u git-dir work-tree reference").operands
	if len(rest) == 0 {
		return
	}
	switch rest[0].Text {
	case "config", "describe", "rev-parse", "log", "status", "show", "rev-list", "version", "tag", "diff", "symbolic-ref", "ls-files", "ls-remote", "remote",
		"diff-index", "update-index", "show-ref", "for-each-ref", "cat-file", "archive", "add", "commit", "init", "push", "name-rev", "branch", "grep":
	case "clone":
		if len(rest) == 2 && rest[1].Exact() {
			name := strings.TrimSuffix(path.Base(rest[1].Text), ".git")
			rest = append(rest, shell.Word{Value: shell.Known(name, rest[1].At)})
		}
		if at, ok := c.absolute(rest[len(rest)-1]); ok && len(rest) > 2 {
			st.put(c, layer{kind: made, dest: at, dir: true})
			st.anywhere(c, at)
			return
		}
		here(st, c)
	default:
		here(st, c)
	}
}

// edits handles sed -i and the like: the named files are still there, and Go
// sources still import what they did, since a version is what is put in.
func edits(st *Stage, c *Command) {
	for _, w := range c.getopt("e f l E expression file").operands {
		st.Plan.edits = st.Plan.edits || !w.Exact()
		if at, ok := c.absolute(w); ok && st.Tree.Lookup(at).Kind != Absent {
			st.anywhere(c, at)
			st.passwd(fact.Note{At: c.At})
		}
	}
}

// finds handles find: only -delete changes something here, what -exec runs is a
// command of its own.
func finds(st *Stage, c *Command) {
	deletes := false
	for _, w := range c.Words {
		deletes = deletes || w.Text == "-delete"
	}
	for _, w := range c.Words[1:] {
		if strings.HasPrefix(w.Text, "-") || w.Text == "(" || w.Text == "!" {
			break
		}
		if at, ok := c.absolute(w); ok && deletes {
			st.anywhere(c, at)
		}
	}
}

// containers handles docker: a container may write into the folder that it is
// given, and so may what is copied out of one.
func containers(st *Stage, c *Command) {
	for _, w := range c.Words[1:] {
		switch w.Text {
		case "run", "cp", "save", "export", "exec", "compose", "bake", "-o", "--output":
			here(st, c)
			return
		}
	}
}
