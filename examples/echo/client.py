"""The client of the study notes, its syntax mended.

The address may be given: client.py HOST PORT.
"""
import socket
import sys

address = (sys.argv[1], int(sys.argv[2])) if len(sys.argv) > 2 else ('localhost', 6565)

client = socket.socket()
client.connect(address)
client.send(b'holle world!')
data = client.recv(1024)
print('recv:', data)
client.close()
