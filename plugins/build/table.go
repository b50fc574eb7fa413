package main

// plugin is one file of plugins/bin and what it is built from.
type plugin struct {
	name    string // of the file, without .wasm
	source  string // from the repository's root: a .wat file, or the folder of a Go command
	program bool   // exports _start instead of handle; Go only
	invalid bool   // is not checked by wat2wasm, which would refuse it
}

// bundled is every plugin the command carries.
var bundled = []plugin{
	{name: "upper", source: "plugins/upper/upper.wat"},
	{name: "upper-go", source: "plugins/upper/go"},
	{name: "echo", source: "plugins/echo"},
	{name: "notes-client", source: "plugins/notes/client", program: true},
	{name: "notes-server", source: "plugins/notes/server", program: true},

	attack("loop"), attack("bomb"), attack("bulk"), attack("recursion"), attack("memory"), attack("table"),
	attack("locals"), attack("descriptor"), attack("pointer"), attack("connect"), attack("spelled"),
	attack("rebind"), attack("flood"), attack("trap"), attack("late"),
	{name: "misbehave/index", source: "plugins/misbehave/index.wat", invalid: true},
}

// attack is a file of the gallery.
func attack(name string) plugin {
	return plugin{name: "misbehave/" + name, source: "plugins/misbehave/" + name + ".wat"}
}
