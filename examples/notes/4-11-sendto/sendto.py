import socket

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(('127.0.0.1', 0))
address = server.getsockname()
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

n = client.sendto(b'hello', address)
print('to a server:', n)
print('it receives:', server.recv(1024))

try:
    client.sendto(bytes(70_000), address)
except OSError as error:
    print(f'70000 bytes: {type(error).__name__}: {error}')
try:
    client.send(b'hello')
except OSError as error:
    print(f'send, no address: {type(error).__name__}: {error}')

server.close()
n = client.sendto(b'hello', address)
print('to nobody:', n)
