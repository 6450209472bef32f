"""Files on their way in: none larger than what is taken in anywhere, whatever form they come with."""

from typing import Any

from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest

from ostatok.intake.uploads import LIMIT


class LimitedUpload(TemporaryFileUploadHandler):
    """Keeps a file outside memory, and passes over the rest of one that is larger than LIMIT: it is no file then."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self._received += len(raw_data)
        if self._received > LIMIT:
            if self.request is not None:
                self.request.META[_TOO_LARGE] = True
            raise StopUpload(connection_reset=False)
        return super().receive_data_chunk(raw_data, start)


_TOO_LARGE = "ostatok.upload_too_large"


def was_too_large(request: HttpRequest) -> bool:
    """Whether a file of this request was passed over because of its size."""
    return bool(request.META.get(_TOO_LARGE))
