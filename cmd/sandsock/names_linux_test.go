package main_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest/faults"
	"github.com/sandsock/sandsock/wasmhost"
)

// nameServer is a DNS server of the test's own on loopback, which the
// process's resolver asks for as long as the test runs.
type nameServer struct {
	mu      sync.Mutex
	asked   map[string]int                          // queries for IPv4 addresses, by name
	answers func(name string, nth int) []netip.Addr // nil: no answer at all
}

func serveNames(t *testing.T, answers func(name string, nth int) []netip.Addr) *nameServer {
	t.Helper()
	s := &nameServer{asked: map[string]int{}, answers: answers}
	udp, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 9)}) // where nobody has the port for TCP
	check(t, err)
	tcp, err := net.Listen("tcp", udp.LocalAddr().String())
	check(t, err)
	var serving sync.WaitGroup
	serving.Go(func() { s.serveUDP(udp) })
	serving.Go(func() { s.serveTCP(tcp) })
	before := net.DefaultResolver
	dialer := net.Dialer{Resolver: before} // or it reads the default, late, when it is put back
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, udp.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = before
		udp.Close()
		tcp.Close()
		serving.Wait()
	})
	return s
}

func (s *nameServer) serveUDP(c *net.UDPConn) {
	for p := make([]byte, 1500); ; {
		n, from, err := c.ReadFromUDPAddrPort(p)
		if err != nil {
			return
		}
		if reply := s.reply(p[:n]); len(reply) > 512 {
			reply[2] |= 2 // truncated: ask again by TCP
			clear(reply[6:8])
			c.WriteToUDPAddrPort(reply[:n], from)
		} else if reply != nil {
			c.WriteToUDPAddrPort(reply, from)
		}
	}
}

func (s *nameServer) serveTCP(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		size := make([]byte, 2)
		if _, err := io.ReadFull(c, size); err == nil {
			query := make([]byte, binary.BigEndian.Uint16(size))
			if _, err := io.ReadFull(c, query); err == nil {
				reply := s.reply(query)
				c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...))
			}
		}
		c.Close()
	}
}

// reply answers a query of one question, RFC 1035 section 4.1: A records with
// a name that points back at the question, and nothing for other types.
func (s *nameServer) reply(query []byte) []byte {
	name, rest := "", query[12:]
	for rest[0] != 0 {
		name += string(rest[1:1+rest[0]]) + "."
		rest = rest[1+rest[0]:]
	}
	question := query[12 : len(query)-len(rest)+5]
	reply := append(append([]byte{}, query[:2]...), 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0)
	reply = append(reply, question...)
	if binary.BigEndian.Uint16(rest[1:]) != 1 { // A
		return reply
	}
	s.mu.Lock()
	s.asked[name]++
	found := s.answers(name, s.asked[name])
	s.mu.Unlock()
	if found == nil {
		return nil
	}
	binary.BigEndian.PutUint16(reply[6:], uint16(len(found)))
	for _, ip := range found {
		reply = append(reply, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4) // lives 0 seconds
		reply = append(reply, ip.AsSlice()...)
	}
	return reply
}

func (s *nameServer) count(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[name]
}

func TestARebindingNameLeadsNowhereElse(t *testing.T) {
	if probedApart(t, wasmhost.DefenceGrants) {
		return
	}
	good := listening(t, "127.0.0.2", 0)
	port := portOf(good.Addr())
	bad := listening(t, "127.0.0.3", port)
	names := serveNames(t, func(_ string, nth int) []netip.Addr {
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, byte(2 + (nth+1)%2)})} // .2, .3, .2...
	})
	at := fmt.Sprintf("rebinds.test:%d", port)
	for _, without := range []wasmhost.Defences{0, wasmhost.DefenceGrants} {
		g := newProbing(t, without).start("resolve rebinds.test", "connect "+good.Addr().String())
		first, second := g.socket(v4, stream), g.socket(v4, stream)
		before := names.count("rebinds.test.")
		g.expect("0", "connect", first, at)
		conn, err := good.Accept()
		check(t, err)
		check(t, conn.Close())
		if n := names.count("rebinds.test.") - before; n != 1 {
			t.Errorf("one connect asked %d times", n)
		}
		if without != 0 {
			g.expect("0", "connect", second, at)
			conn, err := bad.Accept()
			check(t, err)
			check(t, conn.Close())
			continue
		}
		g.expect(is(core.EACCES), "connect", second, at)
		untouched(t, bad)
	}
	faults.Row(t, "T36", "EACCES for the second answer", "connected to the second answer")
}

