import socket

server = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(server.getsockname())
conn, address = server.accept()
print('the same' if address == client.getsockname() else 'another')
