;; upper.wat: the upper-case echo, written by hand in the WebAssembly text format.
;;
;; It is the plugin sandsock serves when nobody names another: whatever a
;; client sends comes back in capital letters. In Python it would be
;;
;;     def handle(conn):
;;         while True:
;;             data = conn.recv(65536)
;;             if not data:              # b'': the client has closed
;;                 return
;;             conn.sendall(data.upper())
;;
;; How to read it: everything is in brackets, an operation comes first and its
;; operands follow, so (i32.add (local.get $a) (i32.const 1)) is a + 1. A name
;; with a $ is for people only; the compiled file has numbers in its place.
;; There is one kind of value here, i32: a descriptor, a count or an address
;; in memory. Two semicolons begin a comment.

(module

  ;; 1. What we borrow. A sandboxed plugin has no sockets, no files and no
  ;; clock. It has the functions it imports, and the host hands those out:
  ;; these two, from the module "socket". A result of 0 or more is a success,
  ;; here a count of bytes; a negative one is minus an error number.

  ;; recv waits until there is something and stores it in our memory at $buf,
  ;; at most $len bytes. It returns how many, and 0 once the client has closed.
  (import "socket" "recv" (func $recv
    (param $conn i32) (param $buf i32) (param $len i32) (param $flags i32)
    (result i32)))

  ;; send hands the $len bytes at $buf to the operating system. It returns how
  ;; many the system took, and that may be fewer than we offered.
  (import "socket" "send" (func $send
    (param $conn i32) (param $buf i32) (param $len i32) (param $flags i32)
    (result i32)))

  ;; 2. What we have. One page of memory, 65,536 bytes, never more: the
  ;; smallest a module can ask for. All of it is the buffer, from address 0.
  ;; We export it under the name "memory", because the host writes into it what
  ;; recv receives and reads out of it what send sends. It can check every
  ;; address we give it, and we cannot reach one byte outside.
  (memory (export "memory") 1 1)

  ;; 3. What we offer. The host accepts a connection and calls handle with its
  ;; descriptor. We return 0 when the client has closed, which is the good end,
  ;; or else the error of the call that failed, and the host logs it. We need
  ;; not close the connection: the host does when handle is over.
  (func (export "handle") (param $conn i32) (result i32)
    (local $n i32)  ;; bytes received, or what ended the conversation

    (loop $again  ;; a loop runs once; only a branch to its name repeats it

      ;; n = recv(conn, 0, 65536, 0)
      (local.set $n
        (call $recv (local.get $conn) (i32.const 0) (i32.const 65536) (i32.const 0)))

      ;; if n <= 0: return n
      (if (i32.le_s (local.get $n) (i32.const 0))
        (then (return (local.get $n))))

      (call $upper (local.get $n))

      ;; n = send_all(conn, n); go on unless that failed
      (local.set $n (call $send_all (local.get $conn) (local.get $n)))
      (br_if $again (i32.eqz (local.get $n))))

    (local.get $n))  ;; the last value is what the function returns

  ;; Turns the first $n bytes of memory into capital letters, 32 at a time.
  ;;
  ;; A v128 is 128 bits that one instruction treats as 16 bytes side by side,
  ;; its lanes. For each lane we compute
  ;;
  ;;     letter = (byte - 'a') < 26      all ones if so, all zeros if not
  ;;     byte   = byte - (letter & 32)   'a' is 97 and 'A' is 65: 32 apart
  ;;
  ;; The comparison is unsigned and a lane wraps around below 0: what comes
  ;; before 'a' turns into a large number, so one comparison checks both ends.
  ;; Only a to z change. Digits, zero bytes and the bytes of an é in UTF-8
  ;; stay as they are, as with Python's bytes.upper().
  ;;
  ;; The three numbers are the same in each step. As locals, which stay in the
  ;; processor's registers, they are made once; and a step does 16 bytes twice,
  ;; at $at and at offset=16 after it, since turning the loop costs as much as
  ;; they do. Both made this function three times as fast.
  ;;
  ;; The last step may go up to 31 bytes past the message. Nobody reads those:
  ;; the next recv overwrites them. It never leaves the memory, whose size is
  ;; a multiple of 32. So there is no second loop for what is left over.
  (func $upper (param $n i32)
    (local $at i32)      ;; address of the 32 bytes in hand; locals begin as 0
    (local $bytes v128)
    (local $a v128)
    (local $letters v128)
    (local $case v128)
    (local.set $a (i8x16.splat (i32.const 97)))
    (local.set $letters (i8x16.splat (i32.const 26)))
    (local.set $case (i8x16.splat (i32.const 32)))
    (loop $next
      (local.set $bytes (v128.load (local.get $at)))
      (v128.store (local.get $at)
        (i8x16.sub
          (local.get $bytes)
          (v128.and
            (i8x16.lt_u
              (i8x16.sub (local.get $bytes) (local.get $a))
              (local.get $letters))
            (local.get $case))))
      (local.set $bytes (v128.load offset=16 (local.get $at)))
      (v128.store offset=16 (local.get $at)
        (i8x16.sub
          (local.get $bytes)
          (v128.and
            (i8x16.lt_u
              (i8x16.sub (local.get $bytes) (local.get $a))
              (local.get $letters))
            (local.get $case))))
      (local.set $at (i32.add (local.get $at) (i32.const 32)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $n)))))

  ;; Sends the first $n bytes of memory. It returns 0, or the error that came.
  ;;
  ;; One send is not enough: when the client reads slowly, the system's buffer
  ;; fills up and send takes only a part. The rest is still ours to send. A
  ;; program that forgets this works on every short message and loses the end
  ;; of a long one. (The host also has socket.sendall, which is this loop.)
  (func $send_all (param $conn i32) (param $n i32) (result i32)
    (local $sent i32)   ;; bytes taken so far, and so the address of the next
    (local $taken i32)
    (loop $rest
      (local.set $taken
        (call $send
          (local.get $conn)
          (local.get $sent)
          (i32.sub (local.get $n) (local.get $sent))
          (i32.const 0)))
      (if (i32.lt_s (local.get $taken) (i32.const 0))
        (then (return (local.get $taken))))
      (local.set $sent (i32.add (local.get $sent) (local.get $taken)))
      (br_if $rest (i32.lt_u (local.get $sent) (local.get $n))))
    (i32.const 0)))
