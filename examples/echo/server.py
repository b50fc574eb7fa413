"""The server of the study notes, its syntax mended.

The address may be given: server.py HOST PORT. Where the port is 0, what the
system chose stands in the first line of standard error.
"""
import socket
import sys

address = (sys.argv[1], int(sys.argv[2])) if len(sys.argv) > 2 else ('localhost', 6565)

server = socket.socket()
server.bind(address)
server.listen()
print('listening on', server.getsockname(), file=sys.stderr, flush=True)
conn, addr = server.accept()
data = conn.recv(1024)
print('recv: ', data)
conn.send(data.upper())
conn.close()
server.close()
