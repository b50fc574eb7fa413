package notify

import "syscall"

const speaks = false

func send(syscall.RawConn, []byte, []byte) {}

func rights(int) []byte { return nil }

func monotonic() string { return "" }
