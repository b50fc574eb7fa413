package wasmhost

// Defences is a set of what the sandbox does against plugins that attack. A
// host has them all. One is left out, by [Config.Without], only to show in a
// process of its own what would happen: never where a stranger's plugin runs.
type Defences uint32

// The defences.
const (
	// DefenceAdmission bounds what a file may cost the compiler, before it is
	// compiled.
	DefenceAdmission Defences = 1 << iota
	// DefenceFuel counts instructions, and takes the processor back.
	DefenceFuel
	// DefenceTurns keeps a processor free of guests that compute.
	DefenceTurns
	// DefenceStack bounds how deep calls go.
	DefenceStack
	// DefenceMemory bounds memories and tables.
	DefenceMemory
	// DefenceGrants checks every address.
	DefenceGrants
	// DefenceCancel ends a host call of a guest that was stopped with a trap.
	DefenceCancel
	// DefenceQuarantine sets a handler aside that traps again and again.
	DefenceQuarantine
)

// defences are their names, for people.
var defences = []struct {
	Defences
	name string
}{
	{DefenceAdmission, "admission"},
	{DefenceFuel, "fuel"},
	{DefenceTurns, "turns"},
	{DefenceStack, "stack"},
	{DefenceMemory, "memory"},
	{DefenceGrants, "grants"},
	{DefenceCancel, "cancel"},
	{DefenceQuarantine, "quarantine"},
}

// DefenceNames returns the names that [FindDefence] knows.
func DefenceNames() (names []string) {
	for _, d := range defences {
		names = append(names, d.name)
	}
	return names
}

// FindDefence returns the defence of a name; 0 where there is none.
func FindDefence(name string) Defences {
	for _, d := range defences {
		if d.name == name {
			return d.Defences
		}
	}
	return 0
}

// has reports whether the host does without a defence.
func (d Defences) has(one Defences) bool { return d&one != 0 }
