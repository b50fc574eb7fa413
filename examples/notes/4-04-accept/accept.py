import socket

server = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(server.getsockname())
conn, address = server.accept()
print("accept's address:  ", address)
print("the client's own:  ", client.getsockname())

client.send(b'hello')
try:
    server.recv(1024)
except OSError as error:
    print(f'recv on the server: {type(error).__name__}: {error}')
print('recv on conn:      ', conn.recv(1024))
