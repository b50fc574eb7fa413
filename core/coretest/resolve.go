package coretest

import (
	"context"
	"net/netip"
	"slices"

	"github.com/sandsock/sandsock/core"
)

var resolveCases = []testCase{
	{name: "a literal address is itself", run: func(w *world) {
		ip := w.loopback(0).Addr()
		for _, family := range []core.Family{core.AF_UNSPEC, w.family} {
			w.resolves(ip.String(), family, ip)
		}
	}},
	{name: "a literal of the other family is EAI_ADDRFAMILY", run: func(w *world) {
		_, err := w.net.GetAddrInfo(context.Background(), w.otherFamily().Addr().String(), w.family)
		w.fails(err, core.EAI_ADDRFAMILY)
	}},
	{name: "localhost is the loopback", family: core.AF_INET, run: func(w *world) {
		w.resolves("localhost", core.AF_INET, netip.MustParseAddr("127.0.0.1"))
	}},
	{name: "localhost of any family is loopback addresses without doubles", run: func(w *world) {
		found, err := w.net.GetAddrInfo(context.Background(), "localhost", core.AF_UNSPEC)
		w.ok(err)
		for i, ip := range found {
			if !ip.IsLoopback() || slices.Contains(found[:i], ip) {
				w.Errorf("localhost is %v", found)
			}
		}
		equal(w, "whether 127.0.0.1 is there", slices.Contains(found, netip.MustParseAddr("127.0.0.1")), true)
	}},
	{name: "an unknown name is EAI_NONAME", run: func(w *world) {
		if w.options.UnknownName == "" {
			w.Skip("no name is known to be unknown without the wire")
		}
		_, err := w.net.GetAddrInfo(context.Background(), w.options.UnknownName, core.AF_UNSPEC)
		w.fails(err, core.EAI_NONAME)
	}},
	{name: "an unknown family is EAI_FAMILY", run: func(w *world) {
		_, err := w.net.GetAddrInfo(context.Background(), "localhost", 99)
		w.fails(err, core.EAI_FAMILY)
	}},
	{name: "a context that has ended is ECANCELED", run: func(w *world) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := w.net.GetAddrInfo(ctx, "localhost", core.AF_UNSPEC)
		w.fails(err, core.ECANCELED)
	}},
}

func (w *world) resolves(name string, family core.Family, want netip.Addr) {
	w.Helper()
	found, err := w.net.GetAddrInfo(context.Background(), name, family)
	w.ok(err)
	if !slices.Equal(found, []netip.Addr{want}) {
		w.Errorf("%s in %v is %v, want %v", name, family, found, want)
	}
}
