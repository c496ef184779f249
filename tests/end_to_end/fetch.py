"""`meterveil fetch` against real servers: what is right is taken, whole and once; what is wrong is refused; what is cut is resumed."""
import hashlib
import json
import os
import pathlib
import random
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import warnings

import program
import sources
from fetch_services import check_green_button, check_oauth2, check_postgresql, check_s3
from fetching import SECRETS, Bench, QUICK, https
from sources import answering


def check_folder(bench):
    handover, signer, other = bench.folder / "handover", sources.Signer(bench.folder, "signer"), sources.Signer(bench.folder, "other")
    (handover / "2013").mkdir(parents=True)
    bodies = {"2013/january.csv": bench.bytes(3_000_000), "2013/ä b.csv": b"", "notes.txt": b"hello"}

    def seal(listed=None, key=signer, name="SHA256SUMS", write=True):
        listed = {path: hashlib.sha256(body).hexdigest() for path, body in bodies.items()} if listed is None else listed
        for old in handover.glob("*SUMS*"):
            old.unlink()
        for path, body in bodies.items() if write else ():
            (handover / path).write_bytes(body)
        text = json.dumps({"files": [{"path": p, "bytes": len(bodies.get(p, b"")), "sha256": d} for p, d in listed.items()]}) if name.endswith(".json") else \
            "".join(f"{digest}  {path}\n" for path, digest in listed.items())
        (handover / name).write_text(text)
        key.sign(handover / name)

    table = {"kind": "folder", "path": handover, "public_key": signer.public}
    seal()
    bench.takes(table, fetched=3)
    assert bench.tree() == {f"in/{path}": body for path, body in bodies.items()}
    bench.takes(table, fetched=0, unchanged=3)
    (bench.out / "in/notes.txt").write_bytes(b"hellO")  # changed behind our back: fetched again
    bench.takes(table, fetched=1, unchanged=2)

    seal(key=other)
    bench.refuses(table, says="signature does not fit")
    seal()
    with open(handover / "SHA256SUMS", "a") as manifest:
        manifest.write("\n")
    bench.refuses(table, says="signature does not fit")
    seal()
    (handover / "SHA256SUMS.sig").write_bytes(b"")
    bench.refuses(table, says="signature does not fit")
    good = {path: hashlib.sha256(body).hexdigest() for path, body in bodies.items()}
    seal({**good, "notes.txt": "0" * 64})
    bench.refuses(table, says="SHA-256 or size is another")
    seal({**good, "missing.csv": "0" * 64})
    bench.refuses(table, says="is missing")
    seal({path: good[path] for path in ("notes.txt", "2013/ä b.csv")})
    bench.refuses(table, says="does not list")
    for path in ("../signer.key", "/etc/hostname", "2013/../../signer.key", "a\x1bb", "./", "2013//january.csv", "a\\b"):
        seal({**good, path: "0" * 64})
        bench.refuses(table, says="the name of a file")
    seal()
    (handover / "link.csv").symlink_to("/etc/hostname")
    bench.refuses(table, says="a link")
    (handover / "link.csv").unlink()
    bench.takes(table, unchanged=3)
    bodies["2013/january.csv"] = bench.bytes(3_000_000)
    seal()
    bench.refuses({**table, "max_bytes": "1MiB"}, says="more than 1048576 bytes")
    bench.refuses({**table, "public_key": signer.private}, says="not an Ed25519 public key", status=2)
    del bodies["notes.txt"]
    (handover / "notes.txt").unlink()
    seal(name="manifest.json")
    first = bench.takes({**table, "manifest": "manifest.json"}, fetched=1, unchanged=1)
    assert first["withdrawn"] == 1 and (bench.out / ".withdrawn/in/notes.txt").read_bytes() == b"hello"


def check_recipe(bench):
    """The commands of docs/fetch.md for whoever hands over."""
    page = (program.ROOT / "docs/fetch.md").read_text()
    recipe = page[page.index("openssl genpkey"):]
    handover = bench.folder / "handover"
    (handover / "sub").mkdir(parents=True)
    for name in ("a b.csv", "sub/c.csv"):
        (handover / name).write_bytes(bench.bytes(1000))
    script = recipe[:recipe.index("```")].replace("supplier.", "../supplier.")
    subprocess.run(["bash", "-euc", script], cwd=handover, check=True, capture_output=True)
    bench.takes({"kind": "folder", "path": handover, "public_key": bench.folder / "supplier.pem"}, fetched=2)


