;; pointer.wat: hands the host an address outside its memory
;;
;; A call such as send takes an address in the plugin's memory and a length. A
;; host that adds the two without care reads its own memory and sends it to the
;; client: passwords, other people's messages. This one asks for 64 KiB that
;; begin at its last byte, then for a length that makes the sum wrap around to
;; a small number. It returns what the last call said: "handle returned -21"
;; is EFAULT, bad address.
(module
  (import "socket" "send" (func $send (param i32 i32 i32 i32) (result i32)))
  (import "socket" "recv" (func $recv (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1 1)
  (func (export "handle") (param $conn i32) (result i32)
    (local $got i32)
    (local.set $got
      (call $send (local.get $conn) (i32.const 65535) (i32.const 65536) (i32.const 0)))
    (if (i32.ge_s (local.get $got) (i32.const 0)) (then (return (i32.const 1))))
    (local.set $got
      (call $send (local.get $conn) (i32.const 0x7fffffff) (i32.const 0x80000010) (i32.const 0)))
    (if (i32.ge_s (local.get $got) (i32.const 0)) (then (return (i32.const 2))))
    (call $recv (local.get $conn) (i32.const -8) (i32.const 64) (i32.const 0))))
