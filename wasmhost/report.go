package wasmhost

import (
	"net/netip"
	"time"
)

// Report is one thing that happened, for the operator's log. The fields an
// event has no use for are zero; an ending is closed, failed or stopped. Its
// JSON form is what the command prints.
type Report struct {
	Event   string `json:"event"`             // one of the Event constants
	Route   string `json:"route,omitempty"`   // tcp://127.0.0.1:6565
	Handler string `json:"handler,omitempty"` // the plugin's name
	Version int64  `json:"version,omitempty"` // of the route's handler: see [Version]
	Digest  string `json:"digest,omitempty"`  // of its file
	Conn    int64  `json:"conn,omitempty"`    // number of the connection on its route, from 1

	Peer     netip.AddrPort `json:"peer,omitzero"`
	Text     string         `json:"text,omitempty"`     // of output, escaped: no control characters
	Call     string         `json:"call,omitempty"`     // of denied: the call that was refused
	Address  string         `json:"address,omitempty"`  // of denied: what it wanted; empty in the last of a guest, which stands for all after
	Allow    string         `json:"allow,omitempty"`    // of denied: the flag that would allow it, quoted for a shell
	Error    string         `json:"error,omitempty"`    // one line
	Stack    []string       `json:"stack,omitempty"`    // the guest's functions, innermost first
	Took     time.Duration  `json:"took_ns,omitempty"`  // of an ending; of swapped: to load it, where that was for the swap, and to initialize it
	Received int64          `json:"received,omitempty"` // bytes, of an ending
	Sent     int64          `json:"sent,omitempty"`     // bytes, of an ending
	Exit     int            `json:"exit,omitempty"`     // code, of a program's ending
	Fuel     int64          `json:"fuel,omitempty"`     // instructions, of an ending
	Open     int            `json:"open,omitempty"`     // of draining: connections that go on; of swapped: with older versions
}

// The events.
const (
	EventServing   = "serving"   // a route accepts connections
	EventConnected = "connected" // a connection has its instance
	EventOutput    = "output"    // a line the guest printed
	EventDenied    = "denied"    // a call was refused for want of a grant
	EventClosed    = "closed"    // the handler returned 0 and the connection is closed, or a program ended
	EventFailed    = "failed"    // the handler trapped, returned an error or could not start
	EventStopped   = "stopped"   // the host ended the handler, at a limit where Error is set
	EventDraining  = "draining"  // a route accepts no more
	EventDrained   = "drained"   // the last connection of a draining route is gone
	EventWarning   = "warning"   // the plugin does what its author may not mean: see Error
	EventSwapped   = "swapped"   // what comes gets another version, for the reason in Error where nobody asked for it
	EventRetired   = "retired"   // the last connection of an old version is gone, and nothing of it is left
	EventRefused   = "refused"   // what was to be swapped in is no handler that can serve: nothing changed
	EventTrouble   = "trouble"   // the route or the host met an error and goes on
)
