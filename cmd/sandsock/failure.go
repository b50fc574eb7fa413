package main

import "errors"

// The exit codes. `sandsock run` exits with its program's own.
const (
	exitWell         = 0
	exitFailed       = 1   // what was asked for did not work
	exitUsage        = 2   // the command line is wrong
	exitRefused      = 3   // the plugin cannot be had, or is none
	exitInconclusive = 4   // it worked as far as it went, and cannot be told
	exitInterrupted  = 130 // cut by an interrupt, 128 + SIGINT as shells count
)

// failure is an end other than well. Without a text nothing is left to say.
type failure struct {
	code   int
	text   string // one sentence: what is wrong
	detail string // a line below it
	next   string // what to try
}

func (f *failure) Error() string { return f.text }

var errInterrupted = &failure{code: exitInterrupted, text: "interrupted"}

// end says how the command ended and returns its exit code.
func (a *app) end(err error) int {
	var f *failure
	switch {
	case err == nil && a.out.err != nil:
		f = &failure{code: exitFailed, text: "cannot write to standard output: " + systemText(a.out.err)}
	case err == nil:
		return exitWell
	case !errors.As(err, &f):
		f = &failure{code: exitFailed, text: err.Error()}
	}
	a.explain(f)
	return f.code
}

func (v *voice) explain(f *failure) {
	if f.text == "" {
		return
	}
	v.say("%s", v.onTalk.bad(f.text))
	for _, line := range []string{f.detail, f.next} {
		if line != "" {
			v.say("  %s", line)
		}
	}
}
