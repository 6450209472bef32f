"""A provider of OpenID Connect on this machine, with a key of its own: also one that no decent one would be."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID = "ostatok"
CLIENT_SECRET = "тайна: 7Q/+&="
KEY_ID = "2026-11"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class OidcProvider:
    """Who is signed in there stands in `user`; what else a token says, and does without, in `token` and `left_out`.

    `kid`, `algorithm` and `signs_with` are what a token is signed with, `key` is what the provider shows to all.
    `broken` names the endpoints that answer with 500; `asked` holds the forms and queries that came, by endpoint.
    """

    def __init__(self) -> None:
        self.key, self.signs_with = _KEY, _KEY
        self.user: dict[str, Any] = {"sub": "s-1", "email": "anna@romashka.test", "email_verified": True}
        self.token: dict[str, Any] = {}
        self.left_out: set[str] = set()
        self.metadata: dict[str, Any] = {}
        self.kid, self.algorithm = KEY_ID, "RS256"
        self.denies = ""
        self.beside: dict[str, Any] | None = None
        self.broken: set[str] = set()
        self.asked: dict[str, dict[str, str]] = {}
        self.issuer = ""
        self._codes: dict[str, dict[str, str]] = {}

    def discovery(self) -> dict[str, Any]:
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }
        return told | self.metadata

    def jwks(self) -> dict[str, Any]:
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [public | {"kid": KEY_ID, "use": "sig", "alg": "RS256"}]}

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent back to."""
        if self.denies:
            return f"{query['redirect_uri']}?{urlencode({'error': self.denies, 'state': query['state']})}"
        code = secrets.token_urlsafe()
        self._codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def redeem(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """Tokens for a code that was asked for by the same program, with the same verifier; each code once."""
        asked = self._codes.pop(form.get("code", ""), None)
        if asked is None or not self._is_known(form, authorization):
            return None
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest())
        if (asked["code_challenge"], asked["code_challenge_method"]) != (challenge.rstrip(b"=").decode(), "S256"):
            return None
        if form["redirect_uri"] != asked["redirect_uri"]:
            return None
        return {"access_token": "access", "token_type": "Bearer", "id_token": self.sign(asked["nonce"])}

    def _is_known(self, form: dict[str, str], authorization: str) -> bool:
        given = form.get("client_id"), form.get("client_secret")
        if authorization:
            pair = base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":")
            given = unquote(pair[0]), unquote(pair[1])
        return given == (CLIENT_ID, CLIENT_SECRET)

    def sign(self, nonce: str) -> str:
        now = int(time.time())
        said = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": nonce}
        said |= self.user | self.token
        said = {name: value for name, value in said.items() if name not in self.left_out}
        key: Any = "" if self.algorithm == "none" else self.signs_with
        if self.algorithm == "HS256":
            key = CLIENT_SECRET * 3
        return jwt.encode(said, key, algorithm=self.algorithm, headers={"kid": self.kid})


_KEY = new_key()


class _Endpoints(BaseHTTPRequestHandler):
    provider: OidcProvider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        self.provider.asked[parts.path] = query
        if self._is_broken(parts.path):
            return
        if parts.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.provider.authorize(query))
            self.end_headers()
            return
        userinfo = self.provider.user if self.provider.beside is None else self.provider.beside
        told = {
            "/.well-known/openid-configuration": self.provider.discovery(),
            "/jwks": self.provider.jwks(),
            "/userinfo": userinfo if self.headers["Authorization"] == "Bearer access" else None,
        }.get(parts.path)
        self._answer(200 if told else 404, told or {})

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        said = {name: values[0] for name, values in form.items()}
        self.provider.asked[self.path] = said
        if not self._is_broken(self.path):
            told = self.provider.redeem(said, self.headers["Authorization"] or "")
            self._answer(200 if told else 400, told or {"error": "invalid_grant"})

    def _is_broken(self, path: str) -> bool:
        if path not in self.provider.broken:
            return False
        self._answer(500, {"error": "server_error"})
        return True

    def _answer(self, status: int, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


@contextmanager
def oidc_provider() -> Iterator[OidcProvider]:
    """Such a provider, on a port of its own."""
    provider = OidcProvider()
    handler = type("Endpoints", (_Endpoints,), {"provider": provider})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield provider
        server.shutdown()
        thread.join()
