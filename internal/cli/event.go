package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/history"
)

// event is what a run of GitHub Actions is about (docs.github.com, "Events that
// trigger workflows").
type event struct {
	name, ref, commit string
	payload           payload
}

// payload is the part of the event that we use.
type payload struct {
	Before      string
	PullRequest struct {
		Base struct{ SHA string }
	} `json:"pull_request"`
	MergeGroup struct {
		BaseSHA string `json:"base_sha"`
	} `json:"merge_group"`
	Repository struct {
		DefaultBranch string `json:"default_branch"`
	}
}

// maxEvent is how large an event is read, in bytes. GitHub sends at most 25 MB.
const maxEvent = 32 << 20

// errNoBase is why an event has nothing to compare with.
var errNoBase = errors.New("there is nothing to compare with")

// event returns what this run is about; nil outside of GitHub Actions.
func (a *app) event() (*event, error) {
	name := a.env.Getenv("GITHUB_EVENT_PATH")
	if name == "" {
		return nil, nil
	}
	e := &event{name: a.env.Getenv("GITHUB_EVENT_NAME"), ref: a.env.Getenv("GITHUB_REF"), commit: a.env.Getenv("GITHUB_SHA")}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading the event of GitHub Actions: %w", plainCause(err))
	}
	defer f.Close()
	if err := json.NewDecoder(io.LimitReader(f, maxEvent)).Decode(&e.payload); err != nil {
		return nil, fmt.Errorf("reading the event of GitHub Actions: %w", err)
	}
	return e, nil
}

// base returns the commit that the change of the event is made to.
func (e *event) base(c *history.Clone) (history.Commit, error) {
	switch e.name {
	case "pull_request", "pull_request_target":
		return e.pullRequestBase(c)
	case "merge_group":
		return c.Resolve(e.payload.MergeGroup.BaseSHA)
	case "push":
		return e.pushBase(c)
	}
	return history.Commit{}, fmt.Errorf("%w: the event %s brings no change", errNoBase, e.name)
}

// pullRequestBase returns the first parent of the merge that GitHub has made to
// try a pull request, which a clone of depth 2 holds. Where another commit is
// checked out, it is the one where the branches went apart. GITHUB_SHA is that
// merge for pull_request only: for pull_request_target it is the base branch.
func (e *event) pullRequestBase(c *history.Clone) (history.Commit, error) {
	head, _, err := c.Head()
	if err != nil {
		return history.Commit{}, err
	}
	if e.name == "pull_request" && head.ID() == e.commit && len(head.ParentHashes) == 2 {
		return c.Resolve(head.ID() + "^1")
	}
	base, err := c.Resolve(e.payload.PullRequest.Base.SHA)
	if err != nil {
		return history.Commit{}, err
	}
	return c.MergeBase(head, base)
}

// pushBase returns what the branch pointed to before. A branch that is new has
// gone apart from the default branch somewhere.
func (e *event) pushBase(c *history.Clone) (history.Commit, error) {
	if strings.HasPrefix(e.ref, "refs/tags/") {
		return history.Commit{}, fmt.Errorf("%w: a tag brings no change", errNoBase)
	}
	if strings.Trim(e.payload.Before, "0") != "" {
		return c.Resolve(e.payload.Before)
	}
	trunk := e.payload.Repository.DefaultBranch
	if trunk == "" || e.ref == "refs/heads/"+trunk {
		return history.Commit{}, fmt.Errorf("%w: the branch is new", errNoBase)
	}
	return mergeBase(c, "refs/remotes/origin/"+trunk)
}

// mergeBase returns the commit where what is checked out went apart from a
// revision.
func mergeBase(c *history.Clone, revision string) (history.Commit, error) {
	head, _, err := c.Head()
	if err != nil {
		return history.Commit{}, err
	}
	other, err := c.Resolve(revision)
	if err != nil {
		return history.Commit{}, err
	}
	return c.MergeBase(head, other)
}

var mergeRef = regexp.MustCompile(`^(refs/pull/[0-9]+)/merge$`)

// analysed returns the ref and the commit that a result is about: those of the
// run, unless another commit of the pull request than the merge is checked out.
func analysed(ref, commit, head string) (string, string) {
	if m := mergeRef.FindStringSubmatch(ref); m != nil && head != "" && head != commit {
		return m[1] + "/head", head
	}
	return ref, commit
}
