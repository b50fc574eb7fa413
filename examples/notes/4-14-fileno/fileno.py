import socket

first = socket.socket()
second = socket.socket()
if first.fileno() > 2:  # 0, 1 and 2 are the standard streams
    print('a new socket: a number above 2')
if first.fileno() != second.fileno():
    print('another socket: another number')
first.close()
print('closed:', first.fileno())
try:
    first.getsockname()
except OSError as error:
    print(f'getsockname after close: {type(error).__name__}: {error}')
