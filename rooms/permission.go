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

// The table of who may do what is brought by the parts, a row for each command, in the order of Roles. A command that is not in it
// is nobody's.

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