func TestOnlyANameAsGrantedIsAskedFor(t *testing.T) {
	if probedApart(t, wasmhost.DefenceGrants) {
		return
	}
	names := serveNames(t, func(string, int) []netip.Addr { return []netip.Addr{netip.MustParseAddr("127.0.0.2")} })
	g := newProbing(t, 0).start("connect granted.test:1")
	for text, want := range map[string]core.Errno{
		"GRANTED.test:1": core.ECONNREFUSED, "granted.test.:1": core.EACCES, "granted.test:2": core.EACCES, "x.granted.test:1": core.EACCES,
		"[granted.test]:1": core.EAI_NONAME, "granted.test%lo:1": core.EAI_NONAME, "gränted.test:1": core.EAI_NONAME,
		strings.Repeat("a", 300) + ":1": core.EINVAL,
	} {
		fd := g.socket(v4, stream)
		g.expect(is(want), "connect", fd, text)
		g.expect("0", "close", fd)
	}
	for name, n := range names.asked {
		if name != "granted.test." {
			t.Errorf("%s was asked for %d times", name, n)
		}
	}
	bare := newProbing(t, wasmhost.DefenceGrants).start()
	bare.expect(is(core.ECONNREFUSED), "connect", bare.socket(v4, stream), "x.granted.test:1")
	if names.count("x.granted.test.") == 0 {
		t.Error("without the check another name is not asked for either")
	}
	faults.Row(t, "T35", "only the canonical name is asked for", "any name is asked for")
}

func TestANameNobodyAnswersForEnds(t *testing.T) {
	if probedApart(t) {
		return
	}
	serveNames(t, func(string, int) []netip.Addr { return nil })
	g := newProbing(t, 0).start("resolve *")
	began := time.Now()
	g.expect(is(core.EAI_AGAIN), "getaddrinfo", "silent.test")
	if took := time.Since(began); took < time.Second || took > patience/2 {
		t.Errorf("it took %v", took)
	}
	faults.Row(t, "T38", "no answer: EAI_AGAIN", faults.Always("the quota and the time are of the call itself"))
}

func TestAFloodOfNamesReachesFewServers(t *testing.T) {
	if probedApart(t) {
		return
	}
	names := serveNames(t, func(string, int) []netip.Addr { return []netip.Addr{netip.MustParseAddr("127.0.0.2")} })
	g := newProbing(t, 0).start("resolve *")
	began, refused := time.Now(), 0
	for i := range 500 {
		if g.do("getaddrinfo", fmt.Sprintf("x%d.test", i)) == is(core.EAI_AGAIN) {
			refused++
		}
	}
	most := 33 + int(time.Since(began)/(100*time.Millisecond))
	if n := len(names.asked); n > most || refused != 500-n {
		t.Errorf("500 names: %d were asked for and %d refused, want at most %d", n, refused, most)
	}
	faults.Row(t, "T38", fmt.Sprintf("of 500 names %d were asked for", len(names.asked)), faults.Always("the quota and the time are of the call itself"))
}

// TestAHugeAnswerIsCut has the largest message DNS can carry.
func TestAHugeAnswerIsCut(t *testing.T) {
	if probedApart(t) {
		return
	}
	var all []netip.Addr
	for i := range 4000 {
		all = append(all, netip.AddrFrom4([4]byte{127, 1, byte(i >> 8), byte(i)}))
	}
	serveNames(t, func(string, int) []netip.Addr { return all })
	g := newProbing(t, 0).start("resolve *")
	length := 0
	fmt.Sscan(g.do("getaddrinfo", "many.test"), &length)
	if length == 0 || length > 64*len("127.1.255.255\n") {
		t.Errorf("the answer has %d bytes", length)
	}
	faults.Row(t, "T38", fmt.Sprintf("4,000 addresses: the guest has %d bytes of them", length), faults.Always("the quota and the time are of the call itself"))
}
