;; bulk.wat: writes 1.6 terabytes with few instructions
;;
;; One memory.fill of 16 MiB is one instruction, and takes milliseconds in
;; which nothing else is looked at. Ten of them in a row, called by ten times
;; ten times ten times ten calls: counted as instructions that is nearly
;; nothing.
(module
  (memory (export "memory") 256 256)
  (func $f0 (local $a i32) (local $n i32)
    (local.set $n (i32.const 16777216))
    (memory.fill (local.get $a) (local.get $a) (local.get $n))
    (memory.fill (local.get $a) (local.get $a) (local.get $n))
    (memory.fill (local.get $a) (local.get $a) (local.get $n))
    (memory.fill (local.get $a) (local.get $a) (local.get $n))
    (memory.fill (local.get $a) (local.get $a) (local.get $n))
    (memory.fill (local.get $a) (local.get $a) (local.get $n))
    (memory.fill (local.get $a) (local.get $a) (local.get $n))
    (memory.fill (local.get $a) (local.get $a) (local.get $n))
    (memory.fill (local.get $a) (local.get $a) (local.get $n))
    (memory.fill (local.get $a) (local.get $a) (local.get $n)))
  (func $f1
    (call $f0) (call $f0) (call $f0) (call $f0) (call $f0)
    (call $f0) (call $f0) (call $f0) (call $f0) (call $f0))
  (func $f2
    (call $f1) (call $f1) (call $f1) (call $f1) (call $f1)
    (call $f1) (call $f1) (call $f1) (call $f1) (call $f1))
  (func $f3
    (call $f2) (call $f2) (call $f2) (call $f2) (call $f2)
    (call $f2) (call $f2) (call $f2) (call $f2) (call $f2))
  (func $f4
    (call $f3) (call $f3) (call $f3) (call $f3) (call $f3)
    (call $f3) (call $f3) (call $f3) (call $f3) (call $f3))
  (func (export "handle") (param $conn i32) (result i32)
    (call $f4)
    (i32.const 0)))
