import socket


def read_all(conn):
    pieces = []
    while piece := conn.recv(1024):
        pieces.append(piece)
    return b''.join(pieces)


def stream(title, *messages):
    listener = socket.create_server(('127.0.0.1', 0))
    client = socket.create_connection(listener.getsockname())
    server, address = listener.accept()
    for message in messages:
        client.send(message)
    client.shutdown(socket.SHUT_WR)
    print(title, read_all(server))


def datagrams(*messages):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(('127.0.0.1', 0))
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for message in messages:
        client.sendto(message, server.getsockname())
    for message in messages:
        print('UDP:', server.recv(1024))


stream('TCP:', b'one', b'two')
datagrams(b'one', b'two')
stream('TCP, lengths in front:', b'\x03one', b'\x03two')
