package main

import (
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/windows"
)

// limitThisProcess has nothing to do: Windows has no limits that a process
// sets itself, and whoever started it ends it.
func limitThisProcess(int64, time.Duration) error { return nil }

// lowerPriority lets everybody else go first.
func lowerPriority(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.BELOW_NORMAL_PRIORITY_CLASS}
}
