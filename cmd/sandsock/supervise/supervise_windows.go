package supervise

// IsSupervised reports that there is no supervisor.
func IsSupervised() bool { return false }

// Guard does nothing: there is no supervisor.
func Guard(func()) (end func()) { return func() {} }
