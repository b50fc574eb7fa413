package wasmhost

import (
	"context"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/sandsock/sandsock/core"
)

// wasiModule is the import module of WASI preview 1.
const wasiModule = "wasi_snapshot_preview1"

// wasiCall is one function of WASI preview 1: its parameters as letters (i an
// i32, I an i64), and what it does. An error's number goes to the guest, nil
// is success.
type wasiCall struct {
	name   string
	params string
	do     func(g *instance, a args) error
}

// wasiCalls is the whole of WASI preview 1, in the order of its
// specification, but for proc_exit, the one that returns nothing. What a
// guest here cannot have - files, since no directory is granted - is EBADF,
// what nobody implements ENOSYS.
var wasiCalls = []wasiCall{
	{"args_get", "ii", argsGet},
	{"args_sizes_get", "ii", argsSizesGet},
	{"environ_get", "ii", environGet},
	{"environ_sizes_get", "ii", environSizesGet},
	{"clock_res_get", "ii", clockResGet},
	{"clock_time_get", "iIi", clockTimeGet},
	{"fd_advise", "iIIi", notFile},
	{"fd_allocate", "iII", notFile},
	{"fd_close", "i", fdClose},
	{"fd_datasync", "i", notFile},
	{"fd_fdstat_get", "ii", fdFdstatGet},
	{"fd_fdstat_set_flags", "ii", fdFdstatSetFlags},
	{"fd_fdstat_set_rights", "iII", notFile},
	{"fd_filestat_get", "ii", fdFilestatGet},
	{"fd_filestat_set_size", "iI", notFile},
	{"fd_filestat_set_times", "iIIi", notFile},
	{"fd_pread", "iiiIi", notSeekable},
	{"fd_prestat_get", "ii", noDirectory},
	{"fd_prestat_dir_name", "iii", noDirectory},
	{"fd_pwrite", "iiiIi", notSeekable},
	{"fd_read", "iiii", fdRead},
	{"fd_readdir", "iiiIi", notFile},
	{"fd_renumber", "ii", fdRenumber},
	{"fd_seek", "iIii", notSeekable},
	{"fd_sync", "i", notFile},
	{"fd_tell", "ii", notSeekable},
	{"fd_write", "iiii", fdWrite},
	{"path_create_directory", "iii", noDirectory},
	{"path_filestat_get", "iiiii", noDirectory},
	{"path_filestat_set_times", "iiiiIIi", noDirectory},
	{"path_link", "iiiiiii", noDirectory},
	{"path_open", "iiiiiIIii", noDirectory},
	{"path_readlink", "iiiiii", noDirectory},
	{"path_remove_directory", "iii", noDirectory},
	{"path_rename", "iiiiii", noDirectory},
	{"path_symlink", "iiiii", noDirectory},
	{"path_unlink_file", "iii", noDirectory},
	{"poll_oneoff", "iiii", pollOneoff},
	{"proc_raise", "i", notImplemented},
	{"random_get", "ii", randomGet},
	{"sched_yield", "", schedYield},
	{"sock_accept", "iii", sockAccept},
	{"sock_recv", "iiiiii", sockRecv},
	{"sock_send", "iiiii", sockSend},
	{"sock_shutdown", "ii", sockShutdown},
}

// exportWASI registers WASI preview 1.
func (h *Host) exportWASI(ctx context.Context, r wazero.Runtime) error {
	module := r.NewHostModuleBuilder(wasiModule)
	for _, c := range wasiCalls {
		module.NewFunctionBuilder().
			WithGoModuleFunction(wasiFunction(c), wasiTypes(c.params), []api.ValueType{api.ValueTypeI32}).
			Export(c.name)
	}
	module.NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(procExit), []api.ValueType{api.ValueTypeI32}, nil).
		Export("proc_exit")
	_, err := module.Instantiate(ctx)
	return err
}

func wasiTypes(letters string) []api.ValueType {
	types := make([]api.ValueType, len(letters))
	for i := range letters {
		types[i] = api.ValueTypeI32
		if letters[i] == 'I' {
			types[i] = api.ValueTypeI64
		}
	}
	return types
}

func wasiFunction(c wasiCall) api.GoModuleFunc {
	return func(ctx context.Context, module api.Module, stack []uint64) {
		g := instanceOf(ctx, module)
		g.begin()
		err := c.do(g, stack)
		g.end()
		stack = stack[:1]
		stack[0] = uint64(wasiErrno(err))
	}
}

// wasiErrno returns an error as WASI has it. Its numbers end at 76: the
// socket's own timeout is what a timed-out read of a descriptor is, EAGAIN,
// and what WASI has no number for is EIO.
func wasiErrno(err error) core.Errno {
	switch e := core.AsErrno(err); {
	case e == core.ErrTimeout:
		return core.EAGAIN
	case e > 76:
		return core.EIO
	default:
		return e
	}
}

func procExit(ctx context.Context, module api.Module, stack []uint64) {
	g := instanceOf(ctx, module)
	g.check()
	panic(exitError{args(stack).u32(0)})
}

func notImplemented(*instance, args) error { return core.ENOSYS }

// noDirectory answers the calls about directories and what is below them.
func noDirectory(*instance, args) error { return core.EBADF }

// notFile answers the calls that need a file where the descriptor is open.
func notFile(g *instance, a args) error {
	if g.table.get(a.i32(0)) == nil {
		return core.EBADF
	}
	return core.ENOSYS
}

func notSeekable(g *instance, a args) error {
	if g.table.get(a.i32(0)) == nil {
		return core.EBADF
	}
	return core.ESPIPE
}
