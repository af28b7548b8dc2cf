package buildplan

import "github.com/goseaworthy/seaworthy/internal/model/commands"

// work is what may be spent on one plan, or on all machines of one kind outside
// of images:
// files call one another, and copy from one another, in more ways than anyone
// can follow. Where it is used up, what is not followed is unknown.
type work struct {
	visits   *limit
	commands *commands.Budget
}

// planWork returns what may be spent on one of n plans, which is less where
// there are very many. Of 700 real plans none needed more than 23,000 visits
// and 1,500 commands.
func planWork(n int) work {
	return newWork(min(2_000_000, max(200_000_000/n, 100_000)), min(20_000, max(2_000_000/n, 4_000)))
}

// outsideWork returns what may be spent on workflows, makefiles, scripts or
// releases. Of 100 real
// repositories none needed more than 280,000 visits and 180,000 commands.
func outsideWork() work { return newWork(3_000_000, 400_000) }

func newWork(visits, n int) work {
	return work{visits: &limit{visits: visits}, commands: commands.NewBudget(n)}
}

// bottom returns the tree of an image without further layers.
func (p *Plan) bottom(l layer) *Tree {
	t := (*Tree)(nil).add(l)
	t.limit = p.work.visits
	return t
}
