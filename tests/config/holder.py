"""A command that uses the embedded database: prints its address, then waits for the end of its standard input.

    holder.py HOME [--user NAME] [--child exits|stays]

A forked child either leaves at once through the interpreter's ordinary exit, or outlives this command: it
holds the output open until it is killed, and its pid follows the address.
"""

import argparse
import os
import pwd
import signal
import sys
from pathlib import Path

from ostatok.config import embedded


def become(name: str) -> None:
    account = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def fork(behaviour: str) -> int:
    """Return the pid of a child that stays, or 0 after one has exited."""
    child = os.fork()
    if child == 0:
        if behaviour == "exits":
            sys.exit(0)
        signal.pause()
    if behaviour == "exits":
        os.waitpid(child, 0)
        return 0
    return child


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("--user")
    parser.add_argument("--child", choices=["exits", "stays"])
    arguments = parser.parse_args()
    if arguments.user:
        become(arguments.user)
    with embedded.acquire(arguments.home) as url:
        child = fork(arguments.child) if arguments.child else 0
        print(url, child, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
