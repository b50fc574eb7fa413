package wasmhost

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/sandsock/sandsock/core"
)

// This file tells the operator of what was refused, with the flag that would
// allow it: once for each call and flag, since a guest may try in a loop.

// maxDenials bounds the lines of one guest, and what is remembered of it.
const maxDenials = 20

// denial is a call that was reported, and the flag.
type denial struct{ call, allow string }

// deny reports a call that was refused, and is EACCES. Want is the grant that
// would allow it.
func (g *instance) deny(call, address string, use core.Use, want string) error {
	said := denial{call, allowFlag(use, want)}
	if len(g.denials) > maxDenials || slices.Contains(g.denials, said) {
		return core.EACCES
	}
	g.denials = append(g.denials, said)
	if len(g.denials) > maxDenials {
		g.denied(call, "", "") // and whatever comes after
		return core.EACCES
	}
	g.denied(call, address, said.allow)
	return core.EACCES
}

// allowFlag is the flag as it can be pasted: what a shell would take for a
// pattern stands in quotes. No grant has a quote in it.
func allowFlag(use core.Use, want string) string {
	if strings.ContainsAny(want, "[*") {
		want = "'" + want + "'"
	}
	return "--allow-" + use.String() + " " + want
}

// grantText is the grant that allows the use of an address: by the name that
// led to it, where a name's grant covers such an address.
func grantText(use core.Use, address netip.AddrPort, name string) string {
	host, port := name, ":"+strconv.Itoa(int(address.Port()))
	switch {
	case use == core.UseResolve:
		return address.Addr().String()
	case name == "":
		return address.String()
	}
	byName, err := core.ParseGrant(use, host+port)
	if err != nil || !byName.Allows(use, address, []string{name}) {
		return address.String()
	}
	return host + port
}
