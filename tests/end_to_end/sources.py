"""Real servers for `meterveil fetch`: HTTPS with client certificates, tokens, a bucket that checks its signatures, PostgreSQL.

Everything is made on the spot: keys and certificates by openssl, ports by the system.
"""
import base64
import collections
import contextlib
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import pwd
import shutil
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Authority:
    """A certificate authority, and what it signs. `path(name)`: NAME.pem and NAME.key below its folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=authority",
                "-keyout", self.key("ca"), "-out", self.certificate("ca"))

    def certificate(self, name):
        return self.folder / f"{name}.pem"

    def key(self, name):
        return self.folder / f"{name}.key"

    def sign(self, name, alternatives):
        """A certificate for servers or clients. alternatives: e.g. "DNS:localhost"."""
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-addext", f"subjectAltName={alternatives}",
                "-keyout", self.key(name), "-out", self.folder / f"{name}.csr")
        openssl("x509", "-req", "-in", self.folder / f"{name}.csr", "-CA", self.certificate("ca"), "-CAkey", self.key("ca"), "-CAcreateserial", "-days", "2",
                "-copy_extensions", "copy", "-out", self.certificate(name))
        self.key(name).chmod(0o600)
        return self

    def pin(self, name):
        public = subprocess.run(["openssl", "x509", "-in", self.certificate(name), "-noout", "-pubkey"], check=True, capture_output=True).stdout
        der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], input=public, check=True, capture_output=True).stdout
        return "sha256//" + base64.b64encode(hashlib.sha256(der).digest()).decode()


class Signer:
    """An Ed25519 key for manifests."""

    def __init__(self, folder, name):
        self.private, self.public = pathlib.Path(folder) / f"{name}.key", pathlib.Path(folder) / f"{name}.pem"
        openssl("genpkey", "-algorithm", "ed25519", "-out", self.private)
        openssl("pkey", "-in", self.private, "-pubout", "-out", self.public)

    def sign(self, message):
        """@param message a file. @return 64 bytes"""
        signature = pathlib.Path(str(message) + ".sig")
        openssl("pkeyutl", "-sign", "-rawin", "-inkey", self.private, "-in", message, "-out", signature)
        return signature.read_bytes()


def etag_of(body):
    return '"' + hashlib.sha256(body).hexdigest()[:16] + '"'


Seen = collections.namedtuple("Seen", "path headers")


class Server:
    """HTTPS on a port of its own. `files`: path to bytes. `behave[path]`: functions of a request, used up one by one, that
    answer in the place of the file; each may return False to let the file be sent. `seen`: requests."""

    def __init__(self, authority, name="server", clients=None):
        self.files, self.behave, self.seen = {}, {}, []
        self.always = None  # asked before anything else
        self.sent = 0       # bytes of bodies
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                outer.answer(self)

            def do_POST(self):
                self.form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                outer.answer(self)

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

            def get_request(self):
                raw, address = self.socket.accept()
                raw.settimeout(30)
                return context.wrap_socket(raw, server_side=True, do_handshake_on_connect=False), address

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority.certificate(name), authority.key(name))
        if clients is not None:
            context.load_verify_locations(clients.certificate("ca"))
            context.verify_mode = ssl.CERT_REQUIRED
        self.context = context
        self.http = Quiet(("127.0.0.1", 0), Handler)
        self.origin = f"https://localhost:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()

    def answer(self, request):
        path = urllib.parse.urlsplit(request.path).path
        self.seen.append(Seen(path, request.headers))
        if self.always is not None and self.always(request) is not False:
            return
        waiting = self.behave.get(path, [])
        if waiting and waiting.pop(0)(request) is not False:
            return
        body = self.files.get(urllib.parse.unquote(path))
        if body is None:
            reply(request, 404, b"no such file")
        else:
            self.send(request, body)

    def send(self, request, body, cut=None, pause=None):
        """The file, or what is asked of it. cut: bytes of the file after which the connection ends. pause: called then instead."""
        etag, first, status, headers = etag_of(body), 0, 200, {}
        if request.headers.get("If-None-Match") == etag:
            return reply(request, 304, b"", {"ETag": etag})
        asked = request.headers.get("Range")
        if asked is not None and request.headers.get("If-Range", etag) == etag:
            first = int(asked.removeprefix("bytes=").removesuffix("-"))
            if first >= len(body):
                return reply(request, 416, b"", {"Content-Range": f"bytes */{len(body)}"})
            status, headers = 206, {"Content-Range": f"bytes {first}-{len(body) - 1}/{len(body)}"}
        request.send_response(status)
        for key, value in {"ETag": etag, "Content-Length": len(body) - first, "Last-Modified": "Tue, 01 Jan 2013 00:00:00 GMT", **headers}.items():
            request.send_header(key, value)
        request.end_headers()
        last = len(body) if cut is None else max(cut, first)
        request.wfile.write(body[first:last])
        self.sent += last - first
        if pause is not None:
            pause()
            request.wfile.write(body[last:])
        elif cut is not None:
            hang_up(request)

    def cut_at(self, offset):
        def behave(request):
            self.send(request, self.files[urllib.parse.unquote(request.path)], cut=offset)
        return behave

    def pause_at(self, offset, event):
        """Sends so much, tells the event, and waits for the other side to go."""
        def behave(request):
            def pause():
                event.set()
                time.sleep(20)
            self.send(request, self.files[urllib.parse.unquote(request.path)], cut=offset, pause=pause)
        return behave


def reply(request, status, body=b"", headers=None):
    request.send_response(status)
    for key, value in {"Content-Length": len(body), **(headers or {})}.items():
        request.send_header(key, value)
    request.end_headers()
    request.wfile.write(body)


def answering(status, body=b"", headers=None):
    return lambda request: reply(request, status, body, headers)


def hang_up(request):
    request.close_connection = True
    with contextlib.suppress(OSError):
        request.connection.shutdown(socket.SHUT_RDWR)


class Tokens:
    """A token endpoint at /token, and a guard for everything else: `server.always = tokens.guard`."""

    def __init__(self, client_id, client_secret, in_body=False):
        self.client_id, self.client_secret, self.in_body = client_id, client_secret, in_body
        self.given, self.valid, self.scopes = [], set(), []

    def guard(self, request):
        if request.path == "/token":
            return self.give(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return False if token in self.valid else reply(request, 401)

    def give(self, request):
        form = dict(urllib.parse.parse_qsl(request.form))
        if self.in_body:
            proof = (form.get("client_id"), form.get("client_secret"))
        else:
            basic = base64.b64decode(request.headers.get("Authorization", "").removeprefix("Basic ")).decode()
            proof = tuple(urllib.parse.unquote(part) for part in basic.split(":", 1))
        if proof != (self.client_id, self.client_secret) or form.get("grant_type") != "client_credentials":
            return reply(request, 401, b'{"error": "invalid_client"}')
        token = "token-" + os.urandom(16).hex()
        self.given.append(token)
        self.valid.add(token)
        self.scopes.append(form.get("scope"))
        return reply(request, 200, json.dumps({"access_token": token, "token_type": "Bearer", "expires_in": 3600}).encode(), {"Content-Type": "application/json"})


class Bucket:
    """ListObjectsV2 and GET of one bucket at /NAME, only for requests whose Signature Version 4 is right.
    Source: AWS, "Signature Version 4 signing process"; nothing of libcurl's code is used."""

    def __init__(self, server, name, region, key_id, secret, session_token=None, page=2):
        self.server, self.name, self.region, self.key_id, self.secret, self.session_token, self.page = server, name, region, key_id, secret, session_token, page
        self.objects, self.refused = {}, []
        server.always = self.answer

    def answer(self, request):
        fault = self.fault_in_signature(request)
        if fault:
            self.refused.append(fault)
            return reply(request, 403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        split = urllib.parse.urlsplit(request.path)
        path = urllib.parse.unquote(split.path)
        if path == f"/{self.name}":
            return self.list(request, dict(urllib.parse.parse_qsl(split.query)))
        body = self.objects.get(path.removeprefix(f"/{self.name}/"))
        return reply(request, 404) if body is None else self.server.send(request, body)

    def list(self, request, query):
        assert query["list-type"] == "2", query
        keys = sorted(key for key in self.objects if key.startswith(query.get("prefix", "")))
        first = int(base64.b64decode(query["continuation-token"]).split(b"/")[1]) if "continuation-token" in query else 0
        more = first + self.page < len(keys)
        escape = lambda text: text.replace("&", "&amp;").replace("<", "&lt;")
        contents = "".join(f"<Contents><Key>{escape(key)}</Key><LastModified>2013-01-01T00:00:00.000Z</LastModified><ETag>{etag_of(self.objects[key]).replace(chr(34), '&quot;')}</ETag>"
                           f"<Size>{len(self.objects[key])}</Size></Contents>" for key in keys[first:first + self.page])
        token = base64.b64encode(f"+=/{first + self.page}/ ?&".encode()).decode()  # what must be escaped in a query
        text = (f'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>{self.name}</Name>'
                f"<IsTruncated>{'true' if more else 'false'}</IsTruncated>{f'<NextContinuationToken>{token}</NextContinuationToken>' if more else ''}{contents}</ListBucketResult>")
        reply(request, 200, text.encode(), {"Content-Type": "application/xml"})

    def fault_in_signature(self, request):
        scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
        if scheme != "AWS4-HMAC-SHA256":
            return "no signature"
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        stamp, signed = request.headers["X-Amz-Date"], parts["SignedHeaders"].split(";")
        scope = f"{stamp[:8]}/{self.region}/s3/aws4_request"
        if parts["Credential"] != f"{self.key_id}/{scope}":
            return "another scope"
        needed = {"host", "x-amz-date", "x-amz-content-sha256"} | ({"x-amz-security-token"} if self.session_token else set())
        if not needed <= set(signed):
            return f"not signed: {needed - set(signed)}"
        if self.session_token and request.headers.get("X-Amz-Security-Token") != self.session_token:
            return "another session"
        if request.headers["X-Amz-Content-Sha256"] != hashlib.sha256(b"").hexdigest():
            return "another body"
        split = urllib.parse.urlsplit(request.path)
        quote = lambda text: urllib.parse.quote(text, safe="-_.~")
        path = urllib.parse.quote(urllib.parse.unquote(split.path), safe="/-_.~")
        query = "&".join(sorted(f"{quote(key)}={quote(value)}" for key, value in urllib.parse.parse_qsl(split.query, keep_blank_values=True)))
        headers = "".join(f"{name}:{' '.join(request.headers[name].split())}\n" for name in signed)
        canonical = "\n".join(["GET", path, query, headers, parts["SignedHeaders"], request.headers["X-Amz-Content-Sha256"]])
        to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + self.secret).encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return "" if hmac.compare_digest(hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest(), parts["Signature"]) else "another signature"


