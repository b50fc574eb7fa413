import socket

server = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(server.getsockname())
conn, address = server.accept()
client.send(b'hello')
print(type(conn.recv(1024)).__name__)
