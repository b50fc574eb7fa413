// Package follow follows files that somebody saves: it says when the content of
// one may have changed and is whole, and reads it.
//
// It asks the system for the events of the file's folder, and looks at the file
// itself now and then, since some file systems send none. What it decides by is
// what it finds at the file's name, so that no event is ever needed, or
// believed.
//
// It does not know what is in a file, and never writes one.
package follow
