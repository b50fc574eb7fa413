// Package memnet is the socket vocabulary of package core in memory: every
// [Network] is a world of its own with a loopback interface, a table of hosts
// and the calls' errors as Linux gives them.
//
// The same calls in the same order give the same ports, descriptors, counts
// and errors: ports are handed out in sequence, buffers have fixed sizes and
// nothing is random. Only the order in which the scheduler runs goroutines
// can differ. The clock is read for the timeouts of sockets alone, so that a
// Network made inside a testing/synctest bubble waits by the bubble's clock.
//
// What a wire can do to a program, [Network.Faults] does on request.
//
// The package never touches the operating system's network, and it starts no
// goroutine. It is made for tests and lessons: one lock guards a whole
// Network.
package memnet
