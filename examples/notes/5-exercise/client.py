import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 6565

client = socket.socket()
client.connect(('localhost', port))  # one tuple
client.send(b'holle world!')  # bytes
data = client.recv(1024)
print('recv:', data)
client.close()
