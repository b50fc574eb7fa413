package wasmhost

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
)

// asked is a network whose resolver the test is.
type asked struct {
	core.Network
	names  []string
	answer func(ctx context.Context, name string) ([]netip.Addr, error)
}

func (n *asked) GetAddrInfo(ctx context.Context, name string, _ core.Family) ([]netip.Addr, error) {
	n.names = append(n.names, name)
	return n.answer(ctx, name)
}

func answering(ips ...string) func(context.Context, string) ([]netip.Addr, error) {
	var found []netip.Addr
	for _, ip := range ips {
		found = append(found, netip.MustParseAddr(ip))
	}
	return func(context.Context, string) ([]netip.Addr, error) { return found, nil }
}

func TestOnlyTheCanonicalNameIsAsked(t *testing.T) {
	n := &asked{Network: newReaching(), answer: answering("127.0.0.1")}
	f := newFixture(t, func(c *Config) { c.Network = n })
	d := f.newDriver(grant(t, core.UseConnect, "allowed.example:80"))
	for _, text := range []string{"allowed.example.:80", "allowed.example:81", "x.allowed.example:80", "xallowed.example:80",
		"[allowed.example]:80", "allowed.example%00:80", "allowed.example\x00:80", "ａllowed.example:80", "127.1:80", "0x7f000001:80", "2130706433:80"} {
		if e := (attempt{"connect", core.AF_INET, core.SOCK_STREAM, text}).on(d); e == 0 {
			t.Errorf("connect(%q) is allowed", text)
		}
	}
	if want := "[allowed.example]"; fmt.Sprint(n.names) != want { // with port 81: the name may be resolved
		t.Errorf("the resolver was asked for %q, want %s", n.names, want)
	}
	if e := (attempt{"connect", core.AF_INET, core.SOCK_STREAM, "ALLOWED.example:80"}).on(d); e != 0 {
		t.Errorf("in upper case: %v", e)
	}
}

// TestWhatWasCheckedIsWhereItGoes rebinds a name: its second answer is an
// address nobody granted. Each call asks once, and goes where that answer led.
func TestWhatWasCheckedIsWhereItGoes(t *testing.T) {
	n := newReaching()
	names := &asked{Network: n}
	f := newFixture(t, func(c *Config) { c.Network = names })
	d := f.newDriver(append(grant(t, core.UseResolve, "rebinds.example"), grant(t, core.UseConnect, "127.0.0.1:80")...))
	connect := attempt{"connect", core.AF_INET, core.SOCK_STREAM, "rebinds.example:80"}
	for i, answer := range []string{"127.0.0.1", "127.0.0.2", "127.0.0.1"} {
		names.answer, names.names, n.calls = answering(answer, "127.0.0.1"), nil, nil
		e := connect.on(d)
		if want := "[connect 127.0.0.1:80]"; answer == "127.0.0.1" && (e != 0 || fmt.Sprint(n.calls) != want) {
			t.Errorf("%d: %v, and the network saw %v", i, e, n.calls)
		}
		if answer == "127.0.0.2" && (e != core.EACCES || len(n.calls) != 0) {
			t.Errorf("%d: %v, and the network saw %v", i, e, n.calls)
		}
		if len(names.names) != 1 {
			t.Errorf("%d: the resolver was asked for %v", i, names.names)
		}
	}
}

func TestANamesGrantEndsWithItsAnswer(t *testing.T) {
	n := &asked{Network: newReaching(), answer: answering("127.0.0.1")}
	f := newFixture(t, func(c *Config) { c.Network = n })
	d := f.newDriver(grant(t, core.UseConnect, "rebinds.example:80"))
	lookUp := attempt{"getaddrinfo", core.AF_INET, core.SOCK_STREAM, "rebinds.example"}
	first := attempt{"connect", core.AF_INET, core.SOCK_STREAM, "127.0.0.1:80"}
	second := attempt{"connect", core.AF_INET, core.SOCK_STREAM, "127.0.0.2:80"}
	expect := func(when string, a attempt, want core.Errno) {
		t.Helper()
		if got := a.on(d); got != want {
			t.Errorf("%s, %v: %v, want %v", when, a, got, want)
		}
	}
	expect("before", first, core.EACCES)
	expect("before", lookUp, 0)
	expect("resolved", first, 0)
	expect("resolved", second, core.EACCES)
	left := time.Until(d.resolved[0].expires)
	if left <= 0 || left > resolvedFor {
		t.Errorf("the answer is good for %v", left)
	}
	d.resolved[0].expires = d.resolved[0].expires.Add(-resolvedFor) // a minute later
	expect("expired", first, core.EACCES)
	n.answer = answering("127.0.0.2")
	expect("expired", lookUp, 0)
	expect("resolved again", first, core.EACCES)
	expect("resolved again", second, 0)
	n.answer = answering("127.0.0.1")
	expect("and back", lookUp, 0)
	expect("and back", first, 0)
	if len(d.resolved) != 2 {
		t.Errorf("%d answers are remembered, want 2", len(d.resolved))
	}
}

