// Package meter rewrites a checked module such that it counts what it
// executes and how deep its calls go, and asks its host when it has used what
// it was given. The engine can then run it without an interrupt of its own: a
// guest that computes comes back to Go many times a millisecond, where it can
// be stopped, and where others get their turn.
//
// What is injected:
//
//   - an import, [Module].tick(fuel, stack i64) -> i64, after the guest's own,
//     so that the indices of its own functions move up by one;
//   - two mutable globals of i64 after the guest's own, exported to the host:
//     the fuel that is left, and the bytes of stack that are left;
//   - functions after the guest's own, for what takes time by its length, and
//     for calls through a table that nothing can change: see dispatch.go;
//   - with [Options.Snapshot], what [Snapshot] names: after the guest's own, too;
//   - in function bodies, charges: see charge.go; and stack checks: see stack.go.
//
// Nothing of it can be named by the guest: [module.Module.Check] held every
// index against the module's own counts, and a guest has no import of that
// name.
//
// The package makes bytes of a module and runs nothing.
package meter
