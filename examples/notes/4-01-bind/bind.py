import socket


def bind(sock, address):
    try:
        sock.bind(address)
    except OSError as error:
        return f'{type(error).__name__}: {error}'


server = socket.socket()
print('before bind:', server.getsockname())
server.bind(('127.0.0.1', 0))  # 0: any free port
print('after bind:', server.getsockname())
print('bind again:', bind(server, ('127.0.0.1', 0)))

other = socket.socket()
print('an address in use:', bind(other, server.getsockname()))
print("another machine's:", bind(other, ('192.0.2.1', 0)))  # nobody's: RFC 5737
