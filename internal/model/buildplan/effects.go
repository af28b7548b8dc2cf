package buildplan

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/commands"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
)

// ran takes in one command of a RUN: it is kept for the rules, and its effect
// on the files, packages and users of the stage is noted.
func (st *Stage) ran(ins *dockerfile.Instruction, r commands.Ran) {
	c := &Command{Command: r.Command, Stage: st, Run: ins, Trail: r.Trail, Tree: st.Tree, Kept: r.Kept}
	st.Commands = append(st.Commands, c)
	st.starts(c, r.Shell)
	name := r.Name()
	for _, redirect := range c.Redirects {
		st.redirect(c, redirect)
	}
	if !isGo(name) && fileEffects[name] == nil {
		st.mentions(c, name)
	}
	switch {
	case c.Opaque.Text != "":
		st.opaque(fact.Note{At: c.At, Text: c.Opaque.Text})
	case name == "":
		st.opaque(fact.Note{At: c.At, Text: "which program runs is not known"})
	case harmless[name]:
	case name == "xargs":
		st.xargs(c)
	case managers[name] != nil:
		st.install(c, name)
	case isGo(name):
		st.goCommand(c)
	case fileEffects[name] != nil:
		fileEffects[name](st, c)
	case accountEffects[name] != nil:
		accountEffects[name](st, c)
	case onlyBuilds(c):
	case local[name] || st.built(c):
		here(st, c)
	default:
		st.opaque(fact.Note{At: c.At, Text: "what " + name + " does is not known"})
	}
}

// harmless are the commands that leave no file behind that matters here, bring
// no package and add no user.
var harmless = words(`: true false echo printf cat ls cd pwd test [ [[ which command type builtin uname date id whoami env
	printenv export set unset umask sleep wait exit return read shift local declare typeset readonly grep egrep fgrep head tail wc
	sort uniq cut tr expr basename dirname seq stat file du df sha1sum sha256sum sha512sum md5sum shasum cksum ldd readelf objdump nm
	chmod chown chgrp sync hash alias trap time git-lfs nproc arch getent kill ldconfig locale-gen yes rev tac fold paste join comm
	update-alternatives apt-mark gofmt gofumpt goimports golangci-lint staticcheck govulncheck shellcheck shfmt yamllint pushd popd diff cmp jq yq awk gawk mawk setcap getcap
	openssl gpg gpgv apt-key apk-key apt-config apt-cache dpkg-query dpkg-divert update-ca-certificates update-ca-trust c_rehash cosign tini rpm-key ulimit hostname free ps top lsof base64 base32 xxd od
	hexdump realpath readlink mktemp tty stty clear reset logger groups users who tput column less more nl pr tsort factor bc dc
	passwd chpasswd chsh chage gpasswd locale localedef dpkg-reconfigure debconf-set-selections systemctl service sysctl mount umount
	xx-info xx-verify xx-cargo-verify minisign sigstore slsa-verifier add-apt-repository yum-config-manager crb
	docker-clean apt-ftparchive su-exec gosu numfmt timeout nice lsb_release ssh-keyscan ssh-keygen fc-cache
	git-crypt corepack aws gsutil kubectl nslookup dig ping host getconf tzselect zdump look mesg`)

// local are the tools that write below the folder in which they work, and what
// they write is none of ours: compilers and generators of other languages.
var local = words(`buildah img kind helm ko skopeo crane npm npx yarn pnpm node bun deno vite webpack esbuild tsc gulp grunt ng hugo protoc buf templ mockgen sqlc swag wire stringer
	go-bindata rice packr packr2 esc statik gqlgen oapi-codegen easyjson controller-gen kustomize gomplate envsubst cargo rustc rustup dotnet mvn gradle gradlew
	mvnw javac java ant sbt bazel cmake ninja meson configure autoreconf autoconf automake libtoolize autogen.sh bootstrap python python3 python2 pipenv poetry uv ruby gem bundle
	rake composer php pear pecl luarocks mix rebar3 gcc g++ cc c++ clang clang++ musl-gcc ld ar ranlib as xx-clang xx-cargo zig weaver tinygo gox goreleaser task just go-licenses licenses
	sass lessc asciidoctor pandoc mdbook help2man go-md2man md2man zip gettext msgfmt vault-gen bison flex yacc m4 sponge csplit split mage llvm-strip`)

// built reports whether a command is a program that a go command wrote: one
// that generates code, and brings no packages.
func (st *Stage) built(c *Command) bool {
	at, ok := c.absolute(c.Words[0])
	return ok && strings.Contains(c.Words[0].Text, "/") && st.Tree.Lookup(at).Kind == Output
}