class Postgresql:
    """A cluster of its own with TLS, as a user who is not root."""

    def __init__(self, folder, authority, name, password):
        self.folder, self.password = pathlib.Path(folder), password
        self.bin = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self.user = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self.port = free_port()
        self.folder.mkdir()
        for source, target in ((authority.certificate(name), "server.pem"), (authority.key(name), "server.key")):
            shutil.copy(source, self.folder / target)
            (self.folder / target).chmod(0o600)
        (self.folder / "password").write_text(password)
        for path in (self.folder, *self.folder.iterdir()):
            os.chown(path, self.user.pw_uid, self.user.pw_gid)

    def run(self, program, *arguments, **keywords):
        identity = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        return subprocess.run([self.bin / program, *map(str, arguments)], check=True, capture_output=True, text=True, cwd=self.folder, **identity, **keywords)

    def __enter__(self):
        data = self.folder / "data"
        self.run("initdb", "-D", data, "-U", "owner", "-A", "scram-sha-256", "--pwfile", self.folder / "password", "-E", "UTF8", "--locale", "C", "--no-sync")
        (data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\nlocal all all scram-sha-256\n")
        settings = (f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.folder} -c fsync=off -c ssl=on -c ssl_cert_file={self.folder}/server.pem "
                    f"-c ssl_key_file={self.folder}/server.key")
        self.run("pg_ctl", "-D", data, "-w", "-t", "60", "-l", self.folder / "log", "-o", settings, "start")
        return self

    def __exit__(self, *_):
        self.run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")

    def sql(self, text):
        return self.run("psql", "-h", self.folder, "-p", self.port, "-U", "owner", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-tA", "-c", text,
                        env={"PGPASSWORD": self.password, "PATH": "/usr/bin:/bin"}).stdout


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
