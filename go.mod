module github.com/goseaworthy/seaworthy

// One release below the two that are supported today: people install the hook
// and the action with their own Go. It is also the line from which on the
// runtime sizes GOMAXPROCS by the CPU limit of the container it runs in.
go 1.25.0

require (
	github.com/BurntSushi/toml v1.6.0
	github.com/bmatcuk/doublestar/v4 v4.9.1
	github.com/google/go-github/v60 v60.0.0
	github.com/haya14busa/go-checkstyle v0.0.0-20170303121022-5e9d09f51fa1
	github.com/joshdk/go-junit v1.0.0
	github.com/moby/patternmatcher v0.6.0
	github.com/rogpeppe/go-internal v1.14.1
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.2
	github.com/sethvargo/go-githubactions v1.4.0
	github.com/spf13/cobra v1.10.2
	github.com/yuin/goldmark v1.7.13
	go.yaml.in/yaml/v3 v3.0.4
	golang.org/x/mod v0.39.0
	golang.org/x/sys v0.47.0
	golang.org/x/text v0.31.0
	golang.org/x/tools v0.48.0
	mvdan.cc/sh/v3 v3.13.1
)

require (
	github.com/google/go-querystring v1.1.0 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/spf13/pflag v1.0.9 // indirect
	github.com/stretchr/testify v1.10.0 // indirect
	gopkg.in/check.v1 v1.0.0-20201130134442-10cb98267c6c // indirect
)
