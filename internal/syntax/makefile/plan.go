package makefile

import (
	"maps"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// Plan is what a call of make runs.
type Plan struct {
	Lines []Line // in the order in which they run
	// Unknown says what may run, or change what runs, and is not known.
	Unknown []shell.Reason
	// Work is what it took: the bytes of all expansions, about.
	Work int
}

// Line is one line of a recipe; under .ONESHELL a whole recipe. It is given to
// a shell of its own.
type Line struct {
	Target string
	Text   *source.Joined // as the shell gets it, traced to the makefile
	At     source.Span    // the line in the makefile
	Env    *shell.Env     // what the shell sees
	Dir    shell.Value
	Shell  shell.Value // the program: /bin/sh
	Flags  shell.Value // its arguments: -c
	Uses   []shell.Use // the variables in the line, with where they are defined
	// Kept are the variables of the target, and of those that lead to it, that make
	// does not pass on to the line. Compare Makefile.Kept.
	Kept []shell.Assign

	Silent       bool // @
	IgnoreErrors bool // -
	Always       bool // +, or the line calls $(MAKE): it runs under make -n too

	// Conditional is set where it is not certain that the line runs; Why says
	// what it depends on.
	Conditional bool
	Why         shell.Reason
}

// planner walks the targets of one call.
type planner struct {
	mk    *Makefile
	plan  *Plan
	done  map[string]bool
	stack []string
}

// Plan returns what make runs for the targets of its call, or for the first
// target of the makefile.
func (mk *Makefile) Plan() *Plan {
	mk.planning = true
	p := &planner{mk: mk, plan: &Plan{Unknown: mk.unknown}, done: map[string]bool{}}
	p.goals()
	p.plan.Work = mk.work
	return p.plan
}

// goals plans the targets of the call.
func (p *planner) goals() {
	mk := p.mk
	if mk.Stop.Text != "" {
		p.unknown(mk.Stop)
		return
	}
	if mk.call.Args.DryRun {
		return
	}
	targets := mk.call.Args.Targets
	if len(targets) == 0 {
		if mk.goal == "" {
			p.unknown(shell.Reason{Text: "the makefile has no target"})
			return
		}
		targets = []shell.Word{{Value: shell.Value{Text: mk.goal}}}
	}
	for _, t := range targets {
		if !t.Exact() {
			p.unknown(shell.Reason{At: t.At, Text: "the target of make is not known"})
			continue
		}
		p.target(t.Text, &scope{vars: mk.vars}, shell.Reason{})
	}
}

// PlanOf returns what make would run for one target, as far as the makefile does
// not look at MAKECMDGOALS.
func (mk *Makefile) PlanOf(target string) *Plan {
	one := *mk
	one.work = 0
	one.call.Args.Targets = []shell.Word{{Value: shell.Value{Text: target}}}
	return one.Plan()
}

// Targets returns the names of all explicit targets, sorted.
func (mk *Makefile) Targets() []string {
	return slices.Sorted(maps.Keys(mk.byTarget))
}

var tooComplex = shell.Reason{Text: "the makefile is too complex to be followed"}

func (p *planner) unknown(why shell.Reason) { p.plan.Unknown = append(p.plan.Unknown, why) }

// target adds the recipe of a target behind those of its prerequisites. It
// reports whether make surely remakes the target.
func (p *planner) target(name string, outer *scope, maybe shell.Reason) shell.Answer {
	name = strings.TrimPrefix(name, "./")
	if p.done[name] || slices.Contains(p.stack, name) {
		return shell.Maybe
	}
	if len(p.stack) > maxDepth || len(p.plan.Lines) > maxLines || p.mk.work > maxWork {
		p.unknown(tooComplex)
		return shell.Maybe
	}
	p.done[name] = true
	p.stack = append(p.stack, name)
	defer func() { p.stack = p.stack[:len(p.stack)-1] }()
	if strings.Contains(name, shell.Hole) {
		p.unknown(shell.Reason{Text: "the name of a prerequisite is not known"})
		return shell.Maybe
	}
	recipes := p.mk.recipesOf(name)
	if p.mk.work > maxWork {
		p.unknown(tooComplex)
		return shell.Maybe
	}
	if len(recipes) == 0 {
		return p.noRule(name)
	}
	s := p.scopeOf(name, outer)
	remade := shell.No
	for _, r := range recipes {
		remade = max(remade, p.recipe(r, s, maybe))
	}
	return remade
}

// noRule handles a target that no rule makes: a file of the repository or
// nothing make knows to do.
func (p *planner) noRule(name string) shell.Answer {
	if p.mk.phony[name] {
		return shell.Yes
	}
	switch p.mk.exists(name) {
	case shell.Yes:
		return shell.No
	case shell.No:
		if len(p.mk.unknown) == 0 {
			p.unknown(shell.Reason{Text: "no rule to make target '" + name + "'"})
		}
	}
	return shell.Maybe
}

// merged is a target with the prerequisites of all its rules and the recipe of
// one of them.
type merged struct {
	target, stem string
	prereqs      []string
	order        []string
	recipe       *rule
	maybe        *rule // a rule that is not certain
}

// recipesOf returns what is made for a target: one recipe, or several with
// double colons.
func (mk *Makefile) recipesOf(name string) []merged {
	rules := mk.byTarget[name]
	var doubles []merged
	one := merged{target: name}
	for _, r := range rules {
		if r.double {
			doubles = append(doubles, merged{target: name, stem: r.stem, prereqs: r.prereqs, order: r.order, recipe: r})
			continue
		}
		if r.maybe {
			one.maybe = r
		}
		if r.has {
			one.recipe, one.stem = r, r.stem
			one.prereqs = append(slices.Clone(r.prereqs), one.prereqs...)
		} else {
			one.prereqs = append(one.prereqs, r.prereqs...)
		}
		one.order = append(one.order, r.order...)
	}
	if len(doubles) > 0 {
		return doubles
	}
	if one.recipe == nil && !mk.phony[name] {
		if r, s := mk.patternFor(name, nil); r != nil {
			one.recipe, one.stem = r, s
			one.prereqs = append(substituteStem(r.prereqs, s), one.prereqs...)
			one.order = append(substituteStem(r.order, s), one.order...)
		}
	}
	if len(rules) == 0 && one.recipe == nil {
		return nil
	}
	return []merged{one}
}

// maxChain bounds how many pattern rules lead to one file.
const maxChain = 8

// patternFor returns the pattern rule make takes for a target: the one with
// the shortest stem of those whose prerequisites exist or can be made. No rule
// of the chain that it is to be a part of is taken again ("Chains of Implicit
// Rules" in the manual of GNU make).
func (mk *Makefile) patternFor(name string, chain []*rule) (*rule, string) {
	var best *rule
	bestStem := ""
	if len(chain) > maxChain {
		return nil, ""
	}
	for _, r := range mk.patterns {
		if mk.work++; mk.work > maxWork {
			return nil, ""
		}
		s, ok := patternStem(r, name)
		if !ok || s == "" || !r.has || best != nil && len(s) >= len(bestStem) || slices.Contains(chain, r) {
			continue
		}
		makeable := true
		for _, p := range substituteStem(r.prereqs, s) {
			makeable = makeable && (mk.exists(p) == shell.Yes || len(mk.byTarget[p]) > 0 || mk.phony[p] || mk.hasPattern(p, append(chain, r)))
		}
		if makeable {
			best, bestStem = r, s
		}
	}
	return best, bestStem
}

// patternStem returns what stands for the % of a rule in a name: a pattern
// without a slash is compared with the last element.
func patternStem(r *rule, name string) (string, bool) {
	if s, ok := stem(r.target, name); ok || strings.Contains(r.target, "/") {
		return s, ok
	}
	i := strings.LastIndexByte(name, '/') + 1
	s, ok := stem(r.target, name[i:])
	return name[:i] + s, ok
}

func (mk *Makefile) hasPattern(name string, chain []*rule) bool {
	r, _ := mk.patternFor(name, chain)
	return r != nil
}

// scopeOf returns the variables as the recipe of a target sees them: its own,
// those of patterns, those of the target that asks for it.
func (p *planner) scopeOf(name string, outer *scope) *scope {
	patterns := &scope{vars: map[string]*variable{}, outer: outer, own: true, parent: true}
	for _, pv := range p.mk.patternVarsFor(name) {
		p.mk.work += 16
		p.mk.assign(pv.a, patterns, fromFile)
		if pv.maybe {
			p.mk.uncertain(pv.a, patterns)
		}
	}
	return &scope{vars: p.mk.targetVars[name], outer: patterns, own: true}
}

// patternVarsFor returns the variables of the patterns that match, the least
// specific first.
func (mk *Makefile) patternVarsFor(name string) []patternVariable {
	var out []patternVariable
	for _, pv := range mk.patternVars {
		if strings.Contains(pv.target, shell.Hole) {
			if equal(pv.target, name) != shell.No {
				out = append(out, pv)
			}
		} else if s, ok := stem(pv.target, name); ok && s != "" {
			out = append(out, pv)
		}
	}
	slices.SortStableFunc(out, func(a, b patternVariable) int { return len(a.target) - len(b.target) })
	return out
}

// recipe adds the lines of one recipe.
func (p *planner) recipe(r merged, s *scope, maybe shell.Reason) shell.Answer {
	remade := shell.No
	if p.mk.phony[r.target] {
		remade = shell.Yes
	}
	if r.maybe != nil {
		maybe = shell.Reason{At: r.maybe.at, Text: "the rule depends on a condition that is not known"}
	}
	for _, name := range r.prereqs {
		remade = max(remade, p.target(name, s, maybe))
	}
	for _, name := range r.order {
		p.target(name, s, maybe)
	}
	switch {
	case remade == shell.Yes || p.mk.call.Args.Always:
		remade = shell.Yes
	case p.mk.exists(r.target) == shell.No:
		remade = shell.Yes
	case p.mk.exists(r.target) == shell.Yes && remade == shell.No && len(r.prereqs) == 0:
		return shell.No // up to date
	default:
		remade = shell.Maybe
	}
	if r.recipe == nil {
		return remade
	}
	if remade != shell.Yes && maybe.Text == "" {
		maybe = shell.Reason{At: r.recipe.at, Text: "the file " + r.target + " may be up to date"}
	}
	p.lines(r, p.automatic(r, s), maybe)
	return remade
}

// automatic returns the scope with the automatic variables.
func (p *planner) automatic(r merged, s *scope) *scope {
	vars := map[string]*variable{}
	set := func(name, text string) {
		vars[name] = &variable{name: name, text: text, origin: automatic}
		list := words(text)
		for suffix, function := range map[string]string{"D": "dir", "F": "notdir"} {
			parts := apply(list, func(w string) string {
				part := fileName(function, w)
				if suffix == "D" && len(part) > 1 {
					part = strings.TrimSuffix(part, "/")
				}
				return part
			})
			v := &variable{name: name + suffix, text: strings.Join(parts, " "), origin: automatic}
			if strings.Contains(text, shell.Hole) {
				v.text = shell.Hole
			}
			vars[v.name] = v
		}
	}
	unique := uniqueWords(r.prereqs)
	set("@", r.target)
	set("*", r.stem)
	set("<", strings.Join(r.prereqs[:min(1, len(r.prereqs))], " "))
	set("^", strings.Join(unique, " "))
	set("+", strings.Join(r.prereqs, " "))
	set("|", strings.Join(uniqueWords(r.order), " "))
	newer := shell.Reason{At: r.recipe.at, Text: "which prerequisites are newer is not known"}
	vars["?"] = &variable{name: "?", origin: automatic, lost: newer}
	if r.stem == "" {
		vars["*"].lost = shell.Reason{At: r.recipe.at, Text: "$* of a rule without a pattern is not followed"}
	}
	return &scope{vars: vars, outer: s}
}

func uniqueWords(list []string) []string {
	seen := map[string]bool{}
	return keep(list, func(w string) bool {
		had := seen[w]
		seen[w] = true
		return !had
	})
}

// lines expands the recipe and adds its lines.
func (p *planner) lines(r merged, s *scope, maybe shell.Reason) {
	p.mk.stops = shell.Reason{}
	env := p.environment(s)
	sh, flags := p.shellOf(s)
	base := Line{
		Target: r.target, Env: env, Dir: p.mk.dir, Shell: sh, Flags: flags, Conditional: maybe.Text != "", Why: maybe,
		Kept:         p.kept(s),
		Silent:       p.mk.call.Args.Silent || p.mk.special[".SILENT"] || p.mk.silent[r.target],
		IgnoreErrors: p.mk.call.Args.Ignore || p.mk.special[".IGNORE"] || p.mk.ignored[r.target],
	}
	if p.mk.special[".ONESHELL"] {
		p.oneShell(r, s, base)
		return
	}
	for _, raw := range r.recipe.recipe {
		x := p.mk.expander(s)
		text := x.joined(raw)
		p.mk.work += len(text.Text)
		for _, part := range splitLines(text) {
			line := base
			line.At, line.Uses = raw.Whole(), x.uses
			line.Always = strings.Contains(raw.Text, "$(MAKE)") || strings.Contains(raw.Text, "${MAKE}")
			line.Text = prefixes(part, &line)
			if strings.TrimSpace(line.Text.Text) == "" || len(p.plan.Lines) > maxLines {
				continue
			}
			p.plan.Lines = append(p.plan.Lines, p.ends(line))
		}
	}
}

// oneShell gives the whole recipe to one shell. The prefixes count on its
// first line; where the shell is a POSIX one they are taken off all lines.
func (p *planner) oneShell(r merged, s *scope, base Line) {
	x := p.mk.expander(s)
	all := &source.Joined{}
	for i, raw := range r.recipe.recipe {
		text := x.joined(raw)
		line := base
		stripped := prefixes(text, &line)
		if i == 0 {
			base.Silent, base.IgnoreErrors, base.Always = line.Silent, line.IgnoreErrors, line.Always
		}
		if i > 0 {
			all.AppendAs("\n", raw.Span(0, 0))
		}
		all.AppendJoined(stripped)
		p.mk.work += len(text.Text)
	}
	if len(r.recipe.recipe) == 0 || strings.TrimSpace(all.Text) == "" {
		return
	}
	base.Text, base.At, base.Uses = all, all.Whole(), x.uses
	p.plan.Lines = append(p.plan.Lines, p.ends(base))
}

// ends takes a line for uncertain if make may have stopped while it expanded the
// recipe up to it.
func (p *planner) ends(line Line) Line {
	if !line.Conditional && p.mk.stops.Text != "" {
		line.Conditional, line.Why = true, p.mk.stops
	}
	return line
}

// splitLines splits expanded text at the newlines that no backslash continues:
// those of a variable from define.
func splitLines(text *source.Joined) []*source.Joined {
	var out []*source.Joined
	for at := 0; at <= len(text.Text); {
		end := logicalEnd(text.Text, at)
		out = append(out, text.Slice(at, end))
		at = end + 1
	}
	return out
}

// prefixes takes @, - and + off the start of a line.
func prefixes(text *source.Joined, line *Line) *source.Joined {
	i := 0
	for ; i < len(text.Text); i++ {
		switch text.Text[i] {
		case '@':
			line.Silent = true
		case '-':
			line.IgnoreErrors = true
		case '+':
			line.Always = true
		case ' ', '\t':
		default:
			return text.Slice(i, len(text.Text))
		}
	}
	return &source.Joined{}
}

func (p *planner) shellOf(s *scope) (program, flags shell.Value) {
	value := func(name string) shell.Value {
		x := p.mk.expander(s)
		text := strings.TrimSpace(x.variable(name))
		return shell.Value{Text: text, At: s.get(name).at, Why: x.why}
	}
	return value("SHELL"), value(".SHELLFLAGS")
}

// environment is what make's target_environment builds.
func (p *planner) environment(s *scope) *shell.Env {
	env := p.mk.callEnv()
	vars := env.Vars()
	for name := range vars {
		if p.mk.vars[name] == nil { // the makefile undefines it
			vars[name] = shell.Var{}
		}
	}
	var names []string
	for level := s; level != nil; level = level.outer {
		names = slices.AppendSeq(names, maps.Keys(level.vars))
	}
	slices.Sort(names)
	names = slices.Compact(names)
	p.mk.work += 16 * len(names)
	for _, name := range names {
		if v, ok := p.export(name, s); ok {
			vars[name] = v
		}
	}
	vars["MAKELEVEL"] = shell.Anything(shell.Reason{Text: "make sets MAKELEVEL"})
	vars["MAKEFLAGS"] = shell.Var{}
	if flags := p.mk.makeFlags(); flags != "" {
		vars["MAKEFLAGS"] = shell.Var{Value: shell.Value{Text: flags}, Set: shell.Yes, Exported: shell.Yes}
	}
	rest := env.Rest()
	if rest.Set == shell.No && p.mk.rest.Text != "" {
		rest = shell.Anything(p.mk.rest)
	}
	return shell.EnvOf(vars, rest)
}

// hidden reports whether a private variable of a target around this one has
// the name. Versions of make differ in whether it is exported.
func (s *scope) hidden(name string) bool {
	inherited := false
	for ; s != nil; s = s.outer {
		if v := s.vars[name]; v != nil {
			return inherited && v.private
		}
		inherited = inherited || s.parent
	}
	return false
}

// export returns one variable as the recipe gets it, false where it is as in the
// environment of make: the innermost that is exported, even where one within it
// is not.
func (p *planner) export(name string, s *scope) (shell.Var, bool) {
	if s.hidden(name) {
		return shell.Anything(shell.Reason{Text: "versions of make differ in exporting private variables"}), true
	}
	if name == "SHELL" || name == "MAKEFLAGS" || name == "MAKELEVEL" {
		return shell.Var{}, false
	}
	for level := s; level != nil; level = level.outer {
		v := level.vars[name]
		if v == nil {
			continue
		}
		switch p.isExported(v) {
		case shell.Yes:
			value := shell.Value{Text: v.text, At: v.at, Why: v.why}
			if v.origin != environment && v.origin != environmentOverride {
				x := p.mk.expander(s)
				value.Text = x.valueIn(v, level.outer)
				value.Why = x.why
			}
			return shell.Var{Value: value, Set: shell.Yes, Exported: shell.Yes}, true
		case shell.Maybe:
			why := v.lost
			if why.Text == "" {
				why = shell.Reason{At: v.at, Text: "it is not known whether make exports the variable"}
			}
			return shell.Anything(why), true
		}
	}
	if env := p.mk.callEnv(); p.mk.rest.Text == "" && env.Rest().Set == shell.No && env.Get(name).Set == shell.No {
		return shell.Var{}, false // it is not there anyway: most variables are make's own
	}
	return shell.Var{}, true
}

func (p *planner) isExported(v *variable) shell.Answer {
	how := v.exported
	if global := p.mk.vars[v.name]; v.target && how == exportDefault && global != nil {
		how = global.exported
	}
	switch how {
	case exportYes:
		return shell.Yes
	case exportNo:
		return shell.No
	case exportMaybe:
		return shell.Maybe
	}
	fromCaller := v.origin == environment || v.origin == environmentOverride || v.origin == commandLine
	if v.origin == builtin || v.origin == automatic || !syntax.ValidName(v.name) || !fromCaller && !p.mk.exportAll {
		return shell.No
	}
	return shell.Yes
}
