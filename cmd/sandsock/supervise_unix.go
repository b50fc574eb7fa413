//go:build unix

package main

import (
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/sandsock/sandsock/cmd/sandsock/supervise"
	"github.com/sandsock/sandsock/wasmhost"
)

// supervise runs this command line again, as a process that is supervised.
func (a *app) supervise(json bool) error {
	executable, err := os.Executable()
	if err != nil {
		return cannotSupervise(err)
	}
	hangups := make(chan os.Signal, 1)
	if !signal.Ignored(syscall.SIGHUP) { // nohup(1), which the process inherits
		signal.Notify(hangups, syscall.SIGHUP)
		defer signal.Stop(hangups)
	}
	log, line := a.supervisorLog(json)
	code, err := supervise.Run(supervise.Config{
		Command: func() *exec.Cmd {
			cmd := exec.Command(executable, a.args...)
			cmd.Args[0] = os.Args[0]
			cmd.Stdin, cmd.Stdout, cmd.Stderr = a.in, a.out.Writer, a.talk
			cmd.WaitDelay = time.Second // where those are no files
			return cmd
		},
		Drain: a.drain.Done(), Cut: a.cut.Done(), Hangups: hangups,
		Say: func(text string) { log.add(line(text)) },
	})
	log.close()
	switch {
	case err != nil:
		return cannotSupervise(err)
	case code != exitWell:
		return &failure{code: code} // which the process has explained
	}
	return nil
}

// supervisorLog is where the supervisor speaks: as the process does, and without
// waiting for who reads.
func (a *app) supervisorLog(json bool) (log *outlet, line func(text string) string) {
	line = func(text string) string { return a.onTalk.bad(text) + "\n" }
	stream := a.talk
	if json {
		line = func(text string) string {
			return jsonLine(wasmhost.Report{Event: wasmhost.EventTrouble, Error: text})
		}
		stream = a.out
	}
	return newOutlet(stream, func(n int64) string { return line(notWritten(n)) }), line
}

func cannotSupervise(err error) error {
	return &failure{code: exitFailed, text: "cannot be supervised: " + systemText(err), next: "without --supervise it serves as well"}
}
