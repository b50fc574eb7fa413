package languages

import (
	"bytes"
	"context"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest"
	"github.com/sandsock/sandsock/core/memnet"
	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = time.Minute

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tools are where the compilers are that the page names, and what Debian's need
// beside what it says.
var tools = map[string][]string{
	"clang": {"/usr/bin/clang-14"},
	"rustc": {"/usr/bin/rustc", "-C", "linker=wasm-ld-14"},
}

// commands are those of the page that call a compiler.
func commands(t *testing.T, compiler string) (found [][]string) {
	t.Helper()
	page, err := os.ReadFile("README.md")
	check(t, err)
	for line := range strings.Lines(string(page)) {
		if command, ok := strings.CutPrefix(line, "$ "); ok && strings.HasPrefix(command, compiler+" ") {
			found = append(found, strings.Fields(command))
		}
	}
	return found
}

// built runs the page's command, and returns the file that it makes.
func built(t *testing.T, compiler string) []byte {
	t.Helper()
	found := commands(t, compiler)
	if len(found) != 1 {
		t.Fatalf("the page has %d commands that call %s", len(found), compiler)
	}
	tool := tools[compiler]
	coretest.NeedProgram(t, tool[0])
	args := slices.Concat(tool[1:], found[0][1:])
	out := filepath.Join(t.TempDir(), "handler.wasm")
	args[slices.Index(args, "-o")+1] = out
	text, err := exec.Command(tool[0], args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", compiler, err, text)
	}
	file, err := os.ReadFile(out)
	check(t, err)
	return file
}

// talk is a client that stays.
type talk struct {
	t *testing.T
	core.Socket
}

var address = netip.MustParseAddrPort("127.0.0.1:6565")

func dial(t *testing.T, network core.Network) talk {
	t.Helper()
	s, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	check(t, err)
	t.Cleanup(func() { _ = s.Close() })
	check(t, s.SetTimeout(patience))
	check(t, s.Connect(address))
	return talk{t, s}
}

// makesCapitals asks for those of a text that takes several calls to receive.
func (c talk) makesCapitals() {
	c.t.Helper()
	said := bytes.Repeat([]byte("holle world! \x00\xe9 @[`{ "), 1000)
	sent := make(chan error, 1)
	go func() { sent <- c.SendAll(said, 0) }()
	got := make([]byte, 0, len(said))
	for len(got) < len(said) {
		n, err := c.Recv(got[len(got):cap(got)], 0)
		check(c.t, err)
		if n == 0 {
			c.t.Fatalf("after %d of %d bytes it has ended", len(got), len(said))
		}
		got = got[:len(got)+n]
	}
	check(c.t, <-sent)
	if want := bytes.ReplaceAll(said, []byte("holle world"), []byte("HOLLE WORLD")); !bytes.Equal(got, want) {
		c.t.Errorf("the answer is %q", got[:50])
	}
}

// TestTheHostIsSwappedFromLanguageToLanguage begins with the text format. Who
// is connected goes on with the handler of their time.
func TestTheHostIsSwappedFromLanguageToLanguage(t *testing.T) {
	network := &memnet.Network{}
	host, err := wasmhost.New(wasmhost.Config{Network: network})
	check(t, err)
	t.Cleanup(func() { _ = host.Close() })
	load := func(name string, file []byte) *wasmhost.Plugin {
		plugin, err := host.Load(context.Background(), name, file)
		check(t, err)
		t.Cleanup(func() { _ = plugin.Close() })
		return plugin
	}
	listener, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	check(t, err)
	check(t, listener.Bind(address))
	check(t, listener.Listen(8))
	upper, _ := plugins.Open("upper")
	route, err := host.NewRoute(wasmhost.RouteConfig{Name: "tcp", Socket: listener, Plugin: load("upper", upper)})
	check(t, err)
	served := make(chan error, 1)
	go func() { served <- route.Serve() }()
	first := dial(t, network)
	first.makesCapitals()
	for _, compiler := range []string{"clang", "rustc"} {
		t.Run(compiler, func(t *testing.T) {
			file := built(t, compiler)
			_, err := route.Swap(context.Background(), load(compiler, file))
			check(t, err)
			c := dial(t, network)
			c.makesCapitals()
			check(t, c.Shutdown(core.SHUT_WR))
			if n, err := c.Recv(make([]byte, 1), 0); n != 0 || err != nil {
				t.Errorf("at the end: %d, %v", n, err)
			}
			t.Logf("%d bytes", len(file))
		})
	}
	first.makesCapitals()
	check(t, first.Close())
	check(t, route.Drain(context.Background()))
	check(t, coretest.Within(t, patience, served))
}
