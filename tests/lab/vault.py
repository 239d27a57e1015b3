# SPDX-License-Identifier: MIT
"""A file system with an encrypted directory in it, as fscrypt makes them: Documentation/filesystems/fscrypt.rst of Linux."""

import fcntl
import os
import struct
import subprocess

SET_POLICY, ADD_KEY, REMOVE_KEY = 0x800c6613, 0xc0506617, 0xc0406618  # FS_IOC_*_ENCRYPTION_*
IDENTIFIER = 2  # FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER
POLICY = struct.pack('5B3x', 2, 1, 4, 3, 0)  # version, AES-256-XTS, AES-256-CTS, names padded to 32 bytes
KEY = bytes(range(64))


class Vault:
    def __init__(self, mount, image):
        self.mount, self.image = mount, image

    def make(self):
        """An empty file system for up to 64 MiB."""
        with open(self.image, 'wb') as file:
            file.truncate(64 << 20)
        subprocess.run(['mkfs.ext4', '-q', '-F', '-O', 'encrypt', self.image], check=True)
        os.makedirs(self.mount, exist_ok=True)
        subprocess.run(['modprobe', 'loop'], check=True)  # its device node comes with it
        subprocess.run(['mount', '-o', 'loop', self.image, self.mount], check=True)

    def remove(self):
        subprocess.run(['umount', '--lazy', self.mount], check=True)
        os.unlink(self.image)

    def call(self, path, request, argument):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            data = bytearray(argument)
            fcntl.ioctl(descriptor, request, data, True)
            return bytes(data)
        finally:
            os.close(descriptor)

    def unlock(self):
        """Gives the kernel the key; returns its identifier."""
        argument = struct.pack('II32xIII28x', IDENTIFIER, 0, len(KEY), 0, 0) + KEY
        return self.call(self.mount, ADD_KEY, argument)[8:24]

    def lock(self):
        """Takes it away; True: nothing that it opened is in use any more."""
        os.sync()
        argument = struct.pack('II16s16xI20x', IDENTIFIER, 0, self.unlock(), 0)
        return self.call(self.mount, REMOVE_KEY, argument)[40:44] == bytes(4)

    def encrypt(self, name):
        """A new directory, unlocked."""
        path = f'{self.mount}/{name}'
        os.mkdir(path)
        self.call(path, SET_POLICY, POLICY + self.unlock())
