;; locals.wat: is small, and declares 268 million variables
;;
;; A compiled function says "so many locals of this type" in a few bytes, and
;; whoever compiles it makes a place for each: this file has 60 bytes and costs
;; a compiler gigabytes, before a single instruction has run. The text format
;; would need a word for every local, so here is the file byte by byte.
(module binary
  "\00asm\01\00\00\00"                 ;; every module begins so
  "\01\06\01\60\01\7f\01\7f"           ;; one type: (i32) -> i32
  "\03\02\01\00"                       ;; one function, of that type
  "\05\04\01\01\01\01"                 ;; one page of memory, and no more
  "\07\13\02\06memory\02\00"           ;; exports: memory
             "\06handle\00\00"         ;;          and handle
  "\0a\0b\01\09"                       ;; its code:
    "\01\ff\ff\ff\7f\7f"               ;;   0x0fffffff locals of type i32
    "\41\00\0b")                       ;;   return 0
