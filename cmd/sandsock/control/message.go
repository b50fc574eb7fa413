package control

import "time"

// Request is what is asked.
type Request struct {
	Do    string `json:"do"`              // one of the constants below
	Route string `json:"route,omitempty"` // of swap and rollback: its name, or how its address is typed
	File  string `json:"file,omitempty"`  // of swap: an absolute path, or a bundled plugin's name
	PID   int    `json:"pid,omitempty"`   // of takeover: the process that will
	Took  []int  `json:"took,omitempty"`  // of ready: which of the sockets it has a use for, from 0
}

// What can be asked.
const (
	DoStatus   = "status"
	DoSwap     = "swap"
	DoRollback = "rollback"
	DoDrain    = "drain"
	DoCut      = "cut"      // as drain, and connections are stopped that are left
	DoTakeover = "takeover" // all three on one connection
	DoReady    = "ready"
	DoCommit   = "commit"
)

// Answer is one line of an answer: one of its fields; of commit, Before as well.
type Answer struct {
	Status   *Status   `json:"status,omitempty"`
	Version  *Version  `json:"version,omitempty"`  // what serves from now on
	Draining *int      `json:"draining,omitempty"` // connections that go on
	Before   []Before  `json:"before,omitempty"`   // of commit: who drains from now on, itself first
	Ended    bool      `json:"ended,omitempty"`    // the drain has: nothing is served any more; of ready and commit, too
	Handover *Handover `json:"handover,omitempty"`
	Waiting  bool      `json:"waiting,omitempty"` // for the commit
	Error    *Failure  `json:"error,omitempty"`

	// Descriptors go with the answer's first byte: those of a Handover. What is
	// sent stays the server's, what comes is the client's.
	Descriptors []int `json:"-"`
}

// Handover is what a server hands to its successor.
type Handover struct {
	PID     int      `json:"pid"`
	Sockets []Socket `json:"sockets"` // in the order of the descriptors

	// Restarted says that whoever started the server starts it again, on these
	// sockets, should it die.
	Restarted bool `json:"restarted,omitempty"`
}

// Socket is one that is handed over.
type Socket struct {
	Name    string `json:"name"`             // tcp://localhost:0 as it was typed, or metrics://localhost:0
	Address string `json:"address"`          // that it has
	Shared  bool   `json:"shared,omitempty"` // whoever started the server keeps it, too
}

// Failure says why something was not done. It is an error.
type Failure struct {
	Text   string `json:"text"` // one sentence
	Detail string `json:"detail,omitempty"`
	Next   string `json:"next,omitempty"` // what to try
	Code   int    `json:"code"`           // to exit with
}

func (f *Failure) Error() string { return f.Text }

// Status is how a server stands.
type Status struct {
	PID       int       `json:"pid"`
	Began     time.Time `json:"began"`
	Draining  bool      `json:"draining"`
	Instances int64     `json:"instances"`        // of handlers, and of snapshots that are kept ready
	Memory    int64     `json:"memory"`           // bytes they have together
	Plugins   int       `json:"plugins"`          // whose compiled code is in memory
	Before    []Before  `json:"before,omitempty"` // whom it succeeded, while they drain
	Routes    []Route   `json:"routes"`           // of the plan, and then those that are gone from it
}

// Before is a process that was succeeded and drains.
type Before struct {
	PID     int    `json:"pid"`
	Control string `json:"control"` // the path of the socket on which it answers
}

// Route is how a route stands. What is a count is since it began to serve.
type Route struct {
	Name      string    `json:"name"`
	Draining  bool      `json:"draining"`
	Gone      int       `json:"gone,omitempty"` // not 0: it left the plan, as the first, the second, ..., and is here to its last connection
	Versions  []Version `json:"versions"`       // the first gets what comes; the others still have connections
	Open      int       `json:"open"`           // connections
	Instances int       `json:"instances"`      // handlers at work

	Connections  int64 `json:"connections"`
	Closed       int64 `json:"closed"`   // of them: the handler returned 0
	Failed       int64 `json:"failed"`   // of them: it trapped, returned an error or could not start
	Traps        int64 `json:"traps"`    // of those that failed
	Stopped      int64 `json:"stopped"`  // of them: the host ended it
	Refused      int64 `json:"refused"`  // closed as they came
	Received     int64 `json:"received"` // bytes, and so is Sent
	Sent         int64 `json:"sent"`
	Fuel         int64 `json:"fuel"` // instructions, of connections that are over
	Swaps        int64 `json:"swaps"`
	SwapsRefused int64 `json:"swaps_refused"`

	// LastRefused is why the last swap was, until one is done.
	LastRefused string `json:"last_refused,omitempty"`
}

// Version is one handler of a route.
type Version struct {
	Number  int64  `json:"number"`
	Handler string `json:"handler"`
	Digest  string `json:"digest"` // SHA-256 of its file
	Open    int    `json:"open"`   // connections that are served by it
	Aside   bool   `json:"aside,omitempty"`
}

// Open is how many connections there are.
func (s *Status) Open() (n int) {
	for _, r := range s.Routes {
		n += r.Open
	}
	return n
}
