package memnet

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/sandsock/sandsock/core"
)

// localhost has the order in which glibc sorts the two, RFC 6724's.
var localhost = []netip.Addr{loopback6, loopback4}

// GetAddrInfo resolves a literal address, localhost (::1 before 127.0.0.1,
// unless Hosts has another opinion) and the names in Hosts, in their order.
// It never waits. Any other name is EAI_NONAME, as is one without an address
// of the family; a literal of the other family is EAI_ADDRFAMILY.
func (n *Network) GetAddrInfo(ctx context.Context, name string, family core.Family) ([]netip.Addr, error) {
	switch family {
	case core.AF_UNSPEC, core.AF_INET, core.AF_INET6:
	default:
		return nil, core.EAI_FAMILY
	}
	if ctx.Err() != nil {
		return nil, core.ECANCELED
	}
	if ip, err := netip.ParseAddr(name); err == nil {
		return literal(ip, family)
	}
	var found []netip.Addr
	for _, ip := range n.lookup(strings.ToLower(name)) {
		if inFamily(ip, family) && !slices.Contains(found, ip) {
			found = append(found, ip)
		}
	}
	if len(found) == 0 {
		return nil, core.EAI_NONAME
	}
	return found, nil
}

func (n *Network) lookup(name string) []netip.Addr {
	if addresses, ok := n.Hosts[name]; ok {
		return addresses
	}
	if name == "localhost" {
		return localhost
	}
	return nil
}

func literal(ip netip.Addr, family core.Family) ([]netip.Addr, error) {
	ip, known := numberZone(ip)
	if !known {
		return nil, core.EAI_NONAME
	}
	if family == core.AF_INET {
		ip = ip.Unmap()
	}
	if !inFamily(ip, family) {
		return nil, core.EAI_ADDRFAMILY
	}
	return []netip.Addr{ip}, nil
}

// numberZone writes ip's zone as a number, as glibc does, and reports whether
// there is such a zone: any number, or for an address that is of one link the
// one interface's name.
func numberZone(ip netip.Addr) (netip.Addr, bool) {
	if ip.Zone() == "" {
		return ip, true
	}
	if ip.Zone() == "lo" && (ip.IsLinkLocalUnicast() || ip.IsLinkLocalMulticast()) {
		return ip.WithZone(strconv.Itoa(loopbackIndex)), true
	}
	index, err := strconv.ParseUint(ip.Zone(), 10, 32)
	if err != nil {
		return ip, false
	}
	if index == 0 {
		return ip.WithZone(""), true
	}
	return ip.WithZone(strconv.FormatUint(index, 10)), true
}

func inFamily(ip netip.Addr, family core.Family) bool {
	return family == core.AF_UNSPEC || ip.Is4() == (family == core.AF_INET)
}
