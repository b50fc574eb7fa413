import socket

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(('127.0.0.1', 0))
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.bind(('127.0.0.1', 0))
print('the client is', client.getsockname())

for message in b'hello', b'world', b'':
    client.sendto(message, server.getsockname())
for bufsize in 3, 1024, 1024:
    print(f'recvfrom({bufsize}):', server.recvfrom(bufsize))

listener = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(listener.getsockname())
conn, address = listener.accept()
client.send(b'hello')
print('TCP: recvfrom(1024):', conn.recvfrom(1024))
