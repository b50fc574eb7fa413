//go:build unix

package folder

import (
	"io/fs"
	"os"
	"syscall"
)

// othersCanWrite says who could write to a folder besides its user and root,
// who needs no folder for anything; empty for nobody. Access control lists that
// grant more show in the group's bits (acl(5)).
func othersCanWrite(info fs.FileInfo) string {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Uid != 0 && int(stat.Uid) != os.Geteuid() {
		return "belongs to another user"
	}
	if info.Mode().Perm()&0o022 != 0 {
		return "can be written to by others"
	}
	return ""
}
