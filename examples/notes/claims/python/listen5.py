import socket

server = socket.socket()
server.bind(('127.0.0.1', 0))
server.listen(5)
clients = [socket.socket() for i in range(7)]
for client in clients:
    client.settimeout(0.2)
print(*[client.connect_ex(server.getsockname()) for client in clients])
