// Package inherit takes the sockets that whoever started this process left it,
// by the protocol of sd_listen_fds(3): LISTEN_FDS is how many there are, from
// descriptor 3 on, LISTEN_FDNAMES their names, with colons between, and
// LISTEN_PID the process they are for. A parent that cannot know that number,
// as one that starts its children with os/exec, leaves LISTEN_PID out.
//
// And it knows which route such a socket is for. It opens and binds nothing.
package inherit
