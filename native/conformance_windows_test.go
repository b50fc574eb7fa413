package native_test

import (
	"maps"
	"testing"

	"golang.org/x/sys/windows"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest"
	"github.com/sandsock/sandsock/native"
)

// kernel is the cases that no call of Winsock can pass. SYSTEMS.md has the
// sources.
var kernel = map[string]string{
	"two sockets with SO_REUSEADDR share an address until one listens": "Windows shares a stream's address only so that one can take it from the other",
	"two listeners with SO_REUSEPORT share an address":                 "Windows has no SO_REUSEPORT",
	"no option is set unless asked for":                                "Windows has no SO_REUSEPORT",
	"a switch is set by any number but 0 and read as 1":                "Windows has no SO_REUSEPORT",
	"a listener that is shut accepts no more":                          "Windows does not shut a listener",
	"a connected socket learns of a dead port with its second send":    "Windows tells of a dead port to a receive only",
	"SO_ERROR tells of a dead port once":                               "Windows tells of a dead port to a receive only",
	"a dead port is POLLERR on a connected datagram socket":            "Windows tells of a dead port to a receive only",
}

// wine is the cases that Wine 8.0 cannot pass though Windows should, as it sits
// on Linux's sockets and takes what waits in SO_ERROR itself.
var wine = map[string]string{
	"an address of another machine is EADDRNOTAVAIL":     "Wine binds a datagram socket to the wildcard",
	"a living connection keeps its listener's port":      "Wine sets SO_REUSEADDR on every socket",
	"a refused socket may try elsewhere":                 "Wine has taken the refusal, and Linux says ECONNABORTED then",
	"a connected socket learns of a dead port with recv": "Wine has taken the refusal",
	"keep-alive times are kept and bounded":              "Wine 8.0 does not have the options",
}

func underWine() bool {
	return windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil
}

func TestConformance(t *testing.T) {
	skip := maps.Clone(kernel)
	if underWine() {
		maps.Copy(skip, wine)
	}
	network := func(*testing.T) core.Network { return native.Network{} }
	coretest.Run(t, network, coretest.Options{UnknownName: "nosuch.onion", Skip: skip})
}
