package wasmhost

import (
	"fmt"
	"maps"
	"slices"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/nearest"
	"github.com/sandsock/sandsock/wasmhost/module"
)

// checkImports returns the error of the first import the host lacks.
func (c Config) checkImports(m *module.Module) error {
	embedder := c.functions()
	for _, i := range m.Imports {
		functions, ok := embedder[i.Module]
		if !ok {
			functions = hostModules[i.Module]
		}
		if err := checkImport(m, i, functions); err != nil {
			return err
		}
	}
	return nil
}

// CheckImport returns nil where a host without [Config.Functions] has what an
// import of m asks for, else an error that names it, and what comes nearest.
func CheckImport(m *module.Module, i module.Import) error {
	return checkImport(m, i, hostModules[i.Module])
}

// checkImport is given the functions of the import's module, nil where there
// is no such module.
func checkImport(m *module.Module, i module.Import, functions map[string]string) error {
	full := i.Module + "." + i.Name
	if functions == nil {
		return fmt.Errorf("wants %.100q, and this host has no module of that name: it has %s and %s", full, core.Module, wasiModule)
	}
	have, ok := functions[i.Name]
	switch {
	case !ok:
		return fmt.Errorf("wants %.100q, which this host does not have%s", full, didYouMean(i.Module, i.Name, functions))
	case i.Kind != module.ExternFunc:
		return fmt.Errorf("imports %s as a %s; it is a function, %s", full, i.Kind, have)
	}
	if want := m.Types[i.Type].String(); want != have {
		return fmt.Errorf("imports %s as %s; it is %s", full, want, have)
	}
	return nil
}

// hostModules is what a guest can import: by module and name, the type.
var hostModules = map[string]map[string]string{
	core.Module: socketTypes(),
	wasiModule:  wasiSignatures(),
}

func socketTypes() map[string]string {
	types := map[string]string{}
	for _, c := range core.Calls {
		types[c.Name] = c.Signature()
	}
	return types
}

func wasiSignatures() map[string]string {
	types := map[string]string{"proc_exit": "(i32) -> ()"}
	for _, c := range wasiCalls {
		types[c.name] = wasiSignature(c.params)
	}
	return types
}

func wasiSignature(letters string) string {
	params := make([]module.ValueType, len(letters))
	for i := range letters {
		params[i] = module.I32
		if letters[i] == 'I' {
			params[i] = module.I64
		}
	}
	return module.FuncType{Params: params, Results: []module.ValueType{module.I32}}.String()
}

// didYouMean names the function whose name is nearest, where one is near: half
// the letters are enough, since sendfile is better answered by send than not.
func didYouMean(in, name string, functions map[string]string) string {
	same := func(word string) string { return word }
	near := nearest.Within(name, len(name)/2, slices.Sorted(maps.Keys(functions)), same)
	if len(near) == 0 {
		return ""
	}
	return "; did you mean " + in + "." + near[0] + "?"
}
