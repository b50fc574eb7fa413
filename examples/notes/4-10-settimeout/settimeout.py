import socket

server = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(server.getsockname())
conn, address = server.accept()

for timeout in 0.2, 0.0:
    conn.settimeout(timeout)
    try:
        conn.recv(1024)
    except OSError as error:
        print(f'settimeout({timeout}): {type(error).__name__}: {error}')
conn.settimeout(None)
print(f'settimeout({conn.gettimeout()}): it would wait for ever')

server.settimeout(0.2)
try:
    server.accept()
except TimeoutError as error:
    print('accept, nobody comes: TimeoutError:', error)
client = socket.create_connection(server.getsockname())
conn, address = server.accept()
print('what it accepts has', conn.gettimeout())
