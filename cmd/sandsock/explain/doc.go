// Package explain says what a word means to somebody who learns sockets: an
// error number of any system, its name, an exception of Python's, a call, or
// one of the words they meet on the way. [Look] returns a page of one screen.
//
// The pages are the text files below pages, in a folder for each [Kind]. A
// page begins with its names, reads as it does on the screen, and ends with
// what to do next:
//
//	== EAGAIN, EWOULDBLOCK
//	windows: WSAEWOULDBLOCK
//	what it is, in a sentence or two
//
//	- a usual cause, or what is worth knowing
//
//	see: Linux
//	$ a command that shows it, there alone
//	what it prints, where the page does not say so already
//
//	next: sandsock explain non-blocking
//
// Where no command can show it, a paragraph in its place begins "to see it" and
// says what it would take. see: stands where the command is one system's only.
//
// The first name of an error is core's, and of a call, too. Numbers, Python's
// exception line and a call's shape in a guest are not in the files: they are
// core's tables. It never prints, and opens no socket.
package explain
