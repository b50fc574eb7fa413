// Package codecache keeps native code between runs, in a folder of the user's
// own, and hands it to the engine.
//
// The engine's own cache is a folder as well, but it believes what is in there:
// its checksum leaves out where functions begin, and a file that is damaged is
// an error for ever. So nothing but this package reads and writes the lasting
// folder, in files that are sealed: one whose seal does not fit is dropped. What
// the engine sees is a second folder, of this process only and gone with it, in
// which it finds the code of the one plugin that is being loaded: on Linux, and
// where it is much, behind a named pipe, into which it is written as it is read,
// and checked where it was kept.
//
// A seal shows damage, not forgery. Whoever can write to the lasting folder can
// have the host run native code: [folder.Open] refuses one that others can write
// to.
package codecache
