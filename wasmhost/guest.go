package wasmhost

import "time"

// guest makes an instance of the visit's version whose output and denials are
// reported as the connection's.
func (r *Route) guest(v *visit, out *lines) *instance {
	return r.host.newInstance(settings{
		plugin: v.version.plugin, snapshot: v.version.snapshot,
		args:   []string{v.version.plugin.name},
		env:    v.version.terms.Env,
		space:  v.space,
		stdout: &output{line: out.line, drop: out.drop},
		stderr: &output{line: out.line, drop: out.drop},
		grants: v.version.terms.Grants,
		limits: &v.version.terms.Limits,
		denied: func(call, address, allow string) {
			entry := out.entry.as(EventDenied)
			entry.Call, entry.Address, entry.Allow = call, address, allow
			r.report(entry)
		},
	})
}

// handle instantiates the guest and calls its handler with the descriptor,
// which it gets only when it has initialized.
func (r *Route) handle(g *instance, v *version, d descriptor, entry Report) error {
	r.enter(g, v)
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
func (r *Route) serve(v *visit, d descriptor) {
	began := time.Now()
	entry := v.version.report()
	entry.Conn, entry.Peer = v.conn, v.peer
	out := &lines{route: r, entry: entry}
	g := r.guest(v, out)
	err := ending(r.handle(g, v.version, d, entry))
	entry.Fuel, g.sound = g.used(), err == nil && r.serving(v.version)
	r.depart(v, err)
	g.close()
	out.tell()
	entry.Took, entry.Received, entry.Sent = time.Since(began), g.received.Load(), g.sent.Load()
	r.report(entry.ended(err))
	r.release(v.version)
	r.judge(v.version, g, err)
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
