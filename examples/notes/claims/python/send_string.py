import socket

server = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(server.getsockname())
try:
    print(client.send('hello'))
except TypeError:
    print('TypeError')
