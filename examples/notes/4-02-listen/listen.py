import socket

server = socket.socket()
server.bind(('127.0.0.1', 0))
server.listen(2)


def attempt():
    client = socket.socket()
    client.settimeout(0.2)
    return client, client.connect_ex(server.getsockname())


clients = []  # keeps them open
for i in range(4):
    client, number = attempt()
    clients.append(client)
    print(f'client {i + 1}: {number}')
    if number != 0:
        client.close()  # it gives up; open, its system would go on trying

conn, address = server.accept()  # takes the first, and makes room for one
client, number = attempt()
print(f'client 5, after one accept: {number}')
