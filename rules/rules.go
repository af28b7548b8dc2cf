// Package rules joins the families of rules.
package rules

import (
	"slices"

	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/rules/image"
	"github.com/goseaworthy/seaworthy/rules/module"
	"github.com/goseaworthy/seaworthy/rules/seaworthy"
	"github.com/goseaworthy/seaworthy/rules/service"
)

// All returns every rule, sorted by ID. The list is the caller's.
func All() []*rule.Rule {
	return slices.Concat(image.Rules, module.Rules, seaworthy.Rules, service.Rules)
}
