package wasmhost

import "strconv"

func itoa(n int32) string  { return strconv.FormatInt(int64(n), 10) }
func utoa(n uint32) string { return strconv.FormatUint(uint64(n), 10) }
