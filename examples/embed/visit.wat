;; A handler for examples/embed: it answers with one digit, how many visits
;; there were, which the program that embeds it counts.
;;
;;   wat2wasm visit.wat -o DIRECTORY/handler.wasm
(module
  (import "socket" "send" (func $send (param i32 i32 i32 i32) (result i32)))
  (import "app" "visit" (func $visit (result i64)))
  (memory (export "memory") 1)
  (func (export "handle") (param $conn i32) (result i32)
    (i32.store8 (i32.const 0)
      (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (call $visit) (i64.const 10)))))
    (drop (call $send (local.get $conn) (i32.const 0) (i32.const 1) (i32.const 0)))
    (i32.const 0)))
