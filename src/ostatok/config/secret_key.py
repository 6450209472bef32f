"""The key that Django signs with."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from ostatok.kernel.errors import OstatokError


class NoSecretKey(OstatokError):
    """No key was given, and none may be made: hosts that share a database must share the key."""


def ensure(home: Path) -> str:
    """Return the key kept in `home`, made on the first call; only its owner may read the file."""
    path = home / "secret_key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="ascii", dir=home) as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            # Of several first commands one links its file, whole; the others use it.
            with contextlib.suppress(FileExistsError):
                os.link(file.name, path)
    return path.read_text(encoding="ascii")
