package core

// Errno is an error number as it crosses the boundary to a guest: the same on
// every system. The zero value is success. Every error of a [Socket] and a
// [Network] is one, so errors compare with ==.
type Errno int32

// Info returns what is known of the number; one that is not in [Errnos] has
// EIO's properties, as a host treats it.
func (e Errno) Info() ErrnoInfo {
	if e == 0 {
		return ErrnoInfo{Name: "ESUCCESS", Message: "Success"}
	}
	if i, ok := errnoIndex[e]; ok {
		return Errnos[i]
	}
	return Errnos[errnoIndex[EIO]]
}

var errnoIndex = func() map[Errno]int {
	index := make(map[Errno]int, len(Errnos))
	for i, info := range Errnos {
		index[info.Errno] = i
	}
	return index
}()

// Name returns the symbolic name: ECONNREFUSED.
func (e Errno) Name() string { return e.Info().Name }

// Error returns the message in lower case: connection refused.
func (e Errno) Error() string {
	message := []byte(e.Info().Message)
	if len(message) > 1 && isLower(message[1]) {
		message[0] |= 0x20
	}
	return string(message)
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }

// Strerror returns name and message: ECONNREFUSED: connection refused. It is
// the text of the guest call of that name, "success" for 0.
func (e Errno) Strerror() string {
	if e == 0 {
		return "success"
	}
	return e.Name() + ": " + e.Error()
}

// Timeout reports whether a wait came to its end: the socket's own timeout or
// the system's.
func (e Errno) Timeout() bool { return e == ErrTimeout || e == ETIMEDOUT }

// Temporary reports whether the call may be tried again as it is.
func (e Errno) Temporary() bool { return e == EAGAIN || e == EINTR || e == ErrTimeout }

// AsErrno returns the number of an error: 0 for nil, the first Errno in err's
// tree, and EIO for any other error.
func AsErrno(err error) Errno {
	switch e := err.(type) { // by hand: errors.As would bring reflection to every guest
	case nil:
		return 0
	case Errno:
		return e
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			return AsErrno(inner)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			if n := AsErrno(inner); n != EIO {
				return n
			}
		}
	}
	return EIO
}
