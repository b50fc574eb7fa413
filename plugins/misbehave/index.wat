;; index.wat: writes to a variable that is not its own
;;
;; The host counts a plugin's stack in a global variable that it adds behind
;; the plugin's own. This plugin has none, and writes to number 1: after the
;; host has added its two, that is the stack that is left. Then it calls itself
;; for ever. It is built with wat2wasm --no-check, since no honest tool writes
;; such a file.
(module
  (memory (export "memory") 1 1)
  (func $dig (param $depth i32) (result i32)
    (i32.add
      (call $dig (i32.add (local.get $depth) (i32.const 1)))
      (local.get $depth)))
  (func (export "handle") (param $conn i32) (result i32)
    (global.set 1 (i64.const 0x7fffffffffffff))
    (call $dig (local.get $conn))))
