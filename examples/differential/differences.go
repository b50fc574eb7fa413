package main

import "regexp"

// kept is a difference from CPython that we keep.
type kept struct {
	line   string // a regular expression the whole line matches
	python string // python3's outcome
	ours   string // ours
	worlds string // a regular expression for the worlds' names; empty for all
	reason string
}

// keptDifferences is all of them. One that no case meets fails the test.
var keptDifferences = []kept{
	{`\w+\.settimeout -.*|\w+\.settimeout nan`, "ValueError", "OSError 22", "", usage},
	{`\w+\.settimeout (inf|1e10)`, "OverflowError", "OSError 22", "", usage},
	{`\w+\.(bind|connect|connect_ex|sendto) .*:(65536|70000|-1)`, "OverflowError", "OSError 22", "", usage},
	{`getaddrinfo .*`, "UnicodeError", "gaierror -2", "", usage},
	{`\w+\.listen 2147483648`, "OverflowError", "None", "", "core takes what is too large as the largest there is"},
	{`poll .*`, "ValueError", ".*:nval", "", "Python's poll refuses the -1 of a closed socket, poll(2) and core report POLLNVAL"},
	{`\w+\.(recv|recvfrom|send|sendall) .* oob`, ".*", "OSError 95", "", outOfBand},
	{`getaddrinfo (127\.1|0x7f000001|2130706433) inet|\w+\.bind 127\.1:0`, "127.0.0.1|None", "gaierror -2", "", disguised},
	{`\w+\.recv 0( .*)?`, "b''", "OSError 9", "", closed},
	{`\w+\.(gettimeout|getblocking)`, ".*", "OSError 9", "", closed},
	{`\w+\.(bind|connect|connect_ex|sendto) .*`, "gaierror -9", "OSError 9", "", closed},
	{`\w+\.bind server`, "OSError 98", "None", "memnet", "memnet has no TIME_WAIT: it would make every test of its own wait a minute"},
	{`\w+\.getsockopt 9999:1`, "OSError 95", "OSError 92", "", "what is not in the table of options is ENOPROTOOPT, whatever the level"},
}

const (
	usage     = "CPython checks the argument itself, before the call; core has error numbers only"
	outOfBand = "urgent data is not in the contract: a byte beside the stream is nothing a handler should see"
	closed    = "CPython answers before it looks whether the socket is open; core says EBADF for every call"
	disguised = "old forms of an IPv4 address hide what a grant is about, so nobody resolves them"
)

// findKept returns the place of the entry for a difference, -1 for none.
func findKept(world, line, python, ours string) int {
	for i, k := range keptDifferences {
		if whole(k.line, line) && whole(k.python, python) && whole(k.ours, ours) && (k.worlds == "" || whole(k.worlds, world)) {
			return i
		}
	}
	return -1
}

func whole(pattern, text string) bool {
	return regexp.MustCompile("^(?:" + pattern + ")$").MatchString(text)
}
