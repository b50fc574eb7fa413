import socket

server = socket.socket()
server.bind(('127.0.0.1', 0))
server.listen(0)
clients = [socket.socket() for i in range(2)]
for client in clients:
    client.settimeout(0.2)
numbers = [client.connect_ex(server.getsockname()) for client in clients]
print(numbers[1])
