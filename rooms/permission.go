package rooms

// Right says on what a role may use a command.
type Right uint8

const (
	___ Right = iota // never
	yes              // on anything it may see
	own              // on a question it asked itself
	its              // on a question of its own site
)

func (r Right) String() string { return [...]string{"never", "always", "own", "site"}[r] }

// Ever tells whether the role may use the command at all.
func (r Right) Ever() bool { return r != ___ }

// permissions is who may do what. A command that is not here is nobody's.
var permissions = map[CommandName][8]Right{
	//                 sys  med  mod  ani  scr  pos  vie  coo
	"create-room":    {yes, ___, ___, ___, ___, ___, ___, ___},
	"add-site":       {yes, ___, ___, ___, ___, ___, ___, ___},
	"issue-link":     {yes, ___, ___, ___, ___, ___, ___, ___},
	"revoke-link":    {yes, ___, ___, ___, ___, ___, ___, ___},
	"erase-note":     {yes, ___, ___, ___, ___, ___, ___, ___},
	"erase-question": {yes, ___, ___, ___, ___, ___, ___, ___},
	"tick":           {yes, ___, ___, ___, ___, ___, ___, ___},

	"source-up":   {yes, yes, ___, ___, ___, ___, ___, ___},
	"source-down": {yes, yes, ___, ___, ___, ___, ___, ___},
	"take-air":    {___, yes, ___, ___, ___, ___, ___, ___},

	"open-doors": {yes, yes, yes, ___, ___, ___, ___, ___},
	"go-on-air":  {___, yes, ___, ___, ___, ___, ___, ___},
	"pause":      {___, yes, ___, ___, ___, ___, ___, ___},
	"resume":     {___, yes, ___, ___, ___, ___, ___, ___},
	"end":        {yes, yes, ___, ___, ___, ___, ___, ___},

	"ask":      {___, ___, ___, yes, ___, yes, yes, ___},
	"relay":    {___, ___, ___, its, ___, ___, ___, ___},
	"rephrase": {___, ___, ___, its, ___, ___, ___, ___},
	"withdraw": {___, ___, ___, its, ___, own, own, ___},

	"approve": {___, yes, yes, ___, ___, ___, ___, ___},
	"take":    {___, yes, ___, ___, ___, ___, ___, ___},
	"answer":  {___, yes, yes, its, ___, ___, ___, ___},
	"later":   {___, yes, yes, ___, ___, ___, ___, ___},
	"decline": {___, yes, yes, its, ___, ___, ___, ___},
	"merge":   {___, yes, yes, ___, ___, ___, ___, ___},
	"reopen":  {___, yes, yes, its, ___, ___, ___, ___},
}

// May tells what a role may do with a command; unknown roles and commands may nothing.
func May(role Role, c CommandName) Right {
	for i, known := range Roles() {
		if known == role {
			return permissions[c][i]
		}
	}
	return ___
}

// Permissions is the whole table, for pages and tests: a copy.
func Permissions() map[CommandName]map[Role]Right {
	table := make(map[CommandName]map[Role]Right, len(permissions))
	for c, row := range permissions {
		table[c] = make(map[Role]Right, len(row))
		for i, role := range Roles() {
			table[c][role] = row[i]
		}
	}
	return table
}
