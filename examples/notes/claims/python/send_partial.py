import socket

server = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(server.getsockname())
client.setblocking(False)
outcome = 'all or nothing'
megabyte = bytes(1_000_000)
try:
    while True:
        if client.send(megabyte) < len(megabyte):
            outcome = 'a part'
except BlockingIOError:
    print(outcome)
