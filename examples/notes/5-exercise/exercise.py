import socket

# The notes: the calls of both programs in the order in which they happen.
server = socket.socket()
server.bind(('localhost', 0))
server.listen()

client = socket.socket()
client.connect(server.getsockname())
client.send(b'holle world!')

conn, address = server.accept()
data = conn.recv(1024)
print('recv: ', data)
conn.send(data.upper())
conn.close()  # the notes forget this

data = client.recv(1024)
print('recv:', data)
client.close()


# A server without the notes' faults.
def serve():
    conn, address = server.accept()
    with conn:  # closes it, whatever happens
        while data := conn.recv(1024):  # b'': the client has said all
            conn.sendall(data.upper())


def read_all(conn):
    pieces = []
    while piece := conn.recv(1024):
        pieces.append(piece)
    return b''.join(pieces)


for i in range(2):
    client = socket.create_connection(server.getsockname())
    client.sendall(b'a' * 3000)
    client.shutdown(socket.SHUT_WR)  # that was all
    serve()
    print(f'client {i + 1}: 3000 bytes there, {len(read_all(client))} back')
    client.close()
