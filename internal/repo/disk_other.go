//go:build !linux

package repo

import "os"

// openBeneath and headBeneath are for systems that have a call for them.
func openBeneath(*os.File, string) *os.File { return nil }

func headBeneath(*os.File, string, []byte) (int, bool) { return 0, false }
