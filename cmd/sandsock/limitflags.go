package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/sandsock/sandsock/wasmhost"
)

// limitFlags are the flags that bound what a plugin may use. What is not given
// is zero, which is the host's default.
type limitFlags struct {
	wasmhost.Limits
	budget    int64
	instances int
}

// mostMemory is the most that a memory can have.
const mostMemory = 4 << 30

// bundledMemory is the limit of a bundled plugin's memory, which is known.
const bundledMemory = 16 << 20

// of returns the limits of a plugin by the name that was typed.
func (f *limitFlags) of(name string) wasmhost.Limits {
	limits := f.Limits
	if limits.Memory == 0 && isBundled(name) {
		limits.Memory = bundledMemory
	}
	return limits
}

// addForAll adds what both handlers and programs have.
func (f *limitFlags) addForAll(flags *pflag.FlagSet) {
	flags.Var(sizeFlag{to: &f.Memory, most: mostMemory}, "memory", "limit of its memory, 64MiB if not given, 16MiB of a bundled one")
	flags.Var(sizeFlag{to: &f.Stack, most: 64 << 20}, "stack", "limit of its stack, 1MiB if not given")
	flags.Var(countFlag[int64]{&f.Fuel}, "fuel", "limit of instructions in total, none if not given")
	flags.Var(countFlag[int64]{&f.FuelBetween}, "fuel-between", "limit of instructions between two calls, 2000000000 if not given")
	flags.Var(countFlag[int]{&f.Sockets}, "sockets", "limit of sockets it has open, 16 if not given")
	flags.Var(timeFlag{&f.Total}, "total", "limit of the time from its begin to its end, none if not given")
	flags.Var(sizeFlag{to: &f.Received}, "max-received", "limit of bytes it receives, none if not given")
	flags.Var(sizeFlag{to: &f.Sent}, "max-sent", "limit of bytes it sends, none if not given")
}

// addForRoutes adds what only handlers have.
func (f *limitFlags) addForRoutes(flags *pflag.FlagSet) {
	f.addForEachRoute(flags)
	f.addForHost(flags)
}

func (f *limitFlags) addForEachRoute(flags *pflag.FlagSet) {
	flags.Var(timeFlag{&f.FirstByte}, "first-byte", "limit of the time without a byte before the first is received, 30s if not given")
	flags.Var(timeFlag{&f.Idle}, "idle", "limit of the time in which no byte moves, 5m if not given")
	flags.Var(timeFlag{&f.Drain}, "drain", "limit of the time in which connections go on once their handler was swapped, or the server is told to end, 10m if not given")
	flags.Var(rateFlag{&f.Log}, "log-rate", "limit of what a route's handlers print in a second, 64KiB if not given")
	flags.Var(countFlag[int]{&f.Connections}, "connections", "limit of a route's connections at once, 50000 if not given")
	flags.Var(countFlag[int]{&f.PerAddress}, "per-address", "limit of those from one address, none if not given")
}

// addForHost adds what all routes share.
func (f *limitFlags) addForHost(flags *pflag.FlagSet) {
	flags.Var(sizeFlag{to: &f.budget}, "budget", "limit of the memory of all handlers together, 2GiB if not given")
	flags.Var(countFlag[int]{&f.instances}, "instances", "limit of handlers at work at once, 100000 if not given")
}

// none is how no limit is typed.
const none = "none"

// sizeFlag is a number of bytes: 4096, 64KiB, 1.5MB.
type sizeFlag struct {
	to   *int64
	most int64 // 0: it may be none, too
}

func (f sizeFlag) String() string { return "" }
func (f sizeFlag) Type() string   { return "SIZE" }

func (f sizeFlag) Set(text string) error {
	if text == none && f.most == 0 {
		*f.to = -1
		return nil
	}
	n, ok := parseSize(text)
	switch {
	case !ok && f.most == 0:
		return errors.New(strconv.Quote(text) + ": it is a size such as 64MiB, or none")
	case !ok || f.most > 0 && n > f.most:
		return fmt.Errorf("%q: it is a size such as 1MiB, %d MiB at most", text, f.most>>20)
	}
	*f.to = n
	return nil
}

// parseSize reads a size above 0, in units of a thousand or of 1,024.
func parseSize(text string) (int64, bool) {
	number := strings.TrimRight(text, "kKMGTiB ")
	var unit float64
	switch strings.TrimSpace(text[len(number):]) {
	case "", "B":
		unit = 1
	case "kB", "KB":
		unit = 1e3
	case "MB":
		unit = 1e6
	case "GB":
		unit = 1e9
	case "KiB":
		unit = 1 << 10
	case "MiB":
		unit = 1 << 20
	case "GiB":
		unit = 1 << 30
	}
	n, err := strconv.ParseFloat(number, 64)
	n *= unit
	if err != nil || !(n >= 1 && n <= 1<<53) || strings.ContainsAny(number, "xXpPeE_+") {
		return 0, false
	}
	return int64(n), true
}

// rateFlag is a size a second.
type rateFlag struct{ to *int }

func (f rateFlag) String() string { return "" }
func (f rateFlag) Type() string   { return "SIZE" }

func (f rateFlag) Set(text string) error {
	var n int64
	err := sizeFlag{to: &n}.Set(text)
	*f.to = int(min(n, 1<<30))
	return err
}

// countFlag is a whole number above 0.
type countFlag[N int | int64] struct{ to *N }

func (f countFlag[N]) String() string { return "" }
func (f countFlag[N]) Type() string   { return "N" }

func (f countFlag[N]) Set(text string) error {
	if text == none {
		*f.to = -1
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || int64(N(n)) != n {
		return errors.New(strconv.Quote(text) + ": it is a whole number from 1, or none")
	}
	*f.to = N(n)
	return nil
}

// timeFlag is a time above 0.
type timeFlag struct{ to *time.Duration }

func (f timeFlag) String() string { return "" }
func (f timeFlag) Type() string   { return "TIME" }

func (f timeFlag) Set(text string) error {
	if text == none {
		*f.to = -1
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return errors.New(strconv.Quote(text) + ": it is a time such as 500ms, 30s or 5m, or none")
	}
	*f.to = d
	return nil
}
