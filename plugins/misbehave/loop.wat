;; loop.wat: computes for ever
;;
;; In Python it would be
;;
;;     def handle(conn):
;;         while True:
;;             pass
;;
;; It never calls the host, so the host never gets a chance to say no. The
;; compiled loop is a machine instruction that jumps to itself: whoever runs it
;; as it is has lost a processor, and a host written in Go stops altogether when
;; its memory is next cleaned up, because that waits for everyone.
(module
  (memory (export "memory") 1 1)
  (func (export "handle") (param $conn i32) (result i32)
    (loop $again
      (br $again))
    (i32.const 0)))
