package wasmhost

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest/faults"
	"github.com/sandsock/sandsock/core/memnet"
)

// pasted reads the flag of a report as a shell and the command would.
func pasted(t *testing.T, flag string) core.Grants {
	t.Helper()
	name, text, ok := strings.Cut(flag, " ")
	if !ok {
		t.Fatalf("%q is no flag with a value", flag)
	}
	if inner, quoted := strings.CutPrefix(text, "'"); quoted {
		text = strings.TrimSuffix(inner, "'")
	} else if strings.ContainsAny(text, "[]*?$`\"\\;&|<>() \t\n'") {
		t.Errorf("%s would be something else to a shell", flag)
	}
	for use := core.UseConnect; use <= core.UseResolve; use++ {
		if name == "--allow-"+use.String() {
			return grant(t, use, text)
		}
	}
	t.Fatalf("%q is no flag of the command", flag)
	return nil
}

// reaching counts the calls by which an address reaches a network.
type reaching struct {
	core.Network
	calls []string
}

type reachingSocket struct {
	core.Socket
	n *reaching
}

func (n *reaching) Socket(family core.Family, typ core.Type, proto int) (core.Socket, error) {
	s, err := n.Network.Socket(family, typ, proto)
	return reachingSocket{s, n}, err
}

func (s reachingSocket) note(call string, a netip.AddrPort) {
	s.n.calls = append(s.n.calls, call+" "+a.String())
}

func (s reachingSocket) Bind(a netip.AddrPort) error {
	s.note("bind", a)
	return nil
}

func (s reachingSocket) Listen(int) error {
	s.note("listen", netip.AddrPort{})
	return nil
}

func (s reachingSocket) Connect(a netip.AddrPort) error {
	s.note("connect", a)
	return nil
}

func (s reachingSocket) ConnectEx(a netip.AddrPort) core.Errno {
	s.note("connect", a)
	return 0
}

func (s reachingSocket) SendTo(p []byte, _ int, a netip.AddrPort) (int, error) {
	s.note("sendto", a)
	return len(p), nil
}

// attempt is a call with an address. It has a new socket of its own.
type attempt struct {
	call   string
	family core.Family
	typ    core.Type
	text   string
}

func (a attempt) String() string {
	return fmt.Sprintf("%s(%d, %d, %q)", a.call, a.family, a.typ, a.text)
}

func (a attempt) on(d *driver) core.Errno {
	d.t.Helper()
	fd := uint64(d.ok("socket", uint64(a.family), uint64(a.typ), 0))
	defer d.ok("close", fd)
	ptr, length := d.put(a.text)
	result := int32(0)
	switch a.call {
	case "listen":
		result = d.call("listen", fd, 1)
	case "sendto":
		result = d.call("sendto", fd, bufferAt, 1, 0, ptr, length)
	case "getaddrinfo":
		result = d.call("getaddrinfo", ptr, length, 0, bufferAt, 100)
	default:
		result = d.call(a.call, fd, ptr, length)
	}
	return core.Errno(max(-result, 0))
}

// deniedAttempts are calls that no guest may make without a grant.
func deniedAttempts() (all []attempt) {
	const v4, v6, stream, datagram = core.AF_INET, core.AF_INET6, core.SOCK_STREAM, core.SOCK_DGRAM
	texts := map[core.Family][]string{
		v4: {"192.0.2.7:80", "127.0.0.1:0", ":0", ":80", "0.0.0.0:80", "224.0.0.1:80", "255.255.255.255:67", "<broadcast>:67",
			"localhost:80", "LOCALHOST:080", "localhost.:80", "named.example:80", "nowhere.example:80", "wild.example:80"},
		v6: {"[::1]:80", ":80", "[::]:0", "[::ffff:127.0.0.1]:80", "[::ffff:7f00:1]:80", "[::ffff:0.0.0.0]:80", "[::127.0.0.1]:80",
			"[64:ff9b::7f00:1]:80", "[fe80::1%1]:80", "[fe80::1%lo]:80", "[ff02::1%1]:80", "[ff02::1]:80", "localhost:80"},
	}
	for family, list := range texts {
		for _, text := range list {
			for _, call := range []string{"bind", "connect", "connect_ex"} {
				all = append(all, attempt{call, family, stream, text}, attempt{call, family, datagram, text})
			}
			all = append(all, attempt{"sendto", family, datagram, text})
		}
		all = append(all, attempt{"listen", family, stream, ""})
	}
	for _, name := range []string{"localhost", "LocalHost", "localhost.", "nowhere.example", "fe80::1%lo"} {
		all = append(all, attempt{"getaddrinfo", v4, stream, name})
	}
	return all
}

func newReaching() *reaching {
	return &reaching{Network: &memnet.Network{Hosts: map[string][]netip.Addr{
		"localhost.":    {netip.MustParseAddr("127.0.0.1")},
		"named.example": {netip.MustParseAddr("127.0.0.3")},
		"wild.example":  {netip.IPv4Unspecified()},
	}}}
}

