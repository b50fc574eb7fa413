package control

import "syscall"

func beforeBind(string, string, syscall.RawConn) error { return nil }

// dead reports nothing: a socket that nobody listens on stays until another
// process of its number takes it away.
func dead(string) bool { return false }
