// Package supervise starts a process again that died or froze, as systemd does
// with Type=notify, WatchdogSec= and FileDescriptorStoreMax= (systemd.service(5)),
// where there is no systemd. It speaks the same protocol, so that the process is
// the same under either: see the package notify for its side.
//
// The supervisor is the part that must not fail, so it is small: it reads what
// its own process sends it and nothing else, and never waits for it. Why it is
// as it is stands in RATIONALE.md.
package supervise
