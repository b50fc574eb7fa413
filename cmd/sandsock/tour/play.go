package tour

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
)

// What [Watch] writes to [Play], a line each.
const (
	load = "load" // load the plugin that attacks, and serve it
	cut  = "cut"  // stop it; its drained is the last that is said of it
)

// Stage is the process that is attacked.
type Stage struct {
	Attack  Attack
	Without wasmhost.Defences
	Network core.Network
	In      io.Reader // commands; at its end the play is over
	Out     io.Writer // a report a line
}

// stage is a play under way.
type stage struct {
	Stage
	mu     sync.Mutex // of out
	out    *json.Encoder
	host   *wasmhost.Host
	attack *wasmhost.Route // nil until it is loaded
}

// Play serves the bystander, and what it is told to, until In ends. Whatever
// is at work then ends with the process, which must be soon.
func Play(s Stage) error {
	if err := confine(); err != nil {
		return err
	}
	p := &stage{Stage: s, out: json.NewEncoder(s.Out)}
	var err error
	p.host, err = wasmhost.New(wasmhost.Config{
		Network: &rebinding{Network: s.Network}, Report: p.report, Limits: s.Attack.limits(), Without: s.Without,
	})
	if err != nil {
		return err
	}
	bystander, err := p.route(plugins.Default, nil)
	if err != nil {
		return err
	}
	go p.serve(bystander)
	go collect()
	commands := bufio.NewScanner(s.In)
	for commands.Scan() {
		switch commands.Text() {
		case load:
			go p.load()
		case cut:
			go p.cut()
		}
	}
	return commands.Err()
}

func (p *stage) report(r wasmhost.Report) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.out.Encode(r) // whoever reads it is gone, and so ends In
}

// load loads the attack and serves it, or reports why not.
func (p *stage) load() {
	grants, err := p.Attack.grants()
	if err != nil {
		p.report(wasmhost.Report{Event: Refused, Error: err.Error()})
		return
	}
	route, err := p.route(p.Attack.Plugin(), grants)
	if err != nil {
		p.report(wasmhost.Report{Event: Refused, Error: reason(err)})
		return
	}
	p.mu.Lock()
	p.attack = route
	p.mu.Unlock()
	p.serve(route)
}

func reason(err error) string {
	var refused *wasmhost.LoadError
	if errors.As(err, &refused) {
		return refused.Reason
	}
	return err.Error()
}

// route makes a route for a bundled plugin, on a port of its own.
func (p *stage) route(name string, grants core.Grants) (*wasmhost.Route, error) {
	file, ok := plugins.Open(name)
	if !ok {
		return nil, errors.New("there is no bundled plugin " + name)
	}
	plugin, err := p.host.Load(context.Background(), name, file)
	if err != nil {
		return nil, err
	}
	socket, address, err := listen(p.Network)
	if err != nil {
		return nil, err
	}
	route, err := p.host.NewRoute(wasmhost.RouteConfig{
		Name: address.String(), Socket: socket, Plugin: plugin, Grants: grants,
	})
	if err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	return route, nil
}

func (p *stage) serve(route *wasmhost.Route) {
	if err := route.Serve(); err != nil {
		p.report(wasmhost.Report{Event: wasmhost.EventTrouble, Error: err.Error()})
	}
}

func listen(network core.Network) (core.Socket, netip.AddrPort, error) {
	s, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		return nil, netip.AddrPort{}, err
	}
	if err = s.Bind(netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)); err == nil {
		err = s.Listen(128)
	}
	if err != nil {
		return nil, netip.AddrPort{}, errors.Join(err, s.Close())
	}
	address, err := s.GetSockName()
	return s, address, err
}

// cut stops the attack, as an operator's second interrupt does.
func (p *stage) cut() {
	p.mu.Lock()
	route := p.attack
	p.mu.Unlock()
	now, cancel := context.WithCancel(context.Background())
	cancel()
	_ = route.Drain(now) // the context's error
}

// collect cleans up the memory as often as a busy host does by itself. To a
// guest that cannot be interrupted it is the moment when all others wait.
func collect() {
	for {
		runtime.GC()
		time.Sleep(50 * time.Millisecond)
	}
}

func (a Attack) grants() (grants core.Grants, err error) {
	for _, text := range a.connect {
		grant, err := core.ParseGrant(core.UseConnect, text)
		if err != nil {
			return nil, err
		}
		grants = append(grants, grant)
	}
	if a.resolve != "" {
		grant, err := core.ParseGrant(core.UseResolve, a.resolve)
		if err != nil {
			return nil, err
		}
		grants = append(grants, grant)
	}
	return grants, nil
}

// rebinds is a name that [rebinding] has an answer for.
const rebinds = "rebind.test"

// rebinding is a network with a name whose owner answers the first question
// with one address, and each after it with another.
type rebinding struct {
	core.Network
	mu    sync.Mutex
	asked bool
}

func (r *rebinding) GetAddrInfo(ctx context.Context, name string, family core.Family) ([]netip.Addr, error) {
	if name != rebinds {
		return r.Network.GetAddrInfo(ctx, name, family)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	answer := "127.0.0.2"
	if r.asked {
		answer = "127.0.0.1"
	}
	r.asked = true
	return []netip.Addr{netip.MustParseAddr(answer)}, nil
}
