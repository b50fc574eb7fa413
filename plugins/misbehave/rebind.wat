;; rebind.wat: connects to a name that changes its mind
;;
;; It may look up a name of its own, rebind.test, and connect to 127.0.0.2. Its
;; owner answers the first question with 127.0.0.2, and every later one with
;; 127.0.0.1: a guard that asks once to check, and once more to connect, lets
;; it through. It takes a port from its client, such as :5432, and tries eight
;; times. "handle returned -2" is EACCES, permission denied.
(module
  (import "socket" "recv" (func $recv (param i32 i32 i32 i32) (result i32)))
  (import "socket" "send" (func $send (param i32 i32 i32 i32) (result i32)))
  (import "socket" "close" (func $close (param i32) (result i32)))
  (import "socket" "socket" (func $socket (param i32 i32 i32) (result i32)))
  (import "socket" "connect" (func $connect (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1 1)
  (data (i32.const 0) "rebind.test")
  (data (i32.const 256) "let me in")
  (func (export "handle") (param $conn i32) (result i32)
    (local $tries i32) (local $n i32) (local $s i32) (local $got i32)
    (local.set $n (i32.add (i32.const 11)
      (call $recv (local.get $conn) (i32.const 11) (i32.const 8) (i32.const 0))))
    (loop $next
      (local.set $s (call $socket (i32.const 2) (i32.const 1) (i32.const 0)))
      (local.set $got (call $connect (local.get $s) (i32.const 0) (local.get $n)))
      (if (i32.eqz (local.get $got))
        (then (drop (call $send (local.get $s) (i32.const 256) (i32.const 9) (i32.const 0)))))
      (drop (call $close (local.get $s)))
      (local.set $tries (i32.add (local.get $tries) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $tries) (i32.const 8))))
    (local.get $got)))
