// Package script is the neutral form of a test of sockets, and the machine
// that runs it over any [core.Network].
//
// A case is a title and lines; a line is one call of one party:
//
//	== a message arrives as it was sent
//	server = socket inet stream
//	server.bind 127.0.0.1:0
//	server.listen 5
//	client = socket inet stream
//	client.connect server
//	conn = server.accept
//	client.send 'holle world!'
//	conn.recv 1024
//
// The lines run in order, in one thread. Every line has an outcome, which is
// text in Python's words: a value, ConnectionRefusedError 111, TimeoutError
// timed out, end of stream, or blocks. Ports differ from run to run, so an
// outcome says whose port it is: ('127.0.0.1', server).
//
// Arguments are words, and bytes as 'text' or 'text'*1000. An address is
// host:port, where the port may be the name of a party, or a party's name
// alone, which is the address it has, or had before it was closed.
//
// Beside Python's calls there are some, for what else would be a race or
// depend on the machine:
//
//	conn.await in      waits until poll has in, out, end or error
//	conn.await 12      waits until 12 bytes can be received
//	conn.drain 100000  receives until so many bytes, the end, or an error
//	conn.fill          sends until an error comes
//	conn.empty         receives until an error or the end comes
//
// A call of a blocking socket that would wait is blocks. Whoever runs the
// machine sees to that: its network ends such a call with ECANCELED.
package script
