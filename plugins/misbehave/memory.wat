;; memory.wat: takes all the memory it can get
;;
;; It first asks for 4 GiB at once, the most a module can have, and when that
;; is refused for one page of 64 KiB after the other. It returns how many pages
;; it got, which the log then has: "handle returned 256" is 16 MiB.
(module
  (memory (export "memory") 1)   ;; no maximum: it asks for what there is
  (func (export "handle") (param $conn i32) (result i32)
    (drop (memory.grow (i32.const 65535)))
    (loop $more
      ;; a page counts only once something is written to it
      (i32.store (i32.mul (i32.sub (memory.size) (i32.const 1)) (i32.const 65536)) (i32.const 1))
      (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (memory.size)))