def check_trust(bench):
    """Whose server, whose client: each wrong one is refused, and the same with the right one passes."""
    ours, theirs = bench.authority, sources.Authority(bench.folder / "theirs").sign("server", "DNS:localhost").sign("client", "DNS:client")
    body = bench.bytes(100_000)
    right = {"ca": ours.certificate("ca"), "retries": 3}
    with sources.Server(ours) as server, sources.Server(theirs) as stranger, sources.Server(ours, "elsewhere") as misnamed, sources.Server(ours, clients=ours) as mutual:
        for each in (server, stranger, misnamed, mutual):
            each.files["/a.csv"] = body
        bench.takes(https(server, "a.csv", **right), fetched=1)
        assert bench.tree() == {"in/a.csv": body}
        bench.refuses(https(stranger, "a.csv", **right), says="no connection that can be trusted")
        bench.refuses(https(misnamed, "a.csv", **right), says="no connection that can be trusted")
        bench.refuses(https(server, "a.csv"), says="no connection that can be trusted")  # by the authorities of the system
        bench.refuses(https(server, "a.csv", **right, pin=ours.pin("elsewhere")), says="no connection that can be trusted")
        bench.takes(https(server, "a.csv", **right, pin=ours.pin("server")), unchanged=1)
        bench.takes(https(server, "a.csv", **right, pin=ours.pin("elsewhere") + ";" + ours.pin("server")), unchanged=1)

        by_server = ("no connection that can be trusted", "no whole answer")  # its alert may be lost with the connection
        bench.refuses(https(mutual, "a.csv", **right), says=by_server)
        stranger_client = {"client_certificate": theirs.certificate("client"), "client_key": {"file": theirs.key("client")}}
        bench.refuses(https(mutual, "a.csv", **right, **stranger_client), says=by_server)
        assert not mutual.seen
        client = {"client_certificate": ours.certificate("client"), "client_key": {"file": ours.key("client")}}
        bench.takes(https(mutual, "a.csv", **right, **client), unchanged=1)
        with open(ours.key("client")) as key:
            bench.takes(https(mutual, "a.csv", **right, **{**client, "client_key": {"fd": key.fileno()}}), fds=[key.fileno()], unchanged=1)
        bench.refuses(https(server, "a.csv", ca=bench.folder / "none.pem"), says="none.pem", status=2)
        # A secret that others can read, or that is not there.
        ours.key("client").chmod(0o640)
        bench.refuses(https(mutual, "a.csv", **right, **client), says="can be read by others", status=2)
        ours.key("client").chmod(0o600)
        bench.refuses(https(server, "a.csv", **right, bearer={"file": bench.folder / "none"}), says="cannot read the secret", status=2)
        bench.refuses(https(server, "a.csv", **right, bearer={"fd": 57}), says="cannot read the secret", status=2)
        bench.refuses(https(server, "a.csv", **right, bearer=SECRETS["token"]), says="never stands in this file", status=2)
        for url in (server.origin.replace("https", "http") + "/a.csv", server.origin.replace("//", "//user:pass@") + "/a.csv", "file:///etc/passwd"):
            bench.refuses({**https(server), "urls": [url]}, says="an https URL is wanted", status=2)
        for name in ("..%2fa.csv", "%2e%2e", "a%0ab.csv", "", "a%00.csv"):
            bench.refuses(https(server, name), says="the last part of a URL", status=2)
        bench.refuses(https(server, "x/a.csv", "y/a.csv"), says="is there twice", status=2)


def check_old_tls(bench):
    """A server that speaks TLS 1.1 at most, on a machine that allows it: refused all the same."""
    lax = bench.folder / "openssl.cnf"
    lax.write_text("openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nMinProtocol = TLSv1\nCipherString = ALL:@SECLEVEL=0\n")
    bench.environment["OPENSSL_CONF"] = str(lax)
    warnings.simplefilter("ignore", DeprecationWarning)  # of Python, about TLS 1.1
    with sources.Server(bench.authority) as server:
        server.files["/a.csv"] = b"x"
        server.context.set_ciphers("ALL:@SECLEVEL=0")
        server.context.minimum_version, server.context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        probe = ["openssl", "s_client", "-connect", server.origin.removeprefix("https://"), "-tls1_1", "-brief"]
        spoken = subprocess.run(probe, input="", env=dict(os.environ, OPENSSL_CONF=str(lax)), capture_output=True, text=True).stderr
        assert "TLSv1.1" in spoken, "the server does not speak TLS 1.1: " + spoken
        bench.refuses(https(server, "a.csv", ca=bench.authority.certificate("ca")), says="no connection that can be trusted")
        server.context.maximum_version = ssl.TLSVersion.TLSv1_2
        bench.takes(https(server, "a.csv", ca=bench.authority.certificate("ca")), fetched=1)


