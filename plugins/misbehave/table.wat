;; table.wat: takes memory by way of a table
;;
;; A table is a list of references, kept by the host and not in the plugin's
;; memory: the limit of the memory does not count it. It asks for 100 million
;; entries of eight bytes, and when that is refused for 1,000 at a time. It
;; returns how many it got.
(module
  (memory (export "memory") 1 1)
  (table $t 0 externref)
  (func (export "handle") (param $conn i32) (result i32)
    (drop (table.grow $t (ref.null extern) (i32.const 100000000)))
    (loop $more
      (br_if $more (i32.ne
        (table.grow $t (ref.null extern) (i32.const 1000))
        (i32.const -1))))
    (table.size $t)))
