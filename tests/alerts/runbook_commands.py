"""Runs the Redis commands of the runbooks, as they would be pasted, on a real server."""

import re
import subprocess

from loopback import free_port, running, wait_until
from rulebook import ROOT

# Ask for a password or never end, by design.
INTERACTIVE = re.compile(r"--askpass|--latency-history")
# What the runbooks leave for the reader to fill in.
FIRST_ID = "1700000000000-1"
SETUP = "\n".join(
    [
        "FLUSHALL",
        *(f"XADD STREAM 17000000000{n:02}-1 n {n}" for n in range(20)),
        "SET KEY text",
        "XGROUP CREATE STREAM GROUP 0",
        "XREADGROUP GROUP GROUP DEAD_CONSUMER COUNT 2 STREAMS STREAM >",
        "XREADGROUP GROUP GROUP OTHER_CONSUMER COUNT 2 STREAMS STREAM >",
        "XGROUP CREATECONSUMER STREAM GROUP OLD_CONSUMER",
        "ACL SETUSER USER on",
    ]
)


def blocks(path):
    return re.findall(r"^```sh\n(.*?)^```", path.read_text(), re.S | re.M)


def redis_lines(path):
    """The Redis commands of a runbook; one that goes over several lines is one."""
    lines = [line for block in blocks(path) for line in re.split(r"\n(?! )", block)]
    return [
        line
        for line in lines
        if re.match(r"\$R |redis-cli -h HOST ", line) and not INTERACTIVE.search(line)
    ]


def outcome(line, port):
    """What is wrong with a command on a server in a known state, or None."""
    server = f"redis-cli -e -h 127.0.0.1 -p {port}"
    subprocess.run(server.split(), input=SETUP, text=True, stdout=subprocess.DEVNULL, check=True)
    filled = re.sub(r"\bID\b", FIRST_ID, line.replace("redis-cli -h HOST -p 6379", server))
    script = f'set -o pipefail; R="{server}"; KEY="STREAM"; GROUP="GROUP"\n{filled}'
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    # grep that finds nothing is an answer, too.
    failed = done.returncode > (1 if "grep" in line else 0)
    return f"{line}\n{done.stdout}{done.stderr}" if failed else None


def check(results, folder):
    port = free_port()
    command = [
        "redis-server",
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(folder),
    ]
    with running(command, folder / "redis.log"):
        started = wait_until(
            lambda: subprocess.run(
                ["redis-cli", "-e", "-p", str(port), "PING"], capture_output=True, check=False
            ).returncode
            == 0
        )
        results.add(
            "commands", "redis-server starts", None if started else "it did not within its time"
        )
        for path in sorted((ROOT / "docs" / "runbooks").glob("*.md")):
            wrong = [outcome(line, port) for line in redis_lines(path)] if started else []
            results.add("commands", path.stem, "\n".join(filter(None, wrong)))
