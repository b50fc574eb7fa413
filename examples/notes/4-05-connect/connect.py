import socket

silent = socket.socket()
silent.bind(('127.0.0.1', 0))  # bound, but it does not listen
server = socket.create_server(('127.0.0.1', 0))
client = socket.socket()

try:
    client.connect(silent.getsockname())
except OSError as error:
    print(f'nobody listens: {type(error).__name__}: {error}')
client.connect(server.getsockname())
print('a server listens: connected')
try:
    client.connect(server.getsockname())
except OSError as error:
    print(f'connect again: {type(error).__name__}: {error}')
