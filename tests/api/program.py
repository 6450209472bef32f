"""A program that uses the API: it signs in with a key and speaks JSON."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client as Browser

from ostatok.parties import api_keys
from ostatok.parties.access import Permission, System
from ostatok.parties.models import ApiKey, Organization
from tests import faces

PREFIX = "/api/v1/"
Headers = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Program:
    """Speaks for one key; without a text, for nobody."""

    text: str = ""
    key: ApiKey | None = None
    browser: Browser = field(default_factory=lambda: Browser(raise_request_exception=False))

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self.ask("GET", path, query=query)

    def put(self, path: str, body: Any, **query: Any) -> HttpResponse:
        return self.ask("PUT", path, body, query=query)

    def post(self, path: str, body: Any = None, **query: Any) -> HttpResponse:
        return self.ask("POST", path, body, query=query)

    def delete(self, path: str, **query: Any) -> HttpResponse:
        return self.ask("DELETE", path, query=query)

    def send(
        self, path: str, body: bytes | str, content_type: str, *, headers: Headers | None = None, **query: Any
    ) -> HttpResponse:
        """Post a body of another type."""
        data = body if isinstance(body, bytes) else body.encode()
        return self.browser.generic(
            "POST",
            PREFIX + path,
            data,
            content_type=content_type,
            query_params=query,
            headers={**self._headers(), **(headers or {})},
        )  # type: ignore[return-value]

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: dict[str, Any] | None = None,
        headers: Headers | None = None,
    ) -> HttpResponse:
        data = "" if body is None else json.dumps(body, ensure_ascii=False)
        return self.browser.generic(
            method,
            PREFIX + path,
            data,
            content_type="application/json",
            query_params=query or {},
            headers={**self._headers(), **(headers or {})},
        )  # type: ignore[return-value]

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.text}"} if self.text else {}


def program(
    organization: Organization, permissions: Collection[Permission] = tuple(Permission), **options: Any
) -> Program:
    """A program with a new key of that organization."""
    issued_at = options.pop("now", faces.NOW)
    key, text = api_keys.issue(
        System(),
        organization,
        name="billing",
        permissions=permissions,
        expires_at=options.pop("expires_at", issued_at + timedelta(days=30)),
        origin="test",
        now=issued_at,
    )
    return Program(text=text, key=key)


def told(response: HttpResponse, status: int = 200) -> Any:
    """What the answer says, which must have this status."""
    assert response.status_code == status, (response.status_code, response.content.decode()[:2000])
    return json.loads(response.content)


def problem(response: HttpResponse, status: int, kind: str) -> Any:
    """What is wrong, which must be a problem of this kind and of the form that all problems have."""
    assert response.headers["Content-Type"] == "application/problem+json", response.content.decode()[:2000]
    body = told(response, status)
    assert body["type"] == f"urn:ostatok:problem:{kind}", body
    assert body["status"] == status
    assert body.keys() >= {"type", "title", "status", "detail", "instance", "errors"}
    return body
