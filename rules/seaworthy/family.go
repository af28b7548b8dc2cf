// Package seaworthy holds the rules about what seaworthy itself could not do:
// files that it cannot read, and comments that ask it to be silent in vain.
package seaworthy

import "github.com/goseaworthy/seaworthy/internal/rule"

// Rules are the rules of the family, sorted by ID.
var Rules = []*rule.Rule{
	IgnoreExpired,
	IgnoreUnknownRule,
	IgnoreUnused,
	IgnoreWithoutReason,
	TooLarge,
	Unparseable,
	Unreadable,
}
