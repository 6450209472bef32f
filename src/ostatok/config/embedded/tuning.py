"""The configuration of the embedded server: what suits Ostatok, and what this machine allows."""

import contextlib
import os
from pathlib import Path
from typing import Final

_MEBIBYTE: Final = 1 << 20
_SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108 (only measured)
_SMALL: Final = 256 * _MEBIBYTE

SUITABLE: Final = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Posting writes much in bursts: checkpoints that come too often write every page twice.
    "min_wal_size": "512MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "track_io_timing": "on",
    # Statements and details of errors quote names and addresses, which have no place in a log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


def for_this_machine() -> dict[str, str]:
    """Return settings by name."""
    memory = _memory()
    return {
        **SUITABLE,
        "shared_buffers": f"{_between(32, memory // 8, 2048)}MB",
        "effective_cache_size": f"{max(memory // 2, 64)}MB",
        "maintenance_work_mem": f"{_between(32, memory // 16, 256)}MB",
        "work_mem": f"{_between(4, memory // 256, 16)}MB",
        **({"dynamic_shared_memory_type": "mmap"} if _shared_memory_is_small() else {}),
    }


def _between(least: int, wanted: int, most: int) -> int:
    return min(max(least, wanted), most)


def _memory() -> int:
    """Return the memory in MiB that this machine, or the container around us, allows."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MEBIBYTE
    with contextlib.suppress(OSError, ValueError):
        return min(physical, int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")) // _MEBIBYTE)
    return physical


def _shared_memory_is_small() -> bool:
    """Containers often have 64 MiB of it, which one parallel query uses up."""
    with contextlib.suppress(OSError):
        sizes = os.statvfs(_SHARED_MEMORY)
        return sizes.f_blocks * sizes.f_frsize < _SMALL
    return False
