// Package bench measures what the sandbox costs: a handler and a server written
// for the same job in plain Go are driven with the same loads, in turn, so that
// the moods of the machine meet both.
//
// It knows addresses only. Who serves there, and in which process, is for the
// caller to say.
package bench
