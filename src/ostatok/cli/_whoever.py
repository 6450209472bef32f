"""Who runs a command, as the audit names it."""

import getpass
import os

from ostatok.parties.access import System


def runs_this() -> System:
    """The installation, in the hands of the system's user: `cli:olga`."""
    try:
        return System(name=f"cli:{getpass.getuser()}")
    except (KeyError, OSError):
        return System(name=f"cli:uid {os.getuid()}")
