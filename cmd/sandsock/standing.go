package main

import (
	"os"

	"github.com/sandsock/sandsock/cmd/sandsock/control"
	"github.com/sandsock/sandsock/wasmhost"
)

// status is how everything stands.
func (c *controlled) status() control.Status {
	used := c.host.Usage()
	s := control.Status{
		PID: os.Getpid(), Began: c.began, Draining: c.app.drain.Err() != nil,
		Instances: used.Instances, Memory: used.Memory, Plugins: used.Plugins, Before: c.stillBefore(), Routes: []control.Route{},
	}
	for _, r := range c.all() {
		s.Routes = append(s.Routes, statusOf(r, c.refusals.of(r.Name)))
	}
	for _, p := range c.allParted() {
		gone := statusOf(p.route, p.refusal)
		gone.Gone = p.number
		s.Routes = append(s.Routes, gone)
	}
	return s
}

func statusOf(r *wasmhost.Route, refusal refusal) control.Route {
	s := r.Status()
	route := control.Route{
		Name: s.Name, Draining: s.Draining, Open: s.Open, Instances: s.Instances,
		Connections: s.Connections, Closed: s.Closed, Failed: s.Failed, Traps: s.Traps, Stopped: s.Stopped, Refused: s.Refused,
		Received: s.Received, Sent: s.Sent, Fuel: s.Fuel,
		Swaps: s.Swaps, SwapsRefused: refusal.count, LastRefused: refusal.last,
	}
	for _, v := range s.Versions {
		route.Versions = append(route.Versions, versionOf(v))
	}
	return route
}

func versionOf(v wasmhost.Version) control.Version {
	return control.Version{Number: v.Number, Handler: v.Handler, Digest: v.Digest, Open: v.Open, Aside: v.Aside}
}
