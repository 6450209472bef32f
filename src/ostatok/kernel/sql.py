"""Named blocks of SQL kept beside the Python that runs them.

A `.sql` file holds blocks, each opened by a line `-- name: block_name`. Comments before the first
block describe the file. The text of a block goes to the database as it stands, parameters written
`%(name)s`.
"""

import re
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType

from ostatok.kernel.errors import OstatokError

_HEADING = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


class DuplicateBlock(OstatokError):
    """Two blocks of one SQL file have the same name."""


def parse(text: str) -> Mapping[str, str]:
    """Return the blocks of an SQL file by name. Raises DuplicateBlock."""
    parts = _HEADING.split(text)[1:]
    names, bodies = parts[::2], parts[1::2]
    if len(set(names)) != len(names):
        raise DuplicateBlock(", ".join(sorted(name for name in set(names) if names.count(name) > 1)))
    return MappingProxyType({name: body.strip() for name, body in zip(names, bodies, strict=True)})


def load(package: str, file: str) -> Mapping[str, str]:
    """Read and parse one SQL file of a package. Raises FileNotFoundError, DuplicateBlock."""
    return parse(resources.files(package).joinpath(file).read_text(encoding="utf-8"))
