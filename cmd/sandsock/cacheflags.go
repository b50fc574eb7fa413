package main

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sandsock/sandsock/wasmhost"
	"github.com/sandsock/sandsock/wasmhost/codecache"
	"github.com/sandsock/sandsock/wasmhost/codecache/folder"
)

// cacheFlags say where compiled plugins are kept between runs: in the user's
// cache folder, unless one of them says otherwise.
type cacheFlags struct {
	dir  string
	none bool
}

func (f *cacheFlags) add(flags *pflag.FlagSet) {
	flags.Var(wordFlag{&f.dir, "DIR", "a folder"}, "cache", "keep compiled plugins there, for the next start; in the user's cache folder if not given")
	flags.BoolVar(&f.none, "no-cache", false, "keep no compiled plugins")
}

func (f *cacheFlags) check(c *cobra.Command) error {
	if f.none && f.dir != "" {
		return usage(c, "--cache and --no-cache: it is one or the other")
	}
	return nil
}

// open opens the cache. What only keeps it from keeping anything is reported,
// and done without; a folder that others could have put code into is refused.
func (f *cacheFlags) open(report func(wasmhost.Report)) (*codecache.Cache, error) {
	cache, err := codecache.New()
	if err != nil {
		return nil, errors.New("no folder for compiled plugins can be made: " + systemText(err))
	}
	if f.none {
		return cache, nil
	}
	go func() { _, _ = codecache.Identity() }() // it is wanted soon
	dir, err := f.folder()
	if err == nil {
		err = cache.Keep(dir)
	}
	var unsafe *folder.UnsafeError
	switch {
	case errors.As(err, &unsafe):
		return nil, errors.Join(&failure{
			code: exitFailed, text: printable(unsafe.Error()) + ", and code that is kept there is run",
			next: "let nobody else write there, or choose another with --cache, or none with --no-cache",
		}, cache.Close())
	case err != nil && report != nil:
		report(wasmhost.Report{Event: wasmhost.EventTrouble, Error: "goes on without the cache: " + err.Error()})
	}
	return cache, nil
}

func (f *cacheFlags) folder() (string, error) {
	if f.dir != "" {
		return f.dir, nil
	}
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "sandsock"), err
}