def check_answers(bench):
    """What a server may say, and what is done about it."""
    body, ca = bench.bytes(200_000), {"ca": bench.authority.certificate("ca")}
    with sources.Server(bench.authority) as server, sources.Server(bench.authority) as other:
        server.files = {"/a.csv": body, "/b/a.csv": body}
        other.files = {"/a.csv": body}
        here = https(server, "a.csv", **ca)

        server.behave["/a.csv"] = [answering(500)] * 3
        bench.takes({**here, "retries": 3}, fetched=1)
        server.files["/a.csv"] = body = bench.bytes(200_000)
        server.behave["/a.csv"] = [answering(503)] * 4
        bench.refuses({**here, "retries": 3}, says="the server answers 503, 4 times in a row")
        server.behave["/a.csv"] = [answering(429, headers={"Retry-After": "2"})]
        began = time.monotonic()
        bench.takes({**here, "retries": 1}, fetched=1)
        assert time.monotonic() - began >= 2, "Retry-After is not honoured"
        server.behave["/a.csv"] = [answering(429, headers={"Retry-After": "86400"})]
        bench.refuses({**here, "retries": 1}, says="come back in 86400 s")
        for status in (400, 401, 403, 404, 410):
            server.behave["/a.csv"] = [answering(status, b"<h1>no</h1>" * 1000)]
            bench.refuses({**here, "retries": 5}, says=f"the server answers {status}")

        server.files["/a.csv"] = bench.bytes(200_000)
        bench.out = bench.folder / "fresh"
        for status, says in ((304, "was not asked whether"), (206, "another part")):
            server.behave["/a.csv"] = [answering(status, b"x" * (status == 206), {"Content-Range": "bytes 0-0/1"})]
            bench.refuses(here, says=says)
        bench.out = bench.folder / "out"
        hop = lambda target, status=302: answering(status, headers={"Location": target})
        server.files["/a.csv"] = body = bench.bytes(200_000)
        server.behave["/a.csv"] = [hop(other.origin + "/a.csv")]
        bench.refuses(here, says="sends us elsewhere")
        server.behave["/a.csv"] = [hop(server.origin.replace("https", "http") + "/b/a.csv")]
        bench.refuses(here, says="sends us elsewhere")
        server.behave["/a.csv"] = [hop(server.origin.replace("localhost", "127.0.0.1") + "/b/a.csv")]
        bench.refuses(here, says="sends us elsewhere")
        assert not other.seen
        server.behave["/a.csv"] = [hop("/a.csv")] * 6
        bench.refuses(here, says="more than 5 redirects")
        server.files["/b/a.csv"] = body
        server.behave["/a.csv"] = [hop("/b/a.csv", 307)] * 7
        server.behave["/b/a.csv"] = [answering(503)] * 6
        bench.takes({**here, "retries": 6}, fetched=1)

        server.files["/a.csv"] = body = bench.bytes(200_000)
        bench.refuses({**here, "max_bytes": "100KiB"}, says="too large")
        def chunked(request):
            request.send_response(200)
            request.send_header("Transfer-Encoding", "chunked")
            request.end_headers()
            for first in range(0, len(body), 50_000):
                request.wfile.write(b"%x\r\n" % 50_000 + body[first:first + 50_000] + b"\r\n")
            request.wfile.write(b"0\r\n\r\n")
        server.behave["/a.csv"] = [chunked]
        bench.refuses({**here, "max_bytes": "100KiB"}, says="too large")
        server.behave["/a.csv"] = [chunked]
        bench.takes({**here, "max_bytes": "200KiB"}, fetched=1)
        def endless(request):
            request.send_response(200)
            request.end_headers()
            request.wfile.write(body)
            sources.hang_up(request)
        server.behave["/a.csv"] = [endless]
        bench.refuses(here, says="does not say where the file ends")

        stalled = lambda request: time.sleep(6)
        server.behave["/a.csv"] = [stalled]
        began = time.monotonic()
        bench.refuses({**here, "stall_timeout": "1s"}, says="no whole answer")
        assert time.monotonic() - began < 5, "a stalled server is waited for"
        for size, rate in ((400_000, "200KiB"), (8_000_000, "4MiB")):
            server.files["/a.csv"] = body = bench.bytes(size)
            began = time.monotonic()
            bench.takes({**here, "rate": rate}, fetched=1)
            assert 1 < time.monotonic() - began < 8, f"the rate is not {rate}: {time.monotonic() - began} s"
        before = len(server.seen)
        bench.takes(here, unchanged=1)
        assert server.seen[before].headers["If-None-Match"] == sources.etag_of(body)