// TestTheFlagOfADenialAllowsIt pastes what the operator is told, and makes the
// call again, until it is allowed: once for the name and once for where that
// leads, at most.
func TestTheFlagOfADenialAllowsIt(t *testing.T) {
	if apart(t) {
		return
	}
	n := newReaching()
	f := newFixture(t, func(c *Config) { c.Network = n })
	for _, a := range deniedAttempts() {
		d := f.newDriver(nil)
		for flags := 0; ; flags++ {
			f.reports.all, d.denials, n.calls = nil, nil, nil
			e := a.on(d)
			if e != core.EACCES {
				if flags == 0 {
					t.Errorf("%v: %v without a grant", a, e)
				}
				if e == 0 && len(n.calls) != 1 && a.call != "getaddrinfo" {
					t.Errorf("%v is allowed, and reached the network as %v", a, n.calls)
				}
				break
			}
			if len(n.calls) > 0 {
				t.Errorf("%v is denied, and reached the network as %v", a, n.calls)
			}
			if f.reports.count(EventDenied) != 1 || flags == 2 {
				t.Errorf("%v with %v: %d lines for the operator", a, d.grants, f.reports.count(EventDenied))
				break
			}
			d.grants = append(d.grants, pasted(t, f.reports.wait(t, EventDenied).Allow)...)
		}
	}
	faults.Row(t, "T31", "EACCES, and the flag that was printed allows it", faults.Nothing)
}

func TestWithoutTheDefenceWhatIsDeniedGetsThrough(t *testing.T) {
	if apart(t) {
		return
	}
	n := newReaching()
	f := newFixture(t, func(c *Config) { c.Network, c.Without = n, DefenceGrants })
	d := f.newDriver(nil)
	for _, a := range deniedAttempts() {
		d.lookUps, n.calls = allowance{}, nil
		if e := a.on(d); e == core.EACCES || e == 0 && len(n.calls) == 0 && a.call != "getaddrinfo" {
			t.Errorf("%v: %v, and the network saw %v", a, e, n.calls)
		}
	}
	if f.reports.count(EventDenied) != 0 {
		t.Error("something is reported as denied")
	}
	whole := newFixture(t, func(c *Config) { c.Without = DefenceGrants })
	listener, address := whole.listener()
	a := attempt{"connect", core.AF_INET, core.SOCK_STREAM, address.String()}
	if e := a.on(whole.newDriver(nil)); e != 0 {
		t.Errorf("%v: %v", a, e)
	}
	if _, _, err := listener.Accept(); err != nil {
		t.Errorf("nobody came: %v", err)
	}
	faults.Row(t, "T31", "EACCES", "the network is asked")
}

