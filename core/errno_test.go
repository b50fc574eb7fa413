package core

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"testing"
)

func TestErrnosAreSortedAndOnce(t *testing.T) {
	if !sort.SliceIsSorted(Errnos, func(i, j int) bool { return Errnos[i].Errno < Errnos[j].Errno }) {
		t.Error("Errnos is not in the order of its numbers")
	}
	names := map[string]bool{}
	linux := map[int]string{}
	for _, info := range Errnos {
		if names[info.Name] {
			t.Errorf("%s is there twice", info.Name)
		}
		names[info.Name] = true
		if other, twice := linux[info.Linux]; twice && info.Linux != 0 {
			t.Errorf("%s and %s have the same number on Linux", info.Name, other)
		}
		linux[info.Linux] = info.Name
		if info.Message == "" || info.Exception == "" {
			t.Errorf("%s has no message or no exception", info.Name)
		}
	}
}

func TestErrnoNumbersAreTheContracts(t *testing.T) {
	for e, want := range map[Errno]int32{
		EACCES: 2, EADDRINUSE: 3, EAGAIN: 6, EBADF: 8, ECONNREFUSED: 14, EFAULT: 21, EINVAL: 28,
		EMFILE: 33, ENOTCONN: 53, EPERM: 63, EPIPE: 64, ETIMEDOUT: 73,
		EAI_NONAME: 1002, ErrTimeout: 2000, ESOCKTNOSUPPORT: 3094,
	} {
		if int32(e) != want {
			t.Errorf("%s is %d, want %d", e.Name(), int32(e), want)
		}
	}
}

func TestEveryErrnoAboveThreeThousandIsLinuxs(t *testing.T) {
	for _, info := range Errnos {
		if info.Errno > 3000 && int(info.Errno) != 3000+info.Linux {
			t.Errorf("%s is %d, and %d on Linux", info.Name, info.Errno, info.Linux)
		}
		if strings.HasPrefix(info.Name, "EAI_") && int(info.Errno) != 1000-info.Linux {
			t.Errorf("%s is %d, and %d on Linux", info.Name, info.Errno, info.Linux)
		}
	}
}

func TestStrerror(t *testing.T) {
	for e, want := range map[Errno]string{
		0:            "success",
		ECONNREFUSED: "ECONNREFUSED: connection refused",
		EIO:          "EIO: input/output error",
		9999:         "EIO: input/output error",
		-1:           "EIO: input/output error",
		EAI_FAMILY:   "EAI_FAMILY: ai_family not supported",
	} {
		if got := e.Strerror(); got != want {
			t.Errorf("Strerror of %d is %q, want %q", int32(e), got, want)
		}
	}
}

func TestAsErrno(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want Errno
	}{
		{nil, 0},
		{EAGAIN, EAGAIN},
		{fmt.Errorf("send: %w", EPIPE), EPIPE},
		{errors.New("something else"), EIO},
		{errors.Join(nil, EPIPE), EPIPE},
		{fmt.Errorf("outer: %w", errors.New("inner")), EIO},
	} {
		if got := AsErrno(tt.err); got != tt.want {
			t.Errorf("AsErrno(%v) = %v, want %v", tt.err, got, tt.want)
		}
	}
}
