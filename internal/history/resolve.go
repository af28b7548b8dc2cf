package history

import (
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// suffix is what follows a name: ^, ^2, ~3 (gitrevisions(7)).
var suffix = regexp.MustCompile(`[~^][0-9]*$`)

// Resolve returns the commit that a name means: a hash, HEAD, a tag, a branch
// of this clone or of origin, in short or in full, with ^N and ~N behind it.
func (c *Clone) Resolve(name string) (Commit, error) {
	var steps []string
	base := name
	for s := suffix.FindString(base); s != "" && len(base) > len(s); s = suffix.FindString(base) {
		steps, base = append(steps, s), base[:len(base)-len(s)]
	}
	commit, err := c.named(base)
	for _, s := range slices.Backward(steps) {
		if err != nil {
			break
		}
		commit, err = commit.step(s)
	}
	if err != nil {
		return Commit{}, fmt.Errorf("%s: %w", name, err)
	}
	return commit, nil
}

// step goes from a commit to one before it.
func (c Commit) step(s string) (Commit, error) {
	n, err := strconv.Atoi(s[1:])
	if len(s) == 1 {
		n, err = 1, nil
	}
	if err != nil {
		return Commit{}, err
	}
	if s[0] == '^' {
		return c.parent(n)
	}
	for range n {
		if c, err = c.parent(1); err != nil {
			return Commit{}, err
		}
	}
	return c, nil
}

// parent returns the parent with the number; that with 0 is the commit itself.
func (c Commit) parent(n int) (Commit, error) {
	if n == 0 {
		return c, nil
	}
	parents, err := c.Parents()
	if err != nil {
		return Commit{}, err
	}
	if n <= len(parents) {
		return parents[n-1], nil
	}
	if n <= len(c.ParentHashes) {
		return Commit{}, fmt.Errorf("parent %d of commit %.12s: %w", n, c.ID(), ErrNotHere)
	}
	return Commit{}, fmt.Errorf("commit %.12s has no parent %d", c.ID(), n)
}

// named returns the commit that a name without suffix means.
func (c *Clone) named(name string) (Commit, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if plumbing.IsHash(name) {
		return c.peel(plumbing.NewHash(name))
	}
	h, err := c.reference(name)
	if errors.Is(err, plumbing.ErrReferenceNotFound) {
		h, err = c.abbreviated(name)
	}
	if err != nil {
		return Commit{}, err
	}
	return c.peel(h)
}

// reference returns what a ref points to. The places are those of git
// (gitrevisions(7)), and then the branches of origin: a clone in CI has no
// others.
func (c *Clone) reference(name string) (plumbing.Hash, error) {
	for _, place := range []string{"%s", "refs/%s", "refs/tags/%s", "refs/heads/%s", "refs/remotes/%s", "refs/remotes/%s/HEAD", "refs/remotes/origin/%s"} {
		full := plumbing.ReferenceName(fmt.Sprintf(place, name))
		if full != plumbing.HEAD && full.Validate() != nil {
			continue
		}
		for range 10 { // a symbolic ref can point to itself
			ref, err := c.store.Reference(full)
			if err != nil {
				break
			}
			if ref.Type() == plumbing.HashReference {
				return ref.Hash(), nil
			}
			full = ref.Target()
		}
	}
	return plumbing.ZeroHash, plumbing.ErrReferenceNotFound
}

// abbreviated returns the only commit or tag whose hash begins with name.
func (c *Clone) abbreviated(name string) (plumbing.Hash, error) {
	name = strings.ToLower(name)
	prefix, err := hex.DecodeString(name[:len(name)/2*2])
	if err != nil || len(prefix) < 2 || strings.Trim(name, "0123456789abcdef") != "" {
		return plumbing.ZeroHash, fmt.Errorf("there is no such commit, branch or tag: %w", ErrNotHere)
	}
	all, err := c.store.HashesWithPrefix(prefix)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	all = slices.DeleteFunc(all, func(h plumbing.Hash) bool {
		_, err := c.peel(h)
		return !strings.HasPrefix(h.String(), name) || err != nil
	})
	switch len(all) {
	case 0:
		return plumbing.ZeroHash, fmt.Errorf("there is no such commit, branch or tag: %w", ErrNotHere)
	case 1:
		return all[0], nil
	}
	return plumbing.ZeroHash, errors.New("more than one commit begins so")
}

// peel returns a commit, or that which a tag names.
func (c *Clone) peel(h plumbing.Hash) (Commit, error) {
	for range 10 {
		tag, err := object.GetTag(c.store, h)
		if err != nil {
			break
		}
		h = tag.Target
	}
	return c.commit(h)
}
