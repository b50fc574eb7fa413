package module

import (
	"fmt"
	"slices"
)

// Kind is what a host can do with a module.
type Kind int

// The kinds of modules. A module that could be both is a handler.
const (
	Neither Kind = iota
	Handler      // is called once a connection
	Program      // is started once
)

// String returns "handler", "program" or "neither a handler nor a program".
func (k Kind) String() string {
	switch k {
	case Handler:
		return "handler"
	case Program:
		return "program"
	}
	return "neither a handler nor a program"
}

// The exports by which a host knows what a module is.
const (
	exportMemory     = "memory"
	exportHandle     = "handle"
	exportStart      = "_start"
	exportInitialize = "_initialize"
)

var (
	handleType = FuncType{Params: []ValueType{I32}, Results: []ValueType{I32}}
	hookType   = FuncType{} // of _start and _initialize
)

// Kind tells what the module is; where it is neither, the error is an
// [*Error] that says why it is no handler, or no program if it exports
// _start and not handle.
func (m *Module) Kind() (Kind, error) {
	notHandler := m.CheckHandler()
	if notHandler == nil {
		return Handler, nil
	}
	notProgram := m.CheckProgram()
	if notProgram == nil {
		return Program, nil
	}
	_, handle := m.Export(exportHandle)
	if _, start := m.Export(exportStart); start && !handle {
		return Neither, notProgram
	}
	return Neither, notHandler
}

// CheckHandler returns nil where the module exports memory and
// handle(i32) -> i32, else an [*Error] that says what it lacks. Of Go's files,
// one with a _start as well is refused: its runtime would not be started.
func (m *Module) CheckHandler() error {
	if _, start := m.Export(exportStart); start && slices.Contains(m.Languages(), "Go") {
		return reason("exports %s too: Go calls its functions only in a file built with -buildmode=c-shared", exportStart)
	}
	return m.checkExports(exportHandle, handleType, "a handler is")
}

// CheckProgram returns nil where the module exports memory and
// _start() -> (), else an [*Error] that says what it lacks.
func (m *Module) CheckProgram() error {
	return m.checkExports(exportStart, hookType, "a program is")
}

func (m *Module) checkExports(name string, want FuncType, needs string) error {
	e, ok := m.Export(name)
	if !ok {
		return m.without(fmt.Sprintf("does not export %s%s", name, want))
	}
	if err := m.checkFunc(e, want, needs); err != nil {
		return err
	}
	if err := m.checkMemory(); err != nil {
		return err
	}
	if e, ok := m.Export(exportInitialize); ok {
		return m.checkFunc(e, hookType, "it must be")
	}
	return nil
}

// checkFunc insists that an export is a function of a type; needs
// begins the sentence that says which.
func (m *Module) checkFunc(e Export, want FuncType, needs string) error {
	if e.Kind != ExternFunc {
		return reason("exports %s as a %s; it is a function, %s%s", e.Name, e.Kind, e.Name, want)
	}
	if t, _ := m.FuncType(e.Index); !t.Equal(want) {
		return reason("exports %s%s; %s %s%s", e.Name, t, needs, e.Name, want)
	}
	return nil
}

func (m *Module) checkMemory() error {
	e, ok := m.Export(exportMemory)
	switch {
	case ok && e.Kind != ExternMemory:
		return reason("exports memory as a %s; it must be its memory", e.Kind)
	case !ok && m.NumMems() == 0:
		return reason("has no memory")
	case !ok:
		return reason("does not export its memory")
	}
	return nil
}

// without explains a missing export by the way the file was built, where that
// shows; else it says only what is missing.
func (m *Module) without(missing string) error {
	if m.HasCustom("linking") {
		return reason("is an object file that was not linked: build it without -c, or link it with wasm-ld")
	}
	for _, i := range m.Imports {
		switch i.Module {
		case "gojs", "go":
			return reason("is built for a web browser (GOOS=js): build it with GOOS=wasip1")
		case "wbg", "__wbindgen_placeholder__":
			return reason("is built for JavaScript (wasm-bindgen): build it for the target wasm32-wasip1")
		}
	}
	return reason("%s", missing)
}

func reason(format string, args ...any) error {
	return &Error{Reason: fmt.Sprintf(format, args...)}
}
