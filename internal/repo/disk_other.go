//go:build !linux

package repo

import "os"

// openBeneath is for systems that have a call for it.
func openBeneath(*os.File, string) *os.File { return nil }
