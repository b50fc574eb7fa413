package tour

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/sandsock/sandsock/wasmhost"
)

// How long what should not be is looked at, before the process is ended. With
// all defences it should never be: then a slow machine has longer.
const (
	frozen    = 3 * time.Second // the bystander has no answer
	compiling = 4 * time.Second // the compiler is at work
	longest   = 60 * time.Second
	calm      = 5
)

// waits is how long the watch looks at what should not be.
func (w *watch) waits(usual time.Duration) time.Duration {
	if w.result.Without == "" {
		return calm * usual
	}
	return usual
}

// Result is what an attack came to.
type Result struct {
	Attack  string `json:"attack"`
	Tries   string `json:"tries"`
	Without string `json:"without,omitempty"` // the defence that was left out
	Held    bool   `json:"held"`

	Ended  string `json:"ended,omitempty"`  // the last event: refused, stopped, failed or closed
	Reason string `json:"reason,omitempty"` // as the log has it
	Harm   string `json:"harm,omitempty"`   // what was not to happen

	Took      time.Duration `json:"took_ns"`
	Fuel      int64         `json:"fuel,omitempty"`          // of all connections
	Before    int64         `json:"memory_before,omitempty"` // the most there was before the attack, in bytes; 0 where it is not known
	Memory    int64         `json:"memory,omitempty"`        // the most there was
	Bystander time.Duration `json:"bystander_ns,omitempty"`  // its longest wait for an answer
	By        []string      `json:"by"`                      // the host's functions that hold it
}

// ErrUnbounded is the end of what is not tried on this system.
var ErrUnbounded = errors.New("this takes all the memory there is, and only Linux bounds and tells a process's: it is not tried here")

// Watch plays an attack in a process that command makes, from the name of the
// attack and of the defence to leave out, empty for none.
func Watch(ctx context.Context, a Attack, without string, command func(ctx context.Context, attack, without string) *exec.Cmd) (Result, error) {
	if Memory == 0 && without != "" && (a.harm == died || a.harm == grew) {
		return Result{}, ErrUnbounded
	}
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	w := &watch{
		attack: a, ctx: ctx,
		reports: make(chan wasmhost.Report),
		result:  Result{Attack: a.Name, Tries: a.Tries(), Without: without},
	}
	for _, place := range a.By {
		w.result.By = append(w.result.By, place.String())
	}
	if err := w.start(command(ctx, a.Name, without)); err != nil {
		return w.result, err
	}
	err := w.run()
	w.end()
	w.judge()
	return w.result, err
}

// watch looks at one process. Its fields are the goroutine's that called
// [Watch], but for what is said of them.
type watch struct {
	attack Attack
	ctx    context.Context
	result Result

	cmd     *exec.Cmd
	stdin   io.WriteCloser
	stderr  bytes.Buffer         // read when the process is dead
	reports chan wasmhost.Report // what it says; closed at its end

	bystander *bystander
	target    *target
	clients   *clients
	began     time.Time
	trouble   string
	printed   int // bytes of its output
}

func (w *watch) start(cmd *exec.Cmd) (err error) {
	w.cmd = cmd
	cmd.Stderr = &w.stderr
	if w.stdin, err = cmd.StdinPipe(); err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	go w.listen(stdout)
	return nil
}

// listen passes on what the process says, then waits for its end.
func (w *watch) listen(stdout io.Reader) {
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r wasmhost.Report
		if json.Unmarshal(lines.Bytes(), &r) == nil {
			w.reports <- r
		}
	}
	_, _ = io.Copy(io.Discard, stdout)
	_ = w.cmd.Wait()
	close(w.reports)
}

// end ends the process, whatever it does.
func (w *watch) end() {
	w.measure()
	_ = w.cmd.Process.Kill()
	for range w.reports { // until it is gone
	}
	if w.bystander != nil {
		w.bystander.close()
		w.result.Bystander = w.bystander.worst()
	}
	if w.clients != nil {
		w.clients.close()
	}
	if w.target != nil {
		w.target.close()
	}
}

// run is the attack: the bystander is served, then the plugin loaded, its
// clients connect, and it comes to its end or to a harm.
func (w *watch) run() error {
	serving, err := w.await(wasmhost.EventServing)
	if err != nil {
		return err
	}
	if w.bystander, err = newBystander(w.ctx, serving.Route); err != nil {
		return err
	}
	if w.target, err = newTarget(); err != nil {
		return err
	}
	w.measure()
	w.result.Before, w.began = w.result.Memory, time.Now()
	w.tell(load)
	err = w.follow()
	if w.result.Took == 0 {
		w.took()
	}
	w.settle()
	return err
}

func (w *watch) took() { w.result.Took = time.Since(w.began) }

// settle waits for the bystander's last answer.
func (w *watch) settle() {
	for w.result.Harm == "" {
		switch {
		case w.bystander.waiting() == 0:
			return
		case w.bystander.over():
			w.harm(cutOff, "")
		case w.stuck():
		}
		time.Sleep(pause)
	}
}

// await waits for a report before the attack has begun.
func (w *watch) await(event string) (wasmhost.Report, error) {
	for {
		select {
		case r, ok := <-w.reports:
			switch {
			case !ok:
				return r, fmt.Errorf("the process that is attacked did not begin: %s", lastLine(w.stderr.String()))
			case r.Event == event:
				return r, nil
			}
		case <-w.ctx.Done():
			return wasmhost.Report{}, w.ctx.Err()
		}
	}
}

