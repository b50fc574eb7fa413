//! The upper-case echo in Rust.

// Both return 0 or more for a success, and minus an errno for an error.
#[link(wasm_import_module = "socket")]
extern "C" {
    fn recv(fd: i32, buf: *mut u8, len: usize, flags: i32) -> i32;
    fn sendall(fd: i32, buf: *const u8, len: usize, flags: i32) -> i32;
}

/// Called once for each connection, in an instance of its own. What it returns
/// is an error to the host, or 0; the host closes the connection.
#[no_mangle]
pub extern "C" fn handle(conn: i32) -> i32 {
    let mut buf = [0u8; 4096];
    loop {
        let n = unsafe { recv(conn, buf.as_mut_ptr(), buf.len(), 0) };
        if n <= 0 {
            return n; // 0: the client has closed
        }
        let data = &mut buf[..n as usize];
        data.make_ascii_uppercase();
        let n = unsafe { sendall(conn, data.as_ptr(), data.len(), 0) };
        if n < 0 {
            return n;
        }
    }
}
