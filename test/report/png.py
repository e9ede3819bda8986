"""Pixels of a PNG that a browser wrote: 8 bits, RGB or RGBA, not interlaced (RFC 2083)."""

import collections
import struct
import zlib


def pixels(file):
    """Width, height, and rows of bytes with the size of a pixel."""
    with open(file, 'rb') as source:
        data = source.read()
    width, height, depth, kind, _, _, interlace = struct.unpack('>IIBBBBB', data[16:29])
    if data[:8] != b'\x89PNG\r\n\x1a\n' or depth != 8 or kind not in (2, 6) or interlace:
        raise ValueError('another kind of PNG')
    size = 3 if kind == 2 else 4
    packed = b''
    place = 8
    while place < len(data):
        length, name = struct.unpack('>I4s', data[place:place + 8])
        if name == b'IDAT':
            packed += data[place + 8:place + 8 + length]
        place += 12 + length
    return width, height, size, unfilter(zlib.decompress(packed), width * size, height, size)


def unfilter(raw, length, height, size):
    above = bytearray(length)
    for number in range(height):
        start = number * (length + 1)
        line = bytearray(raw[start + 1:start + 1 + length])
        restore(raw[start], line, above, size)
        yield line
        above = line


def restore(kind, line, above, size):
    if kind == 2:
        for i, up in enumerate(above):
            line[i] = (line[i] + up) & 255
    elif kind:
        for i, up in enumerate(above):
            left = line[i - size] if i >= size else 0
            corner = above[i - size] if i >= size else 0
            line[i] = (line[i] + predict(kind, left, up, corner)) & 255


def predict(kind, left, up, corner):
    if kind == 1:
        return left
    if kind == 3:
        return (left + up) // 2
    guess = left + up - corner
    distances = [(abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner)]
    return min(distances)[2]


def colours(file, step=4):
    """How often each colour stands in every step-th row and column."""
    count = collections.Counter()
    _, _, size, rows = pixels(file)
    for number, line in enumerate(rows):
        if number % step == 0:
            for i in range(0, len(line), size * step):
                count[bytes(line[i:i + 3])] += 1
    return count
