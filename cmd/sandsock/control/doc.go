// Package control is how a `sandsock serve` that runs is asked and told things:
// over a Unix socket in a folder of the user's own, of mode 0600, so that
// whoever may connect is the user.
//
// The protocol is one line asked and lines answered, each a JSON object:
//
//	> {"do":"status"}
//	< {"status":{"pid":4711,"routes":[...]}}
//
//	> {"do":"swap","route":"tcp://127.0.0.1:6565","file":"/home/me/shout.wasm"}
//	< {"version":{"number":2,"handler":"/home/me/shout.wasm","digest":"9f86..."}}
//
//	> {"do":"rollback","route":"tcp://127.0.0.1:6565"}
//	< {"version":{"number":3,"handler":"upper","digest":"3ac1..."}}
//
//	> {"do":"drain"}, or {"do":"cut"}
//	< {"draining":2}
//	< {"ended":true}
//
// A successor takes over in three steps. The listening sockets come with the
// first answer's first byte (unix(7), SCM_RIGHTS); only who asks so gets them.
// Until the commit nothing has changed, and whichever of the two ends, or says
// nothing more, leaves the other as it was. That ready is answered tells the
// successor that the server is not frozen; the commit is not sent without, and
// cannot be taken back:
//
//	> {"do":"takeover","pid":4712}
//	< {"handover":{"pid":4711,"sockets":[{"name":"tcp://localhost:0","address":"127.0.0.1:6565"}]}}
//	> {"do":"ready","took":[0]}
//	< {"waiting":true}, or {"ended":true} where that came first
//	> {"do":"commit"}
//	< {"draining":2,"before":[{"pid":4711,"control":"/run/user/1000/sandsock/4711.sock.4711"}]}
//
// What cannot be done is answered with an error in its place:
//
//	< {"error":{"text":"there is no route x","next":"...","code":2}}
//
// After the last answer the server closes the connection. A request that is
// longer than [MaxRequest] or does not come within [Patience] is answered with
// an error, and an answer that is not read within Patience is given up. Each
// connection has a goroutine, and there are [MaxClients] at most, so that none
// keeps another waiting, or the routes.
//
// It knows nothing of plugins: what is asked is the [Handler]'s to do.
package control