def check_sealed(bench):
    """A signed manifest by HTTPS, and the files beside it."""
    signer, other, ca = sources.Signer(bench.folder, "signer"), sources.Signer(bench.folder, "other"), {"ca": bench.authority.certificate("ca")}
    bodies = {"a.csv": bench.bytes(50_000), "sub folder/b+c.csv": bench.bytes(1000), "empty.csv": b""}
    with sources.Server(bench.authority) as server:
        def seal(digests, key=signer):
            path = bench.folder / "SUMS"
            path.write_text("".join(f"{digest}  {name}\n" for name, digest in digests.items()))
            server.files = {"/x/SUMS": path.read_bytes(), "/x/SUMS.sig": key.sign(path), **{f"/x/{name}": body for name, body in bodies.items()}}
        good = {name: hashlib.sha256(body).hexdigest() for name, body in bodies.items()}
        table = {"kind": "https", "manifest": server.origin + "/x/SUMS", "public_key": signer.public, **QUICK, **ca}
        seal(good, other)
        bench.refuses(table, says="signature does not fit")
        seal({**good, "a.csv": "1" * 64})
        bench.refuses(table, says="SHA-256 is another")
        seal({**good, "../../a.csv": "1" * 64})
        bench.refuses(table, says="leads out of the folder")
        seal(good)
        bench.takes(table, fetched=3)
        assert bench.tree() == {f"in/{name}": body for name, body in bodies.items()}
        before = len(server.seen)
        bench.takes(table, unchanged=3)
        assert len(server.seen) == before + 2, "only manifest and signature are asked for"
        # A link in the place of a folder or file of the output is not followed.
        outside = bench.folder / "outside"
        outside.mkdir()
        (bench.out / "in").rename(bench.out / "moved")
        (bench.out / "in").symlink_to(outside)
        assert bench.run(table)[0] == 7 and not list(outside.iterdir())
        (bench.out / "in").unlink()
        (bench.out / "moved").rename(bench.out / "in")
        (bench.out / "in/a.csv").unlink()
        (bench.out / "in/a.csv").symlink_to(outside / "a.csv")
        (outside / "a.csv").write_bytes(bodies["a.csv"])
        assert bench.run(table)[0] == 7 and (outside / "a.csv").read_bytes() == bodies["a.csv"]
        (bench.out / "in/a.csv").unlink()
        bench.takes(table, fetched=1, unchanged=2)


