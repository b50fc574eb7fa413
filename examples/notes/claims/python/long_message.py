import socket

server = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(server.getsockname())
conn, address = server.accept()
client.sendall(b'a' * 2000)

data = conn.recv(1024)
conn.send(data.upper())
conn.shutdown(socket.SHUT_WR)  # the server's last word

count = 0
while piece := client.recv(1024):
    count += len(piece)
print(count)
