"""How often one may ask: a bucket of tokens for each key, in this process. Cheap, and enough to stop a runaway loop."""

import math
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

#: So many buckets are kept; the one that was idle longest goes first, and it was full.
_KEPT: Final = 10_000


@dataclass(slots=True)
class Buckets:
    """Each taker has `burst` tokens, refilled at `rate` a second."""

    rate: int
    burst: int
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, who: str, *, at: float) -> int:
        """Take a token; `at` is in seconds of a steady clock. Returns 0, or how many seconds to wait for the next."""
        with self._lock:
            left, then = self._left.pop(who, (float(self.burst), at))
            left = min(float(self.burst), left + max(0.0, at - then) * self.rate)
            granted = left >= 1
            self._left[who] = (left - 1 if granted else left, max(at, then))
            if len(self._left) > _KEPT:
                self._left.popitem(last=False)
        return 0 if granted else max(1, math.ceil((1 - left) / self.rate))


REQUESTS: Final = Buckets(rate=200, burst=1000)
