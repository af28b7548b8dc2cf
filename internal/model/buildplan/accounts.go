package buildplan

import (
	"slices"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// Account is a user or group that a command or a copied file adds.
type Account struct {
	Name  string // "" for any: a copied /etc/passwd
	ID    string // its number; "" where the command gives none, or one that is not known
	Group bool
	Maybe bool // in a branch that may not be taken
	At    source.Span
}

// accountEffects are the commands that add and remove users and groups:
// busybox, adduser of Debian, and shadow.
var accountEffects = map[string]func(*Stage, *Command){
	"adduser": addsUser, "addgroup": addsGroup, "useradd": usesAdd, "groupadd": groupsAdd,
	"usermod": renames, "groupmod": renames, "newusers": anyAccount, "vipw": anyAccount,
	"deluser": dropsAccount, "userdel": dropsAccount, "delgroup": dropsAccount, "groupdel": dropsAccount,
}

// adds notes one account.
func (st *Stage) adds(c *Command, name, id shell.Word, group bool) {
	a := Account{Group: group, Maybe: c.Conditional, At: c.At}
	if name.Exact() {
		a.Name = name.Text
	}
	if id.Exact() {
		a.ID = id.Text
	}
	st.Accounts = append(st.Accounts, a)
}

func anyAccount(st *Stage, c *Command) {
	st.adds(c, shell.Word{}, shell.Word{}, false)
	st.adds(c, shell.Word{}, shell.Word{}, true)
}

// addsUser handles adduser of busybox, "adduser -D -u 1000 -G group name", and
// of Debian, "adduser --system --group name". With a second operand both add
// the user to a group that is there.
func addsUser(st *Stage, c *Command) {
	o := c.getopt(`h g s G u k home gecos shell ingroup uid skel gid comment conf firstuid lastuid firstgid lastgid add_extra_groups`)
	if len(o.operands) == 0 || !o.known() && len(o.operands) > 1 {
		anyAccount(st, c)
		return
	}
	if len(o.operands) > 1 {
		return
	}
	name := o.operands[0]
	id, _ := o.value("u", "uid")
	_, into := o.value("G", "ingroup", "gid")
	switch {
	case o.has("group") && !o.has("system") || o.has("addgroup"):
		gid, _ := o.value("gid")
		st.adds(c, name, gid, true)
		return
	case o.has("group"):
		st.adds(c, name, id, true)
	case !into && !o.has("system"):
		st.adds(c, name, id, true) // of its own name
	}
	st.adds(c, name, id, false)
}

// addsGroup handles addgroup. Of two operands the first is a user that is put
// into a group that is there.
func addsGroup(st *Stage, c *Command) {
	o := c.getopt("g gid conf firstgid lastgid")
	switch id, _ := o.value("g", "gid"); {
	case len(o.operands) == 1:
		st.adds(c, o.operands[0], id, true)
	case !o.known() || len(o.operands) == 0:
		st.adds(c, shell.Word{}, id, true)
	}
}

// usesAdd handles useradd of shadow, which adds a group of the user's name
// unless it is told one.
func usesAdd(st *Stage, c *Command) {
	o := c.getopt(`b base-dir c comment d home-dir e expiredate f inactive g gid G groups k skel K key p password R root P prefix
		s shell u uid Z selinux-user`)
	if o.has("D", "defaults") {
		return
	}
	if len(o.operands) != 1 {
		anyAccount(st, c)
		return
	}
	id, _ := o.value("u", "uid")
	if !o.has("g", "gid", "N", "no-user-group") {
		st.adds(c, o.operands[0], id, true)
	}
	st.adds(c, o.operands[0], id, false)
}

func groupsAdd(st *Stage, c *Command) {
	o := c.getopt("g gid K key p password R root P prefix U users")
	id, _ := o.value("g", "gid")
	if len(o.operands) != 1 {
		st.adds(c, shell.Word{}, id, true)
		return
	}
	st.adds(c, o.operands[0], id, true)
}

// renames handles usermod -l and groupmod -n. The old name is kept: whoever
// uses it is not told that it is gone.
func renames(st *Stage, c *Command) {
	o := c.getopt(`c comment d home e expiredate f inactive g gid G groups l login n new-name p password R root P prefix s shell u uid
		v del-subuids V add-subuids w del-subgids W add-subgids Z selinux-user U users`)
	id, _ := o.value("u", "uid", "g", "gid")
	if name, ok := o.value("l", "login"); ok {
		st.adds(c, name, id, false)
	}
	if name, ok := o.value("n", "new-name"); ok {
		st.adds(c, name, id, true)
	}
}

// dropsAccount handles the commands that remove accounts: those that commands
// added are forgotten.
func dropsAccount(st *Stage, c *Command) {
	o := c.getopt("R root P prefix group conf backup-to")
	if c.Conditional || len(o.operands) != 1 || !o.operands[0].Exact() {
		return
	}
	group := c.Words[0].Text == "delgroup" || c.Words[0].Text == "groupdel"
	st.Accounts = slices.DeleteFunc(slices.Clone(st.Accounts), func(a Account) bool {
		return a.Name == o.operands[0].Text && a.Group == group
	})
}

// passwd notes that the users or groups of the stage are those of a file that
// is not read, if the last layer of its files put one there.
func (st *Stage) passwd(note fact.Note) {
	for _, file := range []struct {
		path  string
		group bool
	}{{"/etc/passwd", false}, {"/etc/group", true}} {
		budget, s := maxVisits, &search{path: file.path}
		if _, decided := st.Tree.ask(s, &budget); decided || s.maybe {
			st.Accounts = append(st.Accounts, Account{Group: file.group, At: note.At})
		}
	}
}
