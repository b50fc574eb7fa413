;; recursion.wat: calls itself until the stack is full
;;
;; In Python it would be
;;
;;     def dig(depth):
;;         return dig(depth + 1) + depth
;;
;; Every call that has not returned keeps its values on the stack. Left alone,
;; the engine lets the stack of one connection grow to about 100 MB, with a
;; copy beside it while it grows: a few connections are all memory there is.
(module
  (memory (export "memory") 1 1)
  (func $dig (param $depth i32) (result i32)
    (i32.add
      (call $dig (i32.add (local.get $depth) (i32.const 1)))
      (local.get $depth)))
  (func (export "handle") (param $conn i32) (result i32)
    (call $dig (local.get $conn))))
