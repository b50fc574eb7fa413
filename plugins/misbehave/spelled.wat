;; spelled.wat: connects to a forbidden address that is spelled otherwise
;;
;; One machine has many names: all of these reach 127.0.0.1, and a guard that
;; compares texts knows one of them. It takes a port from its client, such as
;; :5432, and tries each spelling with it. It returns the last error, -2 for
;; EACCES (or -6, no such kind of address, -1002, no such name); where it gets
;; through it says so to whoever is there.
(module
  (import "socket" "recv" (func $recv (param i32 i32 i32 i32) (result i32)))
  (import "socket" "send" (func $send (param i32 i32 i32 i32) (result i32)))
  (import "socket" "close" (func $close (param i32) (result i32)))
  (import "socket" "socket" (func $socket (param i32 i32 i32) (result i32)))
  (import "socket" "connect" (func $connect (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1 1)
  ;; the spellings, each in 24 bytes, of which the first is the length and the
  ;; second the family: 2 is IPv4, 10 IPv6
  (data (i32.const 0)   "\09\02127.0.0.1")
  (data (i32.const 24)  "\09\02localhost")
  (data (i32.const 48)  "\07\020.0.0.0")
  (data (i32.const 72)  "\05\02127.1")
  (data (i32.const 96)  "\0a\020x7f000001")
  (data (i32.const 120) "\12\0a[::ffff:127.0.0.1]")
  (data (i32.const 144) "\11\0a[::ffff:7f00:1]\00")
  (data (i32.const 168) "\04\0a[::]")
  (data (i32.const 256) "let me in")
  (func (export "handle") (param $conn i32) (result i32)
    (local $at i32) (local $len i32) (local $port i32) (local $s i32) (local $got i32)
    (local.set $port (call $recv (local.get $conn) (i32.const 512) (i32.const 8) (i32.const 0)))
    (loop $next
      ;; the spelling, then the port, at 1024
      (local.set $len (i32.load8_u (local.get $at)))
      (memory.copy (i32.const 1024) (i32.add (local.get $at) (i32.const 2)) (local.get $len))
      (memory.copy (i32.add (i32.const 1024) (local.get $len)) (i32.const 512) (local.get $port))
      (local.set $s (call $socket (i32.load8_u offset=1 (local.get $at)) (i32.const 1) (i32.const 0)))
      (local.set $got (call $connect (local.get $s)
        (i32.const 1024) (i32.add (local.get $len) (local.get $port))))
      (if (i32.eqz (local.get $got))
        (then (drop (call $send (local.get $s) (i32.const 256) (i32.const 9) (i32.const 0)))))
      (drop (call $close (local.get $s)))
      (local.set $at (i32.add (local.get $at) (i32.const 24)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 192))))
    (local.get $got)))
