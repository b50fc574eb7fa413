package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
	"github.com/sandsock/sandsock/wasmhost/module"
)

func newInspect(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "inspect FILE",
		Short: "what a plugin file is, wants and offers, without running it",
		Example: `  sandsock inspect shout.wasm
  sandsock inspect upper --json`,
		Long: "exits with 0 where the file can be served or run, with 3 where it cannot",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(c, "which file?")
			}
			return atMostOne(c, args)
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.inspect(args[0], asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// inspection is what `sandsock inspect` finds.
type inspection struct {
	Name   string `json:"name"`
	Size   int    `json:"size"`
	Usable bool   `json:"usable"`
	Kind   string `json:"kind,omitempty"`   // handler or program
	Reason string `json:"reason,omitempty"` // why it is not usable

	Imports   []importLine `json:"imports,omitempty"`
	Exports   []exportLine `json:"exports,omitempty"`
	Memory    *memoryLine  `json:"memory,omitempty"`
	Functions int          `json:"functions"`
	CodeBytes int          `json:"code_bytes"`
	Segments  int          `json:"data_segments"`
	DataBytes int          `json:"data_bytes"`
	Customs   []customLine `json:"custom_sections,omitempty"`
}

type importLine struct {
	Module string `json:"module"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Lacks  string `json:"lacks,omitempty"` // why the host cannot give it
}

type exportLine struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	Type string `json:"type"`
}

// memoryLine is in pages of 64 KiB; Max is absent where there is none.
type memoryLine struct {
	Min uint32  `json:"min"`
	Max *uint32 `json:"max,omitempty"`
}

type customLine struct {
	Name string `json:"name"`
	Size int    `json:"size"`
}

func (a *app) inspect(name string, asJSON bool) error {
	file, err := readPlugin(name)
	if err != nil {
		return err
	}
	m, broken := module.Admit(file, module.Bounds{})
	found := inspection{Name: name, Size: len(file)}
	if broken != nil {
		found.Reason = broken.Error()
	} else {
		found.describe(m)
	}
	switch {
	case asJSON:
		err = json.NewEncoder(a.out).Encode(found)
	case broken == nil:
		a.printInspection(found)
	}
	if err != nil || found.Usable {
		return err
	}
	if asJSON {
		return &failure{code: exitRefused} // it has told why
	}
	return unusable(found, broken == nil)
}

// unusable is the refusal of a file, of which all was printed, or nothing. It
// never says to inspect the file, as that of serving it does.
func unusable(found inspection, printed bool) error {
	f := &failure{code: exitRefused, text: printable(found.Name) + ": " + found.Reason, next: lookAtBundled}
	if printed {
		f.next = "a handler exports memory and handle(i32) -> i32; one to compare with: sandsock inspect " + plugins.Default
	}
	return f
}

func (i *inspection) describe(m *module.Module) {
	s := m.Summary()
	i.Functions, i.CodeBytes, i.Segments, i.DataBytes = s.Functions, s.CodeBytes, s.Segments, s.DataBytes
	i.imports(m, s)
	i.exports(m)
	if s.HasMemory {
		i.Memory = &memoryLine{Min: s.Memory.Min}
		if s.Memory.HasMax {
			i.Memory.Max = &s.Memory.Max
		}
	}
	for _, c := range m.Customs {
		i.Customs = append(i.Customs, customLine{c.Name, len(c.Data)})
	}
	i.judge(m)
}

// judge decides as loading does: by what it is, then by what it wants.
func (i *inspection) judge(m *module.Module) {
	if kind, err := m.Kind(); err == nil {
		i.Kind = kind.String()
	}
	_, err := wasmhost.Config{}.Check(m)
	if err != nil {
		i.Reason = err.Error()
	}
	i.Usable = err == nil
}

// imports asks of each import alone whether the host has it.
func (i *inspection) imports(m *module.Module, s module.Summary) {
	for _, group := range s.Imports {
		for _, want := range group.Imports {
			line := importLine{Module: want.Module, Name: want.Name, Type: m.DescribeImport(want)}
			if err := wasmhost.CheckImport(m, want); err != nil {
				line.Lacks = err.Error()
			}
			i.Imports = append(i.Imports, line)
		}
	}
}

func (i *inspection) exports(m *module.Module) {
	for _, e := range m.Exports {
		i.Exports = append(i.Exports, exportLine{e.Name, e.Kind.String(), m.DescribeExport(e)})
	}
}