def check_resume(bench):
    """Cut at a random byte twenty times, in as many runs and within one; never a byte twice, and the same SHA-256."""
    ca = {"ca": bench.authority.certificate("ca")}
    with sources.Server(bench.authority) as server:
        here = https(server, "a.csv", **ca)
        size = 3_000_000
        body = server.files["/a.csv"] = bench.bytes(size)
        cuts = sorted(bench.draw.sample(range(1, size), 20))
        for cut in cuts:
            server.behave["/a.csv"] = [server.cut_at(cut)]
            status, _, error = bench.run(here)
            assert status == 3 and "no whole answer" in error and not bench.tree(), (cut, status, error)
        bench.takes(here, fetched=1)
        assert bench.tree() == {"in/a.csv": body} and server.sent == size, server.sent

        server.sent = 0
        body = server.files["/a.csv"] = bench.bytes(size)
        server.behave["/a.csv"] = [server.cut_at(cut) for cut in cuts]
        bench.takes({**here, "retries": 1}, fetched=1)
        assert bench.tree() == {"in/a.csv": body} and server.sent == size, server.sent

        # Another file in between: it starts anew.
        server.files["/a.csv"] = bench.bytes(size)
        server.behave["/a.csv"] = [server.cut_at(size // 2)]
        assert bench.run(here)[0] == 3
        body = server.files["/a.csv"] = bench.bytes(size // 2 - 10)
        bench.takes(here, fetched=1)
        assert bench.tree() == {"in/a.csv": body}
        # A server that takes no ETag into account and sends the rest of another file.
        server.files["/a.csv"] = bench.bytes(size)
        server.behave["/a.csv"] = [server.cut_at(size // 2)]
        assert bench.run(here)[0] == 3
        body = server.files["/a.csv"] = bench.bytes(size)
        def careless(request):
            request.headers.replace_header("If-Range", sources.etag_of(body))
            return False
        server.behave["/a.csv"] = [careless]
        assert "another part" in bench.run(here)[2]
        # A part that is longer than the file has become: 416.
        server.files["/a.csv"] = bench.bytes(size)
        server.behave["/a.csv"] = [server.cut_at(size // 2)]
        assert bench.run(here)[0] == 3
        server.behave["/a.csv"] = [answering(416)]
        bench.takes(here, fetched=1)
        assert bench.tree() == {"in/a.csv": server.files["/a.csv"]}


def check_ends(bench):
    """kill -9 and SIGTERM in the middle, then again; one at a time."""
    ca = {"ca": bench.authority.certificate("ca")}
    with sources.Server(bench.authority) as server:
        server.files = {f"/{name}.csv": bench.bytes(2_000_000) for name in "abc"}
        here = https(server, "a.csv", "b.csv", "c.csv", **ca)
        for end, expected in ((signal.SIGKILL, -9), (signal.SIGTERM, 75), (signal.SIGINT, 75)):
            server.files["/b.csv"] = bench.bytes(2_000_000)
            server.sent, at, paused = 0, bench.draw.randrange(1, 2_000_000), threading.Event()
            server.behave["/b.csv"] = [server.pause_at(at, paused)]
            process = bench.start({**here, "stall_timeout": "30s"})
            assert paused.wait(20)
            assert bench.run(here)[0] == 8, "two at once"
            bench.wait_for_bytes(at)
            process.send_signal(end)
            status, summary, error = bench.end(process)
            assert status == expected, (status, error)
            if end != signal.SIGKILL:
                assert "stopped on request" in error and summary["sources"][0]["error"]["code"] == "interrupted", error
            before = len(server.seen)
            bench.takes(here)
            asked = {request.path: request.headers.get("Range") for request in server.seen[before:]}
            assert asked.get("/b.csv") == f"bytes={at}-", (asked, at)
            assert bench.tree() == {f"in{path}": body for path, body in server.files.items()}


def check_several(bench):
    """One source that fails keeps no other from being fetched; a folder of other files is not written into."""
    with sources.Server(bench.authority) as server:
        server.files = {"/a.csv": b"a", "/b.csv": b"b"}
        ca = {"ca": bench.authority.certificate("ca")}
        status, summary, error = bench.run({**https(server, "none.csv", **ca), "name": "first"}, {**https(server, "b.csv", **ca), "name": "second"})
        assert status == 3 and "first: the server answers 404" in error and "error" not in summary["sources"][1], (status, error)
        assert bench.tree() == {"second/b.csv": b"b"} and (bench.out.stat().st_mode & 0o777) == 0o700
        assert all(p.stat().st_mode & 0o077 == 0 for p in bench.out.rglob("*"))
        bench.out = bench.folder / "full"
        bench.out.mkdir()
        (bench.out / "mine.txt").write_text("mine")
        bench.refuses(https(server, "a.csv", **ca), says="were not fetched", status=2)
        wrong = {**https(server, "a.csv"), "urll": "x", "max_bytes": "lots", "kind": "htps"}
        bench.refuses(wrong, says="did you mean 'https'", status=2)
        bench.refuses({**wrong, "kind": "https"}, says="did you mean 'urls'", status=2)


CHECKS = (check_folder, check_recipe, check_trust, check_old_tls, check_answers, check_sealed, check_resume, check_ends, check_oauth2, check_green_button, check_s3, check_postgresql, check_several)


def main():
    program.ROOT, program.BUILD = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
    chosen = [check for check in CHECKS if check.__name__ in sys.argv[3:]] or CHECKS
    seed = int(os.environ.get("METERVEIL_SEED") or random.SystemRandom().randrange(2**32))
    print(f"seed {seed} (METERVEIL_SEED)")
    os.umask(0o022)
    with tempfile.TemporaryDirectory(prefix="meterveil-test-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another user
        authority = sources.Authority(folder / "authority").sign("server", "DNS:localhost").sign("elsewhere", "DNS:elsewhere.example").sign("client", "DNS:client")
        for check in chosen:
            (folder / check.__name__).mkdir()
            began = time.monotonic()
            check(Bench(folder / check.__name__, authority, seed))
            print(f"{check.__name__} {time.monotonic() - began:.1f} s", flush=True)
    print("what is right is taken, what is wrong is refused, what is cut is resumed")


if __name__ == "__main__":
    main()
