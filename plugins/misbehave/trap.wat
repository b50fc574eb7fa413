;; trap.wat: crashes on every connection
;;
;; It divides by zero. That ends a program in any language; here it must end
;; one connection, and nothing of the crash may be left for the next.
(module
  (memory (export "memory") 1 1)
  (func $crash (param $n i32) (result i32)
    (i32.div_u (local.get $n) (i32.const 0)))
  (func (export "handle") (param $conn i32) (result i32)
    (call $crash (local.get $conn))))