func TestAFloodOfNamesIsCut(t *testing.T) {
	n := &asked{Network: &memnet.Network{}, answer: answering("127.0.0.1")}
	f := newFixture(t, func(c *Config) { c.Network = n })
	d := f.newDriver(grant(t, core.UseResolve, "*"))
	began := time.Now()
	refused := 0
	for i := range 5000 {
		ptr, length := d.put(fmt.Sprint("x", i, ".example"))
		switch e := core.Errno(-d.call("getaddrinfo", ptr, length, 0, bufferAt, 100)); e {
		case core.EAI_AGAIN:
			refused++
		default:
			if e > 0 {
				t.Fatalf("getaddrinfo: %v", e)
			}
		}
	}
	most := lookUpBurst + int(time.Since(began)/lookUpEvery) + 1
	if len(n.names) > most || refused != 5000-len(n.names) {
		t.Errorf("of 5,000 names %d were asked for and %d refused, want at most %d", len(n.names), refused, most)
	}
	if len(d.resolved) > maxResolved {
		t.Errorf("%d answers are remembered", len(d.resolved))
	}
}

func TestTheAllowanceComesBack(t *testing.T) {
	var a allowance
	now := time.Now()
	take := func() (n int) {
		for a.take(now) {
			n++
		}
		return n
	}
	if n := take(); n != lookUpBurst {
		t.Errorf("at once: %d, want %d", n, lookUpBurst)
	}
	now = now.Add(3 * lookUpEvery)
	if n := take(); n != 3 {
		t.Errorf("after three turns: %d", n)
	}
	now = now.Add(24 * time.Hour)
	if n := take(); n != lookUpBurst {
		t.Errorf("after a day: %d, want %d", n, lookUpBurst)
	}
}

// TestANameThatNeverAnswersEnds runs on a clock of its own: the wait is two
// seconds to the guest, and none to the test.
func TestANameThatNeverAnswersEnds(t *testing.T) {
	silent := func(ctx context.Context, _ string) ([]netip.Addr, error) {
		<-ctx.Done()
		return nil, core.ECANCELED
	}
	synctest.Test(t, func(t *testing.T) {
		g := lookingUp(silent, 1)
		began := time.Now()
		if _, err := g.lookUp("silent.example", core.AF_INET); err != core.EAI_AGAIN || time.Since(began) != lookUpTime {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		g.host.asking <- struct{}{} // all that may ask do, and never end
		if _, err := g.lookUp("silent.example", core.AF_INET); err != core.EAI_AGAIN || time.Since(began) != 2*lookUpTime {
			t.Errorf("behind the others, after %v: %v", time.Since(began), err)
		}
		<-g.host.asking
		stopped := time.AfterFunc(lookUpTime/2, g.cancel)
		defer stopped.Stop()
		if _, err := g.lookUp("silent.example", core.AF_INET); err != core.ECANCELED || time.Since(began) != 5*lookUpTime/2 {
			t.Errorf("stopped after %v: %v", time.Since(began), err)
		}
	})
}

// lookingUp is an instance that can look up and nothing else.
func lookingUp(answer func(context.Context, string) ([]netip.Addr, error), atOnce int) *instance {
	host := &Host{
		config: Config{Network: &asked{Network: &memnet.Network{}, answer: answer}, Without: DefenceGrants},
		asking: make(chan struct{}, atOnce),
	}
	return &instance{host: host, done: make(chan struct{})}
}

func TestAnAnswerOfTenThousandIsCut(t *testing.T) {
	var all []string
	for i := range 10000 {
		all = append(all, netip.AddrFrom4([4]byte{127, 1, byte(i >> 8), byte(i)}).String())
	}
	n := &asked{Network: newReaching(), answer: answering(all...)}
	f := newFixture(t, func(c *Config) { c.Network = n })
	d := f.newDriver(grant(t, core.UseConnect, "many.example:80"))
	ptr, length := d.put("many.example")
	if full := d.ok("getaddrinfo", ptr, length, 0, 0, 0); full > maxAnswers*16 {
		t.Errorf("the answer has %d bytes", full)
	}
	if len(d.resolved) != maxAnswers || cap(d.resolved) > 2*maxAnswers {
		t.Errorf("%d answers are remembered, in room for %d", len(d.resolved), cap(d.resolved))
	}
	for i, want := range map[int]core.Errno{0: 0, maxAnswers - 1: 0, maxAnswers: core.EACCES, 9999: core.EACCES} {
		a := attempt{"connect", core.AF_INET, core.SOCK_STREAM, all[i] + ":80"}
		if got := a.on(d); got != want {
			t.Errorf("address %d: %v, want %v", i, got, want)
		}
	}
}

func TestTheNameOfAnInterfaceIsNotForEverybody(t *testing.T) {
	d := newFixture(t, nil).newDriver(nil)
	for text, want := range map[string]core.Errno{"127.0.0.1": 0, "fe80::1%1": 0, "fe80::1%lo": core.EACCES, "fe80::1%eth0": core.EACCES} {
		if got := (attempt{"getaddrinfo", 2, 1, text}).on(d); got != want {
			t.Errorf("getaddrinfo(%s): %v, want %v", text, got, want)
		}
	}
	d.grants = grant(t, core.UseResolve, "*")
	if got := (attempt{"getaddrinfo", 2, 1, "fe80::1%lo"}).on(d); got != 0 {
		t.Errorf("with a grant: %v", got)
	}
}
