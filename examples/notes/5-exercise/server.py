import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 6565

server = socket.socket()
server.bind(('localhost', port))  # one tuple
server.listen()
print('listening on', server.getsockname(), file=sys.stderr, flush=True)

conn, address = server.accept()
data = conn.recv(1024)
print('recv: ', data)
conn.send(data.upper())
conn.close()
server.close()
