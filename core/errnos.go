package core

// The error numbers a host may return. Up to 76 they are those of WASI preview
// 1, whatever the system below; 1000+n is a failed name resolution, n the
// absolute value of glibc's EAI number; 3000+n is an error WASI has no number
// for, n Linux's.
const (
	EACCES          Errno = 2
	EADDRINUSE      Errno = 3
	EADDRNOTAVAIL   Errno = 4
	EAFNOSUPPORT    Errno = 5
	EAGAIN          Errno = 6
	EALREADY        Errno = 7
	EBADF           Errno = 8
	EBUSY           Errno = 10
	ECANCELED       Errno = 11
	ECONNABORTED    Errno = 13
	ECONNREFUSED    Errno = 14
	ECONNRESET      Errno = 15
	EDESTADDRREQ    Errno = 17
	EEXIST          Errno = 20
	EFAULT          Errno = 21
	EHOSTUNREACH    Errno = 23
	EILSEQ          Errno = 25
	EINPROGRESS     Errno = 26
	EINTR           Errno = 27
	EINVAL          Errno = 28
	EIO             Errno = 29
	EISCONN         Errno = 30
	EISDIR          Errno = 31
	ELOOP           Errno = 32
	EMFILE          Errno = 33
	EMSGSIZE        Errno = 35
	ENAMETOOLONG    Errno = 37
	ENETDOWN        Errno = 38
	ENETRESET       Errno = 39
	ENETUNREACH     Errno = 40
	ENFILE          Errno = 41
	ENOBUFS         Errno = 42
	ENODEV          Errno = 43
	ENOENT          Errno = 44
	ENOMEM          Errno = 48
	ENOPROTOOPT     Errno = 50
	ENOSPC          Errno = 51
	ENOSYS          Errno = 52
	ENOTCONN        Errno = 53
	ENOTDIR         Errno = 54
	ENOTSOCK        Errno = 57
	ENOTSUP         Errno = 58
	ENOTTY          Errno = 59
	ENXIO           Errno = 60
	EOVERFLOW       Errno = 61
	EPERM           Errno = 63
	EPIPE           Errno = 64
	EPROTO          Errno = 65
	EPROTONOSUPPORT Errno = 66
	EPROTOTYPE      Errno = 67
	ERANGE          Errno = 68
	EROFS           Errno = 69
	ESPIPE          Errno = 70
	ESTALE          Errno = 72
	ETIMEDOUT       Errno = 73
	ENONET          Errno = 3064
	ESOCKTNOSUPPORT Errno = 3094
	EPFNOSUPPORT    Errno = 3096
	ESHUTDOWN       Errno = 3108
	ETOOMANYREFS    Errno = 3109
	EHOSTDOWN       Errno = 3112

	EAI_BADFLAGS   Errno = 1001
	EAI_NONAME     Errno = 1002
	EAI_AGAIN      Errno = 1003
	EAI_FAIL       Errno = 1004
	EAI_NODATA     Errno = 1005
	EAI_FAMILY     Errno = 1006
	EAI_SOCKTYPE   Errno = 1007
	EAI_SERVICE    Errno = 1008
	EAI_ADDRFAMILY Errno = 1009
	EAI_MEMORY     Errno = 1010
	EAI_SYSTEM     Errno = 1011
)

// ErrTimeout is the end of a call by the socket's own timeout: Python's
// "TimeoutError: timed out". ETIMEDOUT is only ever the system's.
const ErrTimeout Errno = 2000

// ErrnoInfo is what is known of one error number.
type ErrnoInfo struct {
	Errno                  Errno
	Name                   string // ECONNREFUSED
	Message                string // glibc's text, as Python prints it
	Linux, Darwin, Windows int    // the number there, negative for EAI on Linux; 0 where there is none
	Exception              string // the class Python raises, PEP 3151
}

