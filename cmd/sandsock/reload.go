package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/sandsock/sandsock/cmd/sandsock/follow"
	"github.com/sandsock/sandsock/wasmhost"
)

// follower is the configuration file of a service. It is read again at SIGHUP,
// and when it was saved.
type follower struct {
	name    string
	hangups chan os.Signal
	again   chan []byte // what was saved; nil for SIGHUP, or where it cannot be read
	content []byte      // as it was last read; only the service's goroutine has it
	host    limitFlags  // as the service has them, which stay
}

// serveFile serves what a configuration file says.
func (a *app) serveFile(flags serveFlags) error {
	// Before the file is read, or a signal meanwhile would end the process.
	f := &follower{name: flags.file, hangups: make(chan os.Signal, 1), again: make(chan []byte)}
	signal.Notify(f.hangups, syscall.SIGHUP)
	defer signal.Stop(f.hangups)
	c, err := readConfig(f.name)
	if err != nil {
		return err
	}
	f.content, f.host = c.content, c.host.limits
	flags.limits = f.host
	return a.serve(flags, c.plan, f)
}

// changed is ready when the file is to be read again; without a file never.
func (f *follower) changed() <-chan []byte {
	if f == nil {
		return nil
	}
	return f.again
}

// followConfig waits for SIGHUP, and for the file to be saved. What it returns
// ends that.
func (s *service) followConfig(f *follower) (end func()) {
	if f == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(s.app.drain)
	hangups, saves := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(hangups)
		for {
			select {
			case <-f.hangups:
				f.ask(ctx, nil)
			case <-ctx.Done():
				return
			}
		}
	}()
	go func() {
		defer close(saves)
		if !s.flags.noWatch {
			follow.Run(ctx, follow.Config{
				Files: []string{f.name}, Most: maxConfigFile,
				Changed: func(c follow.Change) bool { return f.ask(ctx, c.Content) },
			})
		}
	}()
	return func() {
		cancel()
		<-hangups
		<-saves
	}
}

// ask has the service read the file, unless it ends.
func (f *follower) ask(ctx context.Context, content []byte) (asked bool) {
	select {
	case f.again <- content:
		return true
	case <-ctx.Done():
		return false
	}
}

// eventConfigured tells that the configuration file was read again, and what
// came of it.
const eventConfigured = "configured"

// knows reports whether what was saved is what was read last.
func (f *follower) knows(saved []byte) bool { return saved != nil && bytes.Equal(saved, f.content) }

// reload makes the routes those of the file, which may say what cannot be: then
// nothing changes.
func (s *service) reload(f *follower, saved []byte) {
	f.content = saved
	select {
	case s.changing <- struct{}{}:
	case <-s.app.drain.Done():
		return
	}
	defer func() { <-s.changing }()
	s.supervisor.Reloading()
	defer func() { s.supervisor.Ready(s.standing()) }()
	text, err := s.reread(f)
	var told *failure
	switch {
	case s.app.drain.Err() != nil:
		return
	case errors.As(err, &told) && told.detail != "":
		err = errors.New(told.text + "; " + told.detail)
	}
	if err != nil {
		s.trouble("nothing has changed: " + err.Error())
		return
	}
	s.journal.report(wasmhost.Report{Event: eventConfigured, Text: escaped(f.name) + ": " + text})
}

func (s *service) reread(f *follower) (string, error) {
	asked, err := readConfig(f.name)
	if err != nil {
		return "", err
	}
	f.content = asked.content
	c, err := s.prepare(asked.plan)
	if err != nil {
		return "", err
	}
	text := s.commit(c)
	if asked.host.limits != f.host {
		text += "; [host] is as it was, until the next start"
	}
	return text, nil
}
