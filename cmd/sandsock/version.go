package main

import (
	"encoding/json"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/sandsock/sandsock/core"
)

// versions is what `sandsock version` prints.
type versions struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Module   string `json:"module"`   // the import module of the guest contract
	Contract int    `json:"contract"` // its version
	Wazero   string `json:"wazero"`
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
}

func newVersion(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "version",
		Short: "what this command is made of",
		Example: `  sandsock version
  sandsock version --json`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			v := readVersions()
			if asJSON {
				return json.NewEncoder(a.out).Encode(v)
			}
			a.printVersions(v)
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

func (a *app) printVersions(v versions) {
	a.print("sandsock  %s", v.Version)
	if v.Revision != "" {
		a.print("revision  %s%s", v.Revision, map[bool]string{true: ", modified"}[v.Modified])
	}
	a.print("contract  %s %d", v.Module, v.Contract)
	a.print("wazero    %s", v.Wazero)
	a.print("go        %s %s/%s", v.Go, v.OS, v.Arch)
	a.next("sandsock echo", "the echo exercise, call by call")
}

func readVersions() versions {
	v := versions{
		Version: "(devel)", Module: core.Module, Contract: core.Version, Wazero: "unknown",
		Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	for _, d := range info.Deps {
		if d.Path == "github.com/tetratelabs/wazero" {
			v.Wazero = d.Version
		}
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}
