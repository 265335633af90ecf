"""A network that is nothing but the loopback."""
import fcntl
import os
import socket
import struct
import sys

from common import run

# How a network namespace can be had: as root, or as anybody where users may have namespaces.
WAYS = (["unshare", "-n"], ["unshare", "-rn"])


def way():
    """The command that runs another without a network; None when this is not allowed here."""
    for command in WAYS:
        try:
            if run(*command, "true").returncode == 0:
                return command
        except FileNotFoundError:
            return None
    return None


def enter(command):
    """Runs this program again without a network; does not return."""
    os.environ["CARRYOVER_ISOLATED"] = "1"
    os.execvp(command[0], [*command, sys.executable, *sys.argv])


def is_entered():
    return "CARRYOVER_ISOLATED" in os.environ


def start_loopback():
    with socket.socket() as channel:
        # SIOCSIFFLAGS with IFF_UP and IFF_RUNNING.
        fcntl.ioctl(channel, 0x8914, struct.pack("16sh22x", b"lo", 0x41))
