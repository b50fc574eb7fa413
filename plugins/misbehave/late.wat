;; late.wat: goes on after it was stopped
;;
;; It waits for its client, who says nothing, until the host stops it. A call
;; that was only interrupted returns an error, and whoever ignores errors has
;; got away: it writes to the log, and to the client.
(module
  (import "socket" "recv" (func $recv (param i32 i32 i32 i32) (result i32)))
  (import "socket" "send" (func $send (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1 1)
  (data (i32.const 0) "\10\00\00\00\0b\00\00\00")
  (data (i32.const 16) "still here\0a")
  (func (export "handle") (param $conn i32) (result i32)
    (drop (call $recv (local.get $conn) (i32.const 64) (i32.const 64) (i32.const 0)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (drop (call $send (local.get $conn) (i32.const 16) (i32.const 11) (i32.const 0)))
    (i32.const 0)))
