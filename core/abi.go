package core

// Module is the import module of the guest contract, and Version the
// contract's version that it stands for.
const (
	Module  = "socket"
	Version = 1
)

// ParamKind says what one parameter of a guest call is. All but Seconds are
// an i32 in WebAssembly.
type ParamKind uint8

// The kinds of parameters.
const (
	FD      ParamKind = iota // a descriptor of the guest's own
	Int                      // a plain number
	Seconds                  // an f64 of seconds
	In                       // pointer to bytes the host reads; a Len follows
	Out                      // pointer to room the host writes; a Len follows
	InOut                    // pointer to poll entries, read and written; a Count follows
	OutLen                   // pointer to a u32 the host writes, 0 where not wanted
	Len                      // bytes behind the pointer before it
	Count                    // entries of 8 bytes behind the pointer before it
)

// Param is one parameter of a guest call.
type Param struct {
	Name string
	Kind ParamKind
}

// Call is one function a guest may import from [Module]. Every call returns
// an i32, 0 or more for success and minus an [Errno] for an error, but the
// one whose Float is set, which returns an f64.
type Call struct {
	Name    string
	Params  []Param
	Float   bool   // returns an f64: NaN where others return an error
	Address bool   // takes an address or a name, and so passes the grants
	Early   bool   // may be called while the guest initializes; others are EPERM
	Result  string // what a success returns
	Doc     string // one sentence
}

// Calls is version 1 of the guest contract. Compiled plugins depend on it:
// calls are added at the end, and nothing here changes.
var Calls = []Call{
	{Name: "socket", Params: []Param{{"family", Int}, {"type", Int}, {"proto", Int}},
		Result: "the descriptor", Doc: "makes an unbound socket that blocks"},
	{Name: "bind", Params: []Param{{"fd", FD}, {"addr", In}, {"addr_len", Len}}, Address: true,
		Result: "0", Doc: "gives the socket its own address"},
	{Name: "listen", Params: []Param{{"fd", FD}, {"backlog", Int}}, Address: true,
		Result: "0", Doc: "lets a stream socket accept connections; the backlog goes to the system as it is"},
	{Name: "accept", Params: []Param{{"fd", FD}, {"addr_buf", Out}, {"addr_cap", Len}, {"addr_len_ptr", OutLen}},
		Result: "the descriptor of the connection", Doc: "waits for a connection"},
	{Name: "connect", Params: []Param{{"fd", FD}, {"addr", In}, {"addr_len", Len}}, Address: true,
		Result: "0", Doc: "connects to an address"},
	{Name: "connect_ex", Params: []Param{{"fd", FD}, {"addr", In}, {"addr_len", Len}}, Address: true,
		Result: "0", Doc: "connects as Python's connect_ex does: the socket's own timeout is EAGAIN"},
	{Name: "recv", Params: []Param{{"fd", FD}, {"buf", Out}, {"len", Len}, {"flags", Int}},
		Result: "bytes received, 0 at the end of the stream", Doc: "reads what is there, and waits where nothing is"},
	{Name: "recvfrom", Params: []Param{{"fd", FD}, {"buf", Out}, {"len", Len}, {"flags", Int}, {"addr_buf", Out}, {"addr_cap", Len}, {"addr_len_ptr", OutLen}},
		Result: "bytes received", Doc: "is recv with the sender's address, which is empty on a stream"},
	{Name: "send", Params: []Param{{"fd", FD}, {"buf", In}, {"len", Len}, {"flags", Int}},
		Result: "bytes taken, which may be fewer", Doc: "hands bytes to the system"},
	{Name: "sendall", Params: []Param{{"fd", FD}, {"buf", In}, {"len", Len}, {"flags", Int}},
		Result: "0", Doc: "sends until all bytes are taken; the timeout counts for the whole"},
	{Name: "sendto", Params: []Param{{"fd", FD}, {"buf", In}, {"len", Len}, {"flags", Int}, {"addr", In}, {"addr_len", Len}}, Address: true,
		Result: "bytes sent", Doc: "sends one datagram to an address"},
	{Name: "settimeout", Params: []Param{{"fd", FD}, {"seconds", Seconds}},
		Result: "0", Doc: "sets how long one call may wait: negative for ever, 0 not at all"},
	{Name: "gettimeout", Params: []Param{{"fd", FD}}, Float: true,
		Result: "seconds, -1 for none", Doc: "returns the timeout"},
	{Name: "setblocking", Params: []Param{{"fd", FD}, {"flag", Int}},
		Result: "0", Doc: "is settimeout with none, or with 0"},
	{Name: "getpeername", Params: []Param{{"fd", FD}, {"addr_buf", Out}, {"addr_cap", Len}},
		Result: "length of the text", Doc: "returns the address of the other end"},
	{Name: "getsockname", Params: []Param{{"fd", FD}, {"addr_buf", Out}, {"addr_cap", Len}},
		Result: "length of the text", Doc: "returns the socket's own address"},
	{Name: "fileno", Params: []Param{{"fd", FD}},
		Result: "the descriptor itself", Doc: "tells whether a descriptor is open"},
	{Name: "shutdown", Params: []Param{{"fd", FD}, {"how", Int}},
		Result: "0", Doc: "ends one direction (0 RD, 1 WR) or both (2)"},
	{Name: "close", Params: []Param{{"fd", FD}},
		Result: "0", Doc: "gives the descriptor back"},
	{Name: "setsockopt", Params: []Param{{"fd", FD}, {"level", Int}, {"option", Int}, {"val", In}, {"val_len", Len}}, Address: true,
		Result: "0", Doc: "sets an option"},
	{Name: "getsockopt", Params: []Param{{"fd", FD}, {"level", Int}, {"option", Int}, {"buf", Out}, {"cap", Len}},
		Result: "full length of the value", Doc: "returns an option"},
	{Name: "poll", Params: []Param{{"list", InOut}, {"count", Count}, {"timeout", Seconds}},
		Result: "how many entries are ready", Doc: "waits for one of several descriptors"},
	{Name: "getaddrinfo", Params: []Param{{"name", In}, {"name_len", Len}, {"family", Int}, {"buf", Out}, {"cap", Len}}, Address: true,
		Result: "full length of the lines", Doc: "resolves a name: one address a line"},
	{Name: "strerror", Early: true, Params: []Param{{"errno", Int}, {"buf", Out}, {"cap", Len}},
		Result: "length of the text", Doc: "returns the text of an error number"},
}

// FindCall returns the call of that name.
func FindCall(name string) (Call, bool) {
	for _, c := range Calls {
		if c.Name == name {
			return c, true
		}
	}
	return Call{}, false
}

// Signature returns the call's type as the WebAssembly text format names it:
// (i32, f64) -> i32.
func (c Call) Signature() string {
	text := "("
	for i, p := range c.Params {
		if i > 0 {
			text += ", "
		}
		text += p.Kind.wasm()
	}
	if c.Float {
		return text + ") -> f64"
	}
	return text + ") -> i32"
}

func (k ParamKind) wasm() string {
	if k == Seconds {
		return "f64"
	}
	return "i32"
}
