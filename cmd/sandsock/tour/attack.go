package tour

import (
	"runtime"
	"strings"
	"time"

	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
)

// Attack is one stop of the tour.
type Attack struct {
	Name    string // of the plugin, without plugins.Gallery
	Defence string // the one that holds it, of wasmhost.DefenceNames; empty where it cannot be left out
	By      []Place

	file    string   // of the plugin, where it is not Name
	tries   string   // what it does, where the plugin's own words do not say
	conns   int      // connections; one where it is 0
	message string   // what the client sends: {address} and {port} are those of what must not be reached
	cut     bool     // the host stops it once it is connected
	connect []string // where it may connect
	resolve string   // a name it may look up
	ends    string   // the event that is its end where it is held
	harm    string   // what is seen without the defence, in words of Result.Harm
}

// Place is a function of the host's.
type Place struct{ File, Func string }

func (p Place) String() string { return p.File + ": " + p.Func }

// Refused is the event of a plugin that is not loaded, beside those of
// package wasmhost.
const Refused = "refused"

// Attacks are the stops in their order.
var Attacks = []Attack{
	{
		Name: "loop", Defence: "fuel", ends: wasmhost.EventStopped, harm: froze,
		By: []Place{{"wasmhost/meter/charge.go", "check"}, {"wasmhost/fuel.go", "settle"}},
	},
	{
		Name: "bomb", Defence: "fuel", ends: wasmhost.EventStopped, harm: froze,
		By: []Place{{"wasmhost/meter/stack.go", "checkBoth"}, {"wasmhost/fuel.go", "settle"}},
	},
	{
		Name: "bulk", Defence: "fuel", ends: wasmhost.EventStopped, harm: froze,
		By: []Place{{"wasmhost/meter/helper.go", "memoryFill"}, {"wasmhost/fuel.go", "settle"}},
	},
	{
		Name: "crowd", Defence: "turns", file: "loop", tries: "computes for ever, ten times for each processor", conns: 10 * runtime.NumCPU(),
		ends: wasmhost.EventStopped, harm: waited,
		By: []Place{{"wasmhost/turns.go", "take"}, {"wasmhost/fuel.go", "tick"}},
	},
	{
		Name: "recursion", Defence: "stack", ends: wasmhost.EventFailed, harm: grew,
		By: []Place{{"wasmhost/meter/stack.go", "enter"}, {"wasmhost/fuel.go", "tick"}},
	},
	{
		Name: "memory", Defence: "memory", ends: wasmhost.EventFailed, harm: died,
		By: []Place{{"wasmhost/limits.go", "pages"}, {"wasmhost/space.go", "room"}},
	},
	{
		Name: "table", Defence: "memory", ends: wasmhost.EventFailed, harm: died,
		By: []Place{{"wasmhost/meter/section.go", "tableSection"}},
	},
	{
		Name: "locals", Defence: "admission", ends: Refused, harm: died,
		By: []Place{{"wasmhost/module/code.go", "checkLocals"}},
	},
	{
		Name: "nested", Defence: "admission", ends: Refused, harm: compiles,
		By: []Place{{"wasmhost/module/check_control.go", "enter"}},
	},
	{
		Name: "index", Defence: "admission", ends: Refused, harm: grew,
		By: []Place{{"wasmhost/module/check_instruction.go", "global"}},
	},
	{
		Name: "descriptor", ends: wasmhost.EventFailed,
		By: []Place{{"wasmhost/table.go", "get"}},
	},
	{
		Name: "pointer", ends: wasmhost.EventFailed,
		By: []Place{{"wasmhost/memory.go", "bytes"}},
	},
	{
		Name: "connect", Defence: "grants", message: "{address}", ends: wasmhost.EventFailed, harm: through,
		By: []Place{{"wasmhost/address.go", "allow"}},
	},
	{
		Name: "spelled", Defence: "grants", message: "{port}", connect: []string{"127.0.0.2", "10.0.0.0/8"},
		ends: wasmhost.EventFailed, harm: through,
		By: []Place{{"wasmhost/address.go", "address"}, {"core/grant.go", "covers"}},
	},
	{
		Name: "rebind", Defence: "grants", message: "{port}", connect: []string{"127.0.0.2"}, resolve: rebinds,
		ends: wasmhost.EventFailed, harm: through,
		By: []Place{{"wasmhost/address.go", "address"}, {"wasmhost/address.go", "allow"}},
	},
	{
		Name: "flood", ends: wasmhost.EventClosed,
		By: []Place{{"wasmhost/output.go", "escape"}, {"wasmhost/lograte.go", "drop"}},
	},
	{
		Name: "trap", conns: 20, ends: wasmhost.EventFailed,
		By: []Place{{"wasmhost/guest.go", "serve"}, {"wasmhost/quarantine.go", "trapped"}},
	},
	{
		Name: "late", Defence: "cancel", cut: true, ends: wasmhost.EventStopped, harm: wentOn,
		By: []Place{{"wasmhost/call.go", "check"}},
	},
}

// What can be seen of an attack that was not held.
const (
	froze    = "the host froze"
	waited   = "the bystander waited"
	grew     = "the process grew"
	died     = "the process died"
	compiles = "the compiler was at work"
	through  = "the connection went through"
	wentOn   = "it went on after it was stopped"
	leaked   = "it got bytes that are not its own"
	forged   = "it wrote to the terminal itself"
	cutOff   = "the bystander was cut off"
	endless  = "it did not end"
)

// Find returns the attack of a name.
func Find(name string) (Attack, bool) {
	for _, a := range Attacks {
		if a.Name == name {
			return a, true
		}
	}
	return Attack{}, false
}

// Tries says what the attack does.
func (a Attack) Tries() string {
	if a.tries != "" {
		return a.tries
	}
	return plugins.Tries(a.Plugin())
}

// Plugin is the bundled plugin that attacks.
func (a Attack) Plugin() string {
	if a.file != "" {
		return plugins.Gallery + a.file
	}
	return plugins.Gallery + a.Name
}

func (a Attack) connections() int { return max(a.conns, 1) }

// limits make an attack short.
func (a Attack) limits() wasmhost.Limits {
	return wasmhost.Limits{
		Memory: 16 << 20, Stack: 1 << 20, FuelBetween: 200_000_000,
		FirstByte: time.Minute, Idle: time.Minute,
	}
}

// says fills in what a client sends.
func (a Attack) says(address string) string {
	port := address[strings.LastIndexByte(address, ':'):]
	return strings.NewReplacer("{address}", address, "{port}", port).Replace(a.message)
}
