;; descriptor.wat: uses descriptors that it was never given
;;
;; The host's process has many open sockets, with small numbers. So it tries
;; them all: it sends to every number up to 4,096 but its own, and to some that
;; are negative. It returns how often that worked, or else the last error:
;; "handle returned -8" is EBADF, bad file descriptor.
(module
  (import "socket" "send" (func $send (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1 1)
  (data (i32.const 0) "stolen")
  (func (export "handle") (param $conn i32) (result i32)
    (local $fd i32) (local $result i32) (local $worked i32)
    (local.set $fd (i32.const -16))
    (loop $next
      (if (i32.ne (local.get $fd) (local.get $conn))
        (then
          (local.set $result
            (call $send (local.get $fd) (i32.const 0) (i32.const 6) (i32.const 0)))
          ;; what does not begin with EBADF or ENOTSOCK (its own 0 to 2) worked
          (if (i32.ge_s (local.get $result) (i32.const 0))
            (then (local.set $worked (i32.add (local.get $worked) (i32.const 1)))))))
      (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
      (br_if $next (i32.lt_s (local.get $fd) (i32.const 4096))))
    (select (local.get $worked) (local.get $result) (local.get $worked))))