// Errnos is every error number a host may return, in the order of their
// numbers. Linux's messages and exceptions are CPython's; Darwin's numbers are
// those of its sys/errno.h and netdb.h, Windows's those of winsock2.h.
var Errnos = []ErrnoInfo{
	{2, "EACCES", "Permission denied", 13, 13, 10013, "PermissionError"},
	{3, "EADDRINUSE", "Address already in use", 98, 48, 10048, "OSError"},
	{4, "EADDRNOTAVAIL", "Cannot assign requested address", 99, 49, 10049, "OSError"},
	{5, "EAFNOSUPPORT", "Address family not supported by protocol", 97, 47, 10047, "OSError"},
	{6, "EAGAIN", "Resource temporarily unavailable", 11, 35, 10035, "BlockingIOError"},
	{7, "EALREADY", "Operation already in progress", 114, 37, 10037, "BlockingIOError"},
	{8, "EBADF", "Bad file descriptor", 9, 9, 10009, "OSError"},
	{10, "EBUSY", "Device or resource busy", 16, 16, 0, "OSError"},
	{11, "ECANCELED", "Operation canceled", 125, 89, 10103, "OSError"},
	{13, "ECONNABORTED", "Software caused connection abort", 103, 53, 10053, "ConnectionAbortedError"},
	{14, "ECONNREFUSED", "Connection refused", 111, 61, 10061, "ConnectionRefusedError"},
	{15, "ECONNRESET", "Connection reset by peer", 104, 54, 10054, "ConnectionResetError"},
	{17, "EDESTADDRREQ", "Destination address required", 89, 39, 10039, "OSError"},
	{20, "EEXIST", "File exists", 17, 17, 0, "FileExistsError"},
	{21, "EFAULT", "Bad address", 14, 14, 10014, "OSError"},
	{23, "EHOSTUNREACH", "No route to host", 113, 65, 10065, "OSError"},
	{25, "EILSEQ", "Invalid or incomplete multibyte or wide character", 84, 92, 0, "OSError"},
	{26, "EINPROGRESS", "Operation now in progress", 115, 36, 10036, "BlockingIOError"},
	{27, "EINTR", "Interrupted system call", 4, 4, 10004, "InterruptedError"},
	{28, "EINVAL", "Invalid argument", 22, 22, 10022, "OSError"},
	{29, "EIO", "Input/output error", 5, 5, 0, "OSError"},
	{30, "EISCONN", "Transport endpoint is already connected", 106, 56, 10056, "OSError"},
	{31, "EISDIR", "Is a directory", 21, 21, 0, "IsADirectoryError"},
	{32, "ELOOP", "Too many levels of symbolic links", 40, 62, 10062, "OSError"},
	{33, "EMFILE", "Too many open files", 24, 24, 10024, "OSError"},
	{35, "EMSGSIZE", "Message too long", 90, 40, 10040, "OSError"},
	{37, "ENAMETOOLONG", "File name too long", 36, 63, 10063, "OSError"},
	{38, "ENETDOWN", "Network is down", 100, 50, 10050, "OSError"},
	{39, "ENETRESET", "Network dropped connection on reset", 102, 52, 10052, "OSError"},
	{40, "ENETUNREACH", "Network is unreachable", 101, 51, 10051, "OSError"},
	{41, "ENFILE", "Too many open files in system", 23, 23, 0, "OSError"},
	{42, "ENOBUFS", "No buffer space available", 105, 55, 10055, "OSError"},
	{43, "ENODEV", "No such device", 19, 19, 0, "OSError"},
	{44, "ENOENT", "No such file or directory", 2, 2, 0, "FileNotFoundError"},
	{48, "ENOMEM", "Cannot allocate memory", 12, 12, 0, "OSError"},
	{50, "ENOPROTOOPT", "Protocol not available", 92, 42, 10042, "OSError"},
	{51, "ENOSPC", "No space left on device", 28, 28, 0, "OSError"},
	{52, "ENOSYS", "Function not implemented", 38, 78, 0, "OSError"},
	{53, "ENOTCONN", "Transport endpoint is not connected", 107, 57, 10057, "OSError"},
	{54, "ENOTDIR", "Not a directory", 20, 20, 0, "NotADirectoryError"},
	{57, "ENOTSOCK", "Socket operation on non-socket", 88, 38, 10038, "OSError"},
	{58, "ENOTSUP", "Operation not supported", 95, 45, 10045, "OSError"},
	{59, "ENOTTY", "Inappropriate ioctl for device", 25, 25, 0, "OSError"},
	{60, "ENXIO", "No such device or address", 6, 6, 0, "OSError"},
	{61, "EOVERFLOW", "Value too large for defined data type", 75, 84, 0, "OSError"},
	{63, "EPERM", "Operation not permitted", 1, 1, 0, "PermissionError"},
	{64, "EPIPE", "Broken pipe", 32, 32, 0, "BrokenPipeError"},
	{65, "EPROTO", "Protocol error", 71, 100, 0, "OSError"},
	{66, "EPROTONOSUPPORT", "Protocol not supported", 93, 43, 10043, "OSError"},
	{67, "EPROTOTYPE", "Protocol wrong type for socket", 91, 41, 10041, "OSError"},
	{68, "ERANGE", "Numerical result out of range", 34, 34, 0, "OSError"},
	{69, "EROFS", "Read-only file system", 30, 30, 0, "OSError"},
	{70, "ESPIPE", "Illegal seek", 29, 29, 0, "OSError"},
	{72, "ESTALE", "Stale file handle", 116, 70, 10070, "OSError"},
	{73, "ETIMEDOUT", "Connection timed out", 110, 60, 10060, "TimeoutError"},
	{1001, "EAI_BADFLAGS", "Bad value for ai_flags", -1, 3, 10022, "gaierror"},
	{1002, "EAI_NONAME", "Name or service not known", -2, 8, 11001, "gaierror"},
	{1003, "EAI_AGAIN", "Temporary failure in name resolution", -3, 2, 11002, "gaierror"},
	{1004, "EAI_FAIL", "Non-recoverable failure in name resolution", -4, 4, 11003, "gaierror"},
	{1005, "EAI_NODATA", "No address associated with hostname", -5, 7, 11004, "gaierror"},
	{1006, "EAI_FAMILY", "ai_family not supported", -6, 5, 10047, "gaierror"},
	{1007, "EAI_SOCKTYPE", "ai_socktype not supported", -7, 10, 10044, "gaierror"},
	{1008, "EAI_SERVICE", "Servname not supported for ai_socktype", -8, 9, 10109, "gaierror"},
	{1009, "EAI_ADDRFAMILY", "Address family for hostname not supported", -9, 1, 0, "gaierror"},
	{1010, "EAI_MEMORY", "Memory allocation failure", -10, 6, 8, "gaierror"},
	{1011, "EAI_SYSTEM", "System error", -11, 11, 0, "gaierror"},
	{2000, "ETIMEOUT", "timed out", 0, 0, 0, "TimeoutError"},
	{3064, "ENONET", "Machine is not on the network", 64, 0, 0, "OSError"},
	{3094, "ESOCKTNOSUPPORT", "Socket type not supported", 94, 44, 10044, "OSError"},
	{3096, "EPFNOSUPPORT", "Protocol family not supported", 96, 46, 10046, "OSError"},
	{3108, "ESHUTDOWN", "Cannot send after transport endpoint shutdown", 108, 58, 10058, "BrokenPipeError"},
	{3109, "ETOOMANYREFS", "Too many references: cannot splice", 109, 59, 10059, "OSError"},
	{3112, "EHOSTDOWN", "Host is down", 112, 64, 10064, "OSError"},
}
