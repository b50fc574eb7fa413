/* The upper-case echo in C. It needs no library: what a handler can do is what
   it imports. */

typedef unsigned char byte;

/* Both return 0 or more for a success, and minus an errno for an error. */
__attribute__((import_module("socket"), import_name("recv")))
int sock_recv(int fd, byte *buf, int len, int flags);

__attribute__((import_module("socket"), import_name("sendall")))
int sock_sendall(int fd, const byte *buf, int len, int flags);

/* Not shared: each connection has an instance of its own, and so this too. */
static byte buf[4096];

/* Called once for each connection. What it returns is an error to the host, or
   0; the host closes the connection. */
__attribute__((export_name("handle")))
int handle(int conn) {
	for (;;) {
		int n = sock_recv(conn, buf, sizeof buf, 0);
		if (n <= 0) /* 0: the client has closed */
			return n;
		for (int i = 0; i < n; i++)
			if (buf[i] >= 'a' && buf[i] <= 'z')
				buf[i] -= 'a' - 'A';
		n = sock_sendall(conn, buf, n, 0);
		if (n < 0)
			return n;
	}
}
