package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"sync"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/wasmhost"
)

// journal tells what happens on the routes: for people on standard error, or
// as JSON on standard output. Its methods may be called from any goroutine, and
// do not wait for whoever reads: close it.
type journal struct {
	voice  *voice
	asJSON bool
	outlet *outlet

	mu        sync.Mutex // of what follows, and so that lines stay whole
	places    map[string]place
	count     int    // of routes
	first     string // name of the first route
	begun     bool   // all that there were at first
	serving   int    // routes that do
	draining  int    // routes that do
	open      int    // connections that go on while they drain
	ended     int    // connections
	failed    int    // of them
	stopped   int    // of them
	in, outTo int64  // bytes
}

// place is where a route listens.
type place struct {
	typ     core.Type
	address netip.AddrPort
	gone    bool // from the plan: it drains while others serve
}

func newJournal(v *voice, asJSON bool, routes int) *journal {
	j := &journal{voice: v, asJSON: asJSON, count: routes, places: map[string]place{}}
	if asJSON {
		j.outlet = newOutlet(v.out, func(n int64) string {
			return jsonLine(wasmhost.Report{Event: wasmhost.EventTrouble, Error: notWritten(n)})
		})
	} else {
		j.outlet = newOutlet(v.talk, func(n int64) string { return v.onTalk.bad(notWritten(n)) + "\n" })
	}
	return j
}

func notWritten(n int64) string {
	return plural(n, "line") + " more came than were read, and are not here"
}

func jsonLine(r wasmhost.Report) string {
	line, _ := json.Marshal(r) // a Report always can be
	return string(line) + "\n"
}

func (j *journal) say(format string, args ...any) {
	j.outlet.add(fmt.Sprintf(format+"\n", args...))
}

// close waits until all is written. Where nobody reads, nothing more is said.
func (j *journal) close() {
	if !j.outlet.close() {
		j.voice.talk = io.Discard
	}
}

// add tells the journal of a route before it serves.
func (j *journal) add(name string, typ core.Type, address netip.AddrPort) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.first == "" {
		j.first = name
	}
	if j.begun {
		j.count++
	}
	j.places[name] = place{typ: typ, address: address}
}

// remove tells the journal that a route drains, and the others go on.
func (j *journal) remove(name string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	at := j.places[name]
	at.gone = true
	j.places[name] = at
	j.count--
	j.serving--
}

// left tells the journal of connections of routes that are gone, before the
// others drain.
func (j *journal) left(connections int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.open += connections
}

// report is told by the host.
func (j *journal) report(r wasmhost.Report) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.neverBegun(r) {
		return
	}
	j.tally(r)
	if j.asJSON {
		j.outlet.add(jsonLine(r))
		return
	}
	switch r.Event {
	case wasmhost.EventServing:
		j.sayServing(r)
	case wasmhost.EventDraining:
		j.sayDraining(r)
	case wasmhost.EventDrained, wasmhost.EventRetired:
	default:
		j.say("%s%s", j.subject(r), j.happened(r))
	}
}

// neverBegun reports whether it is the end of a route that was made ready and
// given up before it served.
func (j *journal) neverBegun(r wasmhost.Report) bool {
	_, told := j.places[r.Route]
	return !told && (r.Event == wasmhost.EventDraining || r.Event == wasmhost.EventDrained)
}

// tally counts for the lines that sum up.
func (j *journal) tally(r wasmhost.Report) {
	j.in += r.Received
	j.outTo += r.Sent
	switch r.Event {
	case wasmhost.EventServing:
		j.serving++
	case wasmhost.EventDraining:
		if !j.places[r.Route].gone {
			j.draining++
			j.open += r.Open
		}
	case wasmhost.EventClosed:
		j.ended++
	case wasmhost.EventFailed:
		j.ended++
		j.failed++
	case wasmhost.EventStopped:
		j.ended++
		j.stopped++
	}
}

func (j *journal) sayServing(r wasmhost.Report) {
	at := j.places[r.Route]
	line := "serving " + printable(r.Handler) + " on " + core.PyAddress(at.address)
	if at.typ == core.SOCK_DGRAM {
		line += " udp"
	}
	j.say("%s", line)
	if j.serving == j.count && !j.begun {
		j.begun = true
		j.say("try: %s", j.voice.onTalk.name(talkTo(j.places[j.first])))
	}
}

