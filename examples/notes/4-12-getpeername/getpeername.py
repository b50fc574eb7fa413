import socket

server = socket.create_server(('127.0.0.1', 0))
print('the server is', server.getsockname())
for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
    client = socket.socket(socket.AF_INET, kind)
    try:
        client.getpeername()
    except OSError as error:
        print(f'{kind.name}, before: {type(error).__name__}: {error}')
    client.connect(server.getsockname())
    peer = client.getpeername()
    print(f'{kind.name}, connected: {peer}')