// TestWhatIsNoPlainAddressIsGrantedByItsOwnName has the ways round a check:
// against a grant of 127.0.0.1, of all IPv4, and of every host.
func TestWhatIsNoPlainAddressIsGrantedByItsOwnName(t *testing.T) {
	if apart(t) {
		return
	}
	tests := []struct {
		text              string
		one, range4, star core.Errno // with --allow-connect 127.0.0.1, 0.0.0.0/0, *
	}{
		{"127.0.0.1:80", 0, 0, 0},
		{"127.0.0.2:80", core.EACCES, 0, 0},
		{":80", core.EACCES, core.EACCES, core.EACCES},
		{"0.0.0.0:80", core.EACCES, core.EACCES, core.EACCES},
		{"224.0.0.1:80", core.EACCES, core.EACCES, core.EACCES},
		{"255.255.255.255:80", core.EACCES, core.EACCES, core.EACCES},
		{"[::ffff:127.0.0.1]:80", 0, 0, 0}, // the same host
		{"[::ffff:7f00:1]:80", 0, 0, 0},
		{"[::ffff:127.0.0.2]:80", core.EACCES, 0, 0},
		{"[::ffff:0.0.0.0]:80", core.EACCES, core.EACCES, core.EACCES},
		{"[::ffff:224.0.0.1]:80", core.EACCES, core.EACCES, core.EACCES},
		{"[::]:80", core.EACCES, core.EACCES, core.EACCES},
		{"[::1]:80", core.EACCES, core.EACCES, 0},
		{"[::127.0.0.1]:80", core.EACCES, core.EACCES, 0},
		{"[64:ff9b::7f00:1]:80", core.EACCES, core.EACCES, 0},
		{"[fe80::1%lo]:80", core.EACCES, core.EACCES, core.EACCES},
		{"[::1%1]:80", core.EACCES, core.EACCES, core.EACCES},
		{"[::ffff:127.0.0.1%lo]:80", core.EAI_NONAME, core.EAI_NONAME, core.EAI_NONAME},
		{"[fe80::1%lo\x1b[2J]:80", core.EAI_NONAME, core.EAI_NONAME, core.EAI_NONAME},
		{"127.0.0.1%lo:80", core.EAI_NONAME, core.EAI_NONAME, core.EAI_NONAME},
		{"[127.0.0.1]:80", core.EAI_NONAME, core.EAI_NONAME, core.EAI_NONAME},
		{"127.1:80", core.EAI_NONAME, core.EAI_NONAME, core.EAI_NONAME},
		{"0x7f000001:80", core.EAI_NONAME, core.EAI_NONAME, core.EAI_NONAME},
		{"2130706433:80", core.EAI_NONAME, core.EAI_NONAME, core.EAI_NONAME},
		{"0177.0.0.1:80", core.EAI_NONAME, core.EAI_NONAME, core.EAI_NONAME},
		{"127.0.0.1.:80", core.EAI_NONAME, core.EAI_NONAME, core.EAI_NONAME},
		{"１２７.0.0.1:80", core.EAI_NONAME, core.EAI_NONAME, core.EAI_NONAME},
		{"127.0.0.1\x00:80", core.EAI_NONAME, core.EAI_NONAME, core.EAI_NONAME},
		{"localhost\x00.evil:80", core.EAI_NONAME, core.EAI_NONAME, core.EAI_NONAME},
		{strings.Repeat("a", 290) + ":80", core.EAI_NONAME, core.EAI_NONAME, core.EAI_NONAME},
		{strings.Repeat("a", 400) + ":80", core.EINVAL, core.EINVAL, core.EINVAL},
		{"bücher.example:80", core.EAI_NONAME, core.EAI_NONAME, core.EAI_NONAME},
		{"127.0.0.1:65536", core.EINVAL, core.EINVAL, core.EINVAL},
		{"127.0.0.1:-1", core.EINVAL, core.EINVAL, core.EINVAL},
		{"::1:80", core.EINVAL, core.EINVAL, core.EINVAL},
		{"", core.EINVAL, core.EINVAL, core.EINVAL},
	}
	f := newFixture(t, func(c *Config) { c.Network = newReaching() })
	for grants, want := range map[string]func(i int) core.Errno{
		"127.0.0.1": func(i int) core.Errno { return tests[i].one },
		"0.0.0.0/0": func(i int) core.Errno { return tests[i].range4 },
		"*":         func(i int) core.Errno { return tests[i].star },
	} {
		d := f.newDriver(grant(t, core.UseConnect, grants))
		for i, tt := range tests {
			family := core.AF_INET
			if strings.HasPrefix(tt.text, "[") {
				family = core.AF_INET6
			}
			for _, typ := range []core.Type{core.SOCK_STREAM, core.SOCK_DGRAM} {
				a := attempt{"connect", family, typ, tt.text}
				if got := a.on(d); got != want(i) {
					t.Errorf("with %s, %v: %v, want %v", grants, a, got, want(i))
				}
			}
		}
	}
	faults.Row(t, "T34", "each form as the rule says", faults.Nothing)
}

func TestAGuestThatTriesInALoopIsReportedOnce(t *testing.T) {
	f := newFixture(t, nil)
	d := f.newDriver(nil)
	connect := func(port int) {
		if e := (attempt{"connect", core.AF_INET, core.SOCK_STREAM, fmt.Sprint("192.0.2.7:", port)}).on(d); e != core.EACCES {
			t.Fatalf("connect: %v", e)
		}
	}
	for range 1000 {
		connect(1)
	}
	if n := f.reports.count(EventDenied); n != 1 {
		t.Errorf("1,000 attempts are %d lines", n)
	}
	for port := range 1000 {
		connect(port)
	}
	if n := f.reports.count(EventDenied); n != maxDenials+1 || len(d.denials) != n {
		t.Errorf("1,000 ports are %d lines, and %d are remembered", n, len(d.denials))
	}
	if last := f.reports.all[len(f.reports.all)-1]; last.Allow != "" || last.Address != "" {
		t.Errorf("the last line is %+v", last)
	}
}

func TestPortsAreExact(t *testing.T) {
	if apart(t) {
		return
	}
	with, without := portsReached(t, 0), portsReached(t, DefenceGrants)
	want := []string{"127.0.0.1:8000", "127.0.0.1:8001", "127.0.0.1:8010", "127.0.0.2:65535", "127.0.0.3:0"}
	if !slices.Equal(with, want) {
		t.Errorf("the guest connects to %v, want %v", with, want)
	}
	if len(without) != 27 {
		t.Errorf("without the check it connects to %v", without)
	}
	faults.Row(t, "T32", fmt.Sprintf("exact: %d of 27", len(with)), fmt.Sprintf("%d of 27", len(without)))
}

// portsReached are the addresses to which a guest with a grant of ports can
// connect, of those about its edges.
func portsReached(t *testing.T, without Defences) (reached []string) {
	f := newFixture(t, func(c *Config) { c.Network, c.Without = newReaching(), without })
	d := f.newDriver(grant(t, core.UseConnect, "127.0.0.1:8000-8010", "127.0.0.2:65535", "127.0.0.3:0"))
	for host := range 3 {
		for _, port := range []int{0, 1, 7999, 8000, 8001, 8010, 8011, 65534, 65535} {
			text := fmt.Sprintf("127.0.0.%d:%d", host+1, port)
			if (attempt{"connect", core.AF_INET, core.SOCK_STREAM, text}).on(d) == 0 {
				reached = append(reached, text)
			}
		}
	}
	return reached
}
