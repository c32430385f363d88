"""Servers on free loopback ports, for as long as they are needed."""

import contextlib
import socket
import subprocess
import time

DEADLINE = 20  # seconds


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def running(command, log):
    """Runs a server until the block ends, however it ends."""
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(is_so):
    """Returns whether it became so in time; a server that does not answer yet is not so."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            if is_so():
                return True
        time.sleep(0.02)
    return False
