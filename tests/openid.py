"""A clock that tests move, and an OpenID provider that is small and real."""

import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now=1_800_000_000.0):
        self.now = now

    def __call__(self):
        return self.now

    def forward(self, seconds):
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


class OpenIdProvider(ThreadingHTTPServer):
    """Speaks OpenID Connect Core 1.0, 3.1 (code flow) with PKCE; `says` and `key` let it lie."""

    daemon_threads = True

    def __init__(self, clock):
        super().__init__(("127.0.0.1", 0), _Answers)
        self.clock = clock
        self.key = self.published = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.says = {}
        self.header = {"alg": "RS256", "kid": "one"}
        self.codes = {}
        self.asked = []
        self.issuer = f"http://127.0.0.1:{self.server_port}"

    def visit(self, address):
        """Let somebody agree at the address that they were sent to; the address that they are sent back to."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
        code = f"code{len(self.codes)}"
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state'], 'iss': self.issuer})}"

    def token(self, nonce):
        now = int(self.clock())
        claims = {"iss": self.issuer, "sub": "u-1", "aud": "emmaus", "iat": now, "exp": now + 300, "nonce": nonce}
        claims |= {"preferred_username": "Lydia Purple"} | self.says
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(self.header, kept, self.key, algorithms=[self.header["alg"]])


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/.well-known/openid-configuration":
            ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
            found = {name: self.server.issuer + path for name, path in ends.items()}
            self._send(200, {"issuer": self.server.issuer} | found)
        elif self.path.startswith("/authorize?"):
            self.send_response(302)
            self.send_header("Location", self.server.visit(self.path))
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._send(200, {"keys": [self.server.published.as_dict(private=False)]})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        given = {name: values[0] for name, values in parse_qs(body).items()}
        self.server.asked.append((self.headers["Authorization"], given))
        begun = self.server.codes.pop(given["code"], None)
        right = "Basic " + base64.b64encode(b"emmaus:a+secret").decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(given["code_verifier"].encode()).digest()).rstrip(b"=")
        if self.headers["Authorization"] != right:
            self._send(401, {"error": "invalid_client"})
        elif begun is None or begun["code_challenge"] != challenge.decode():
            self._send(400, {"error": "invalid_grant"})
        else:
            token = {"access_token": "a", "token_type": "Bearer", "id_token": self.server.token(begun["nonce"])}
            self._send(200, token)

    def _send(self, status, said):
        data = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def openid(clock):
    with OpenIdProvider(clock) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
