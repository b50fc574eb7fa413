package main

import (
	"fmt"
	"strings"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/wasmhost/module"
)

// printInspection prints what was found of a module, which is what its author
// wrote, and so escaped.
func (a *app) printInspection(i inspection) {
	a.print("%s   %s", printable(i.Name), size(i.Size))
	a.printImports(i.Imports)
	a.printExports(i.Exports)
	if i.Memory != nil {
		a.print("memory     %s", i.Memory)
	}
	a.print("functions  %d, %s of code", i.Functions, size(i.CodeBytes))
	a.print("data       %s, %s", plural(i.Segments, "segment"), size(i.DataBytes))
	for _, c := range i.Customs {
		a.print("section    %s, %s", printable(c.Name), size(c.Size))
	}
	if i.Usable {
		a.print("%s", a.onOut.good(i.Kind))
		a.next(nextOf(i), "")
	}
}

func (a *app) printImports(imports []importLine) {
	if len(imports) == 0 {
		a.print("imports    nothing")
		return
	}
	a.print("imports")
	width := 0
	for _, line := range imports {
		width = max(width, len(line.full()))
	}
	for _, line := range imports {
		text := "  " + pad(line.full(), width) + "  " + printable(line.Type)
		if line.Lacks != "" {
			text += "   " + a.onOut.bad("this host lacks it")
		}
		a.print("%s", text)
	}
}

func (l importLine) full() string { return printable(l.Module + "." + l.Name) }

func (a *app) printExports(exports []exportLine) {
	if len(exports) == 0 {
		a.print("exports    nothing")
		return
	}
	a.print("exports")
	width := 0
	for _, line := range exports {
		width = max(width, len(printable(line.Name)))
	}
	for _, line := range exports {
		a.print("  %s  %s", pad(printable(line.Name), width), line.Type)
	}
}

// String returns the size in pages and in bytes: 1..16 pages, 64 KiB to 1 MiB.
func (m *memoryLine) String() string {
	text := fmt.Sprintf("%d.. pages, %s", m.Min, pages(m.Min))
	if m.Max == nil {
		return text + " and no maximum"
	}
	text = fmt.Sprintf("%d..%d pages, %s", m.Min, *m.Max, pages(m.Min))
	if *m.Max == m.Min {
		return text
	}
	return text + " to " + pages(*m.Max)
}

func pages(n uint32) string {
	if kib := uint64(n) * 64; kib < 1024 {
		return fmt.Sprintf("%d KiB", kib)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/16), ".0") + " MiB"
}

// nextOf returns the line that uses the plugin, with the grants that a program
// with such imports will want.
func nextOf(i inspection) string {
	name := printable(i.Name)
	if i.Kind == module.Handler.String() {
		return "sandsock serve " + name
	}
	line := "sandsock run " + name
	for _, want := range i.Imports {
		switch want.full() {
		case core.Module + ".bind":
			line += " --allow-listen " + defaultEndpoint
		case core.Module + ".connect", core.Module + ".connect_ex":
			line += " --allow-connect " + defaultEndpoint
		case core.Module + ".sendto":
			line += " --allow-send " + defaultEndpoint
		}
	}
	return line
}
