package wasmhost

import "time"

// guest makes an instance of the route's plugin whose output and denials are
// reported as the connection's.
func (r *Route) guest(entry Report) *instance {
	line := func(text string) {
		entry := entry.as(EventOutput)
		entry.Text = text
		r.report(entry)
	}
	return r.host.newInstance(settings{
		plugin: r.Plugin, snapshot: r.snapshot,
		args:   []string{r.Plugin.name},
		env:    r.Env,
		stdout: &output{line: line},
		stderr: &output{line: line},
		grants: r.Grants,
		limits: r.Limits,
		denied: func(call, address, allow string) {
			entry := entry.as(EventDenied)
			entry.Call, entry.Address, entry.Allow = call, address, allow
			r.report(entry)
		},
	})
}

// handle instantiates the guest and calls its handler with the descriptor,
// which it gets only when it has initialized.
func (r *Route) handle(g *instance, d descriptor, entry Report) error {
	r.enter(g)
	defer r.leave(g)
	if err := g.instantiate(); err != nil {
		d.release()
		return err
	}
	fd := g.table.add(d)
	r.report(entry.as(EventConnected))
	results, err := g.call("handle", uint64(uint32(fd)))
	if err != nil {
		return err
	}
	if result := int32(uint32(results[0])); result != 0 {
		return handlerError{result}
	}
	return nil
}

// serve is one call of the handler, from instance to report.
func (r *Route) serve(g *instance, d descriptor, entry Report) {
	began := time.Now()
	err := r.handle(g, d, entry)
	entry.Fuel, g.sound = g.used(), err == nil
	g.close()
	entry.Took, entry.Received, entry.Sent = time.Since(began), g.received, g.sent
	r.report(entry.ended(ending(err)))
}

// as returns the report as that of another event.
func (r Report) as(event string) Report {
	r.Event = event
	return r
}

// ended returns the report of how a guest came to its end.
func (r Report) ended(err error) Report {
	switch err := err.(type) {
	case nil:
		return r.as(EventClosed)
	case *Stopped:
		r.Error = err.Reason
		return r.as(EventStopped)
	case *Trap:
		r.Stack = err.Stack
	}
	r.Error = escape([]byte(err.Error()))
	return r.as(EventFailed)
}
