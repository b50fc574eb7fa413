// Package notes is the exercise of the study notes, "Network Programming
// socket": a client that sends holle world! to a server, which sends it back
// in capital letters. Each is one function, to be laid beside the notes line
// by line, over any network: the operating system's, one in memory, or the
// one a host lends to a sandboxed program. The folders client and server make
// such programs of them.
//
// The calls are the notes' own. What a Python program leaves to the end of
// the process is written out: every socket is closed.
package notes