func talkTo(at place) string {
	if at.typ == core.SOCK_DGRAM {
		return "sandsock talk " + typed(at.address) + " --udp"
	}
	return "sandsock talk " + typed(at.address)
}

func (j *journal) sayDraining(r wasmhost.Report) {
	if j.places[r.Route].gone {
		text := r.Route + " is gone"
		if r.Open > 0 {
			text += "; " + plural(r.Open, "connection") + " of it go on"
		}
		j.say("%s", text)
		return
	}
	if j.draining == j.count && j.open > 0 {
		j.say("draining %s (again to cut)", plural(j.open, "connection"))
	}
}

// subject begins a line with its connection, and with the route where there
// are several.
func (j *journal) subject(r wasmhost.Report) string {
	subject := ""
	if max(j.count, len(j.places)) > 1 && r.Route != "" {
		subject = r.Route + " "
	}
	if r.Conn > 0 {
		subject += fmt.Sprintf("#%d ", r.Conn)
	}
	return subject
}

// happened is the rest of a line.
func (j *journal) happened(r wasmhost.Report) string {
	p := j.voice.onTalk
	switch r.Event {
	case wasmhost.EventConnected:
		if !r.Peer.IsValid() {
			return "called for a datagram"
		}
		return core.PyAddress(r.Peer) + " connected" + versionText(r)
	case wasmhost.EventOutput:
		return "| " + r.Text
	case wasmhost.EventDenied:
		return p.bad(deniedText(r))
	case wasmhost.EventClosed:
		return "closed: " + moved(r)
	case wasmhost.EventFailed:
		return p.bad("failed: " + r.Error + "; " + moved(r) + stackText(r.Stack))
	case wasmhost.EventStopped:
		return p.bad("stopped: " + stopReason(r) + moved(r))
	case wasmhost.EventWarning:
		return "warning: " + printable(r.Handler) + " " + r.Error
	case wasmhost.EventSwapped:
		return j.swapped(r)
	case wasmhost.EventRefused:
		return p.bad(printable(r.Handler) + " is not swapped, version " + strconv.FormatInt(r.Version, 10) + " serves on: " + r.Error)
	case wasmhost.EventTrouble:
		return p.bad(r.Error)
	case eventConfigured, eventHealed, eventTookOver, eventHandedOver:
		return r.Text
	}
	return r.Event
}

// swapped says what serves now, and why where nobody asked for it.
func (j *journal) swapped(r wasmhost.Report) string {
	text := fmt.Sprintf("swapped in %s: version %d, %s", milliseconds(r.Took), r.Version, printable(r.Handler))
	if r.Open > 0 {
		text += "; " + plural(r.Open, "connection") + " of the old go on"
	}
	if r.Error != "" {
		return j.voice.onTalk.bad(r.Error + "; " + text)
	}
	return text
}

// versionText is empty for the first version: most routes have no other.
func versionText(r wasmhost.Report) string {
	if r.Version < 2 {
		return ""
	}
	return ", version " + strconv.FormatInt(r.Version, 10)
}

func moved(r wasmhost.Report) string {
	return fmt.Sprintf("%s in, %s out, %s", size(r.Received), size(r.Sent), milliseconds(r.Took))
}

// stopReason is the limit that was reached; empty where there was none.
func stopReason(r wasmhost.Report) string {
	if r.Error == "" {
		return ""
	}
	return r.Error + "; "
}

// deniedText says what was refused, and the flag that would allow it.
func deniedText(r wasmhost.Report) string {
	if r.Allow == "" {
		return "denied: more than is shown here"
	}
	return fmt.Sprintf("denied: %s(%s), to allow it: %s", r.Call, r.Address, r.Allow)
}

// stackText is a line below with the innermost functions, empty without any.
func stackText(stack []string) string {
	const most = 5
	if len(stack) == 0 {
		return ""
	}
	names := make([]string, min(len(stack), most))
	for i := range names {
		names[i] = printable(stack[i])
	}
	text := "\n    in " + strings.Join(names, ", called by ")
	if more := len(stack) - most; more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return text
}

// done is the last line.
func (j *journal) done() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.asJSON {
		return
	}
	line := "done: " + plural(j.ended, "connection")
	if j.failed > 0 {
		line += fmt.Sprintf(", %d failed", j.failed)
	}
	if j.stopped > 0 {
		line += fmt.Sprintf(", %d stopped", j.stopped)
	}
	j.say("%s, %s in, %s out", line, size(j.in), size(j.outTo))
}
