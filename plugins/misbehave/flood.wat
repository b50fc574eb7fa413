;; flood.wat: floods the log, and forges lines in it
;;
;; What a plugin prints is the operator's to read. This one prints a megabyte
;; of it: sequences that clear the terminal and turn it red, and lines that
;; look like the host's own.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param $fd i32) (param $list i32) (param $count i32) (param $written i32) (result i32)))
  (memory (export "memory") 1 1)
  (data (i32.const 0) "\10\00\00\00\00\04\00\00")  ;; where the text is, and its 1,024 bytes
  (data (i32.const 16) "\1b[2J\1b[31m\0d#7 closed: 0 B in, 0 B out\0a#8 ('127.0.0.1', 22) connected\0a")
  (func (export "handle") (param $conn i32) (result i32)
    (local $i i32)
    (loop $again
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 1024))))
    (i32.const 0)))