func (w *watch) tell(command string) { _, _ = io.WriteString(w.stdin, command+"\n") }

// follow looks at the attack until it has ended, or done harm that does not
// end.
func (w *watch) follow() error {
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case r, ok := <-w.reports:
			if !ok {
				w.harm(died, howItDied(w.stderr.String()))
				return nil
			}
			if over, err := w.note(r); over || err != nil {
				return err
			}
		case <-w.clients.over():
			w.tell(cut) // where none is at work
			w.clients.told = true
		case <-look.C:
			w.measure()
			if w.stuck() {
				return nil
			}
		case <-w.ctx.Done():
			if context.Cause(w.ctx) == context.DeadlineExceeded {
				w.harm(endless, "for "+longest.String())
				return nil
			}
			return w.ctx.Err()
		}
	}
}

// stuck notes harm that does not end.
func (w *watch) stuck() bool {
	switch {
	case w.bystander.waiting() > w.waits(frozen):
		w.harm(froze, ": the bystander got no answer for "+w.waits(frozen).String())
	case w.clients == nil && time.Since(w.began) > w.waits(compiling):
		w.harm(compiles, "for "+w.waits(compiling).String()+", and cannot be stopped")
	default:
		return false
	}
	return true
}

// note takes in a report, and tells whether it was the last.
func (w *watch) note(r wasmhost.Report) (over bool, err error) {
	if r.Event != Refused && r.Handler != w.attack.Plugin() {
		return false, nil // the bystander's
	}
	switch r.Event {
	case Refused:
		w.result.Ended, w.result.Reason = Refused, r.Error
		return true, nil
	case wasmhost.EventServing:
		w.clients, err = newClients(w.ctx, r.Route, w.attack.connections(), w.attack.says(w.target.address()))
	case wasmhost.EventConnected:
		if w.attack.cut {
			w.tell(cut)
		}
	case wasmhost.EventDenied:
		if w.result.Reason == "" && r.Call != "" {
			w.result.Reason = "denied: " + r.Call + "(" + r.Address + ")"
		}
	case wasmhost.EventOutput:
		w.output(r.Text)
	case wasmhost.EventStopped, wasmhost.EventFailed, wasmhost.EventClosed:
		w.finished(r)
	case wasmhost.EventTrouble:
		w.trouble = r.Error
	case wasmhost.EventDrained:
		w.explain()
		return true, nil
	}
	return false, err
}

// output looks at a line of the attack's in the log.
func (w *watch) output(text string) {
	w.printed += len(text)
	switch {
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' }):
		w.harm(forged, "")
	case w.attack.cut:
		w.harm(wentOn, ", and wrote "+text)
	}
}

// finished takes in the end of one connection.
func (w *watch) finished(r wasmhost.Report) {
	w.took()
	w.result.Fuel += r.Fuel
	w.result.Ended = r.Event
	if w.result.Reason == "" {
		w.result.Reason = r.Error
	}
}

// explain completes the reason when all is said.
func (w *watch) explain() {
	r := &w.result
	switch {
	case r.Reason == "" && w.attack.cut:
		r.Reason = "by the host, and nothing came after"
	case r.Reason == "" && w.printed > 0:
		r.Reason = fmt.Sprintf("%d bytes are in the log, all printable", w.printed)
	}
	if w.trouble != "" {
		r.Reason += "; " + w.trouble
	}
}

// measure looks at the process's memory.
func (w *watch) measure() {
	if most, err := peak(w.cmd.Process.Pid); err == nil {
		w.result.Memory = max(w.result.Memory, most)
	}
}

// harm keeps the first that is seen.
func (w *watch) harm(what, detail string) {
	if w.result.Harm != "" {
		return
	}
	if detail != "" && !strings.ContainsAny(detail[:1], ",:") {
		what += " "
	}
	w.result.Harm = what + detail
}

// What is more than a connection may cost the others. How long an answer takes
// depends on what else the machine does, and is held against nobody who has
// all defences.
const (
	tooMuch = 80 << 20              // bytes
	tooLong = 50 * time.Millisecond // for an answer
)

// judge looks at what the attack came to, once the process is gone.
func (w *watch) judge() {
	r := &w.result
	grown := r.Memory - r.Before
	switch {
	case w.target != nil && w.target.reached() != "":
		w.harm(through, ": it said "+w.target.reached())
	case w.clients != nil && w.clients.received() > 0:
		w.harm(leaked, fmt.Sprintf("(%d)", w.clients.received()))
	case r.Before > 0 && grown > tooMuch:
		w.harm(grew, fmt.Sprintf("by %d MB", grown/1e6))
	case w.attack.harm == waited && r.Without != "" && r.Bystander > tooLong:
		w.harm(waited, fmt.Sprintf("%d ms for an answer", r.Bystander.Milliseconds()))
	}
	r.Held = r.Harm == "" && r.Ended == w.attack.ends
}

// howItDied finds the cause in what a dead process has left.
func howItDied(stderr string) string {
	for line := range strings.Lines(stderr) {
		line = strings.TrimSpace(line)
		for _, mark := range []string{"fatal error: ", "panic: ", "runtime: "} {
			if cause, ok := strings.CutPrefix(line, mark); ok {
				if strings.Contains(cause, "out of memory") || strings.Contains(cause, "cannot allocate") {
					return fmt.Sprintf(": out of memory at %d MB", Memory>>20)
				}
				return ": " + cause
			}
		}
	}
	return ""
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
