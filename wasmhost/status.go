package wasmhost

// Status is how a route stands.
type Status struct {
	Name      string
	Draining  bool
	Versions  []Version // as [Route.Versions] has them
	Open      int       // connections, from accept to close
	Instances int       // handlers at work
	Counts
}

// Counts are what a route has done since it was made.
type Counts struct {
	Connections int64 // that began: the calls for a datagram, too
	Closed      int64 // of them: the handler returned 0
	Failed      int64 // of them: it trapped, returned an error or could not start
	Stopped     int64 // of them: the host ended it
	Traps       int64 // of those that failed
	Refused     int64 // that were closed as they came: a limit, or a handler set aside
	Swaps       int64 // rollbacks, and what takes over, too

	// Fuel is of connections that are over. Received and Sent are bytes, of all.
	Fuel, Received, Sent int64
}

// Status tells how the route stands at this moment. It costs a look at each
// connection, and may be called from any goroutine.
//
// Nothing is counted in a guest's calls for it: an instance counts its own
// bytes and fuel, for its limits, and they are added up as it ends.
func (r *Route) Status() Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Status{
		Name: r.Name, Draining: r.draining, Versions: r.versions(),
		Open: r.crowd.all, Instances: len(r.guests), Counts: r.counts,
	}
	s.Connections = r.next
	for g := range r.guests {
		s.Received += g.received.Load()
		s.Sent += g.sent.Load()
	}
	return s
}

// used adds what a guest has used, as it leaves those at work. Its owner calls
// it, with the route's lock.
func (c *Counts) used(g *instance) {
	c.Fuel += g.used()
	c.Received += g.received.Load()
	c.Sent += g.sent.Load()
}

// ended adds a connection's end.
func (c *Counts) ended(err error) {
	switch err.(type) {
	case nil:
		c.Closed++
	case *Stopped:
		c.Stopped++
	case *Trap:
		c.Traps++
		c.Failed++
	default:
		c.Failed++
	}
}

// Usage is what all instances of a host have together, of its limits.
type Usage struct {
	Instances int64
	Memory    int64 // bytes, as [Config.Budget] counts them
	Plugins   int   // whose compiled code is in memory
}

// Usage tells what is in use at this moment.
func (h *Host) Usage() Usage {
	return Usage{Instances: h.budget.instances.Load(), Memory: h.budget.used.Load(), Plugins: h.Loaded()}
}
