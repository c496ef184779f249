"""`meterveil fetch`: tokens, Green Button Connect, S3, PostgreSQL. Checks of fetch.py, which runs them."""
import datetime
import hashlib
import os
import shutil

import golden
import program
import sources
from fetching import QUICK, SECRETS, https
from sources import answering


def check_oauth2(bench):
    ca, body = {"ca": bench.authority.certificate("ca")}, bench.bytes(10_000)
    for in_body in (False, True):
        with sources.Server(bench.authority) as server:
            tokens = sources.Tokens("the client", SECRETS["client"], in_body)
            server.always = tokens.guard
            server.files = {"/a.csv": body, "/b.csv": body}
            proof = {"token_url": server.origin + "/token", "client_id": "the client", "client_secret": bench.secret("client"), "scope": "read all"}
            here = https(server, "a.csv", "b.csv", **ca, oauth2={**proof, "client_auth": "body" if in_body else "basic"})
            bench.takes(here)
            assert len(tokens.given) == 1 and tokens.scopes == ["read all"]
            # The token is withdrawn between the two files: another one, once.
            server.files["/a.csv"] = server.files["/b.csv"] = bench.bytes(10_000)
            def expire(_):
                tokens.valid.clear()
                return False
            server.behave["/a.csv"] = [expire]
            bench.takes(here, fetched=2)
            assert len(tokens.given) == 3, tokens.given
            # And in the middle of a file: it goes on where it was.
            server.files["/a.csv"], server.sent, at = bench.bytes(10_000), 0, bench.draw.randrange(1, 10_000)
            def cut_and_expire(request):
                tokens.valid.clear()
                server.cut_at(at)(request)
            server.behave["/a.csv"] = [cut_and_expire]
            bench.takes({**here, "retries": 1}, fetched=1)
            assert len(tokens.given) == 5 and server.sent == 10_000, (tokens.given, server.sent)
            tokens.given.clear()
            server.files["/a.csv"] = bench.bytes(10_000)
            server.always = lambda request: tokens.give(request) if request.path == "/token" else sources.reply(request, 401)
            bench.refuses(here, says="the server answers 401")
            assert len(tokens.given) == 2, "a new token once, not for ever"
            tokens.client_secret = "changed"
            bench.refuses(here, says="the token endpoint answers 401")
            for token in tokens.given:
                assert not any(token.encode() in p.read_bytes() for p in bench.out.rglob("*") if p.is_file())
    with sources.Server(bench.authority) as server:
        server.files["/a.csv"] = body
        server.always = lambda request: False if request.headers.get("Authorization") == f"Bearer {SECRETS['token']}" else sources.reply(request, 401)
        bench.refuses(https(server, "a.csv", **ca), says="the server answers 401")
        bench.takes(https(server, "a.csv", **ca, bearer=bench.secret("token")))
        read, write = os.pipe()
        os.write(write, SECRETS["token"].encode())
        os.close(write)
        bench.takes(https(server, "a.csv", **ca, bearer={"fd": read}), fds=[read])


def feed(body, following=None, doctype=""):
    link = f'<link rel="next" href="{following}"/>' if following else ""
    return f'<?xml version="1.0"?>{doctype}<feed xmlns="http://www.w3.org/2005/Atom"><link rel="self" href="x"/>{link}<entry><link rel="next" href="/of-an-entry"/><content>{body}</content></entry></feed>'.encode()


def check_green_button(bench):
    with sources.Server(bench.authority) as server, sources.Server(bench.authority) as other:
        server.always = lambda request: False if request.headers.get("Authorization") == f"Bearer {SECRETS['token']}" else sources.reply(request, 401)
        here = {"kind": "green-button-connect", "url": server.origin + "/sub/5", "bearer": bench.secret("token"), "ca": bench.authority.certificate("ca"), **QUICK}
        server.files = {"/sub/5": feed("one", "5/2"), "/sub/5/2": feed("two", server.origin + "/sub/5/3"), "/sub/5/3": feed("three")}
        server.behave["/sub/5"] = [answering(202)]
        bench.takes({**here, "retries": 1}, fetched=3)
        assert list(bench.tree()) and bench.tree() == {f"in/all-0000{i + 1}.xml": body for i, body in enumerate(server.files.values())}
        bench.takes(here, unchanged=3)
        server.files["/sub/5/2"] = feed("two, corrected", "3")
        bench.takes(here, fetched=1, unchanged=2)
        for wrong, says in ((feed("x", other.origin + "/sub/5/3"), "leads elsewhere"), (feed("x", "http://localhost/3"), "leads elsewhere"), (feed("x", "/sub/5"), "do not end"),
                            (feed("x", doctype="<!DOCTYPE feed [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>"), "document type declaration"), (b"<html/>", "no Atom feed"), (feed("x")[:-3], "not what was asked for")):
            server.files["/sub/5/2"] = wrong
            status, _, error = bench.run(here)
            assert status == 3 and says in error, (says, status, error)
        assert not other.seen
        server.files["/sub/5/2"] = feed("two")
        assert bench.takes(here, fetched=1)["withdrawn"] == 1, "a page that is no more"

        asked = []
        def windowed(request):
            query = dict(sources.urllib.parse.parse_qsl(sources.urllib.parse.urlsplit(request.path).query))
            asked.append((query["published-min"], query["published-max"]))
            sources.reply(request, 200, feed(query["published-min"]))
        server.behave["/sub/5"] = [windowed] * 3
        spans = {"from": datetime.date(2013, 1, 1), "until": datetime.date(2013, 3, 1), "window": "28d"}
        bench.takes({**here, "url": server.origin + "/sub/5?x=1", **spans}, fetched=3)
        days = ["2013-01-01", "2013-01-29", "2013-02-26", "2013-03-01"]
        assert asked == [(f"{first}T00:00:00Z", f"{last}T00:00:00Z") for first, last in zip(days, days[1:])], asked
        assert sorted(p.name for p in (bench.out / "in").iterdir()) == [f"{day}-00001.xml" for day in days[:3]]


def check_s3(bench):
    ca = {"ca": bench.authority.certificate("ca")}
    with sources.Server(bench.authority) as server:
        bucket = sources.Bucket(server, "meters", "eu-west-2", "AKIDEXAMPLE", SECRETS["s3"])
        bucket.objects = {f"readings/2013/{name}": bench.bytes(20_000) for name in ("a.csv", "b c+d=.csv", "ünï&<>.csv", "sub/e~f.csv", "g(1)*'!.csv")}
        bucket.objects |= {"readings/2013/folder/": b"", "other/secret.csv": b"not asked for"}
        here = {"kind": "s3", "endpoint": server.origin, "region": "eu-west-2", "bucket": "meters", "prefix": "readings/2013/", "access_key_id": "AKIDEXAMPLE",
                "secret_access_key": bench.secret("s3"), **ca, **QUICK}
        bench.takes(here, fetched=5)
        assert bench.tree() == {f"in/{key}": body for key, body in bucket.objects.items() if key.startswith("readings") and body} and not bucket.refused
        before = len(server.seen)
        bench.takes(here, unchanged=5)
        assert len(server.seen) - before == 3, "only the listing is asked for"
        bench.refuses({**here, "secret_access_key": bench.secret("token")}, says="the server answers 403")
        assert bucket.refused == ["another signature"], bucket.refused
        bench.refuses({**here, "region": "us-east-1"}, says="the server answers 403")
        bucket.session_token = SECRETS["session"]
        bench.refuses(here, says="the server answers 403")
        here["session_token"] = bench.secret("session")
        bench.takes(here, unchanged=5)
        key = "readings/2013/a.csv"
        bucket.objects[key] = body = bench.bytes(20_000)
        cut_at, server_send = bench.draw.randrange(1, 20_000), server.send
        def cut(request, whole, **_):
            server.send = server_send
            server_send(request, whole, cut=cut_at)
        server.send = cut
        assert bench.run(here)[0] == 3
        server.sent = 0
        bench.takes(here, fetched=1, unchanged=4)
        assert server.sent == 20_000 - cut_at and bench.tree()["in/" + key] == body
        for wrong in ("readings/2013/../../../etc/x", "readings/2013//x", "readings/2013/a.csv/x", "readings/2013/x\\y"):
            bucket.objects[wrong] = b"x"
            bench.refuses(here, says="the name of a file")
            del bucket.objects[wrong]
        del bucket.objects[key]
        assert bench.takes(here, unchanged=4)["withdrawn"] == 1


def check_customers(bench, database, here):
    """A job that reads its customers from a database: the release is that of the same customers in a file."""
    golden.prepare(bench.folder)
    rows = [line.split(",") for line in (bench.folder / "customers.csv").read_text().split()[1:]]
    values = ", ".join(f"('{meter}', '{customer}', 'Name of \"{customer}\", Ltd ')" for meter, customer in rows)
    database.sql(f"CREATE TABLE accounts (meter_id text, customer_id text, name text); INSERT INTO accounts VALUES {values}")
    bench.takes({**here, "table": "accounts", "columns": ["name", "meter_id", "customer_id"]}, fetched=1)
    shutil.copy(bench.out / "in/customers.csv", bench.folder / "customers.csv")
    status, _, error = program.start(0, "run", bench.folder / "job.toml", "--progress", "off")
    assert status == 0, error
    assert (bench.folder / "releases/golden/SHA256SUMS").read_text() == (program.ROOT / "tests/golden/SHA256SUMS").read_text()


def check_postgresql(bench):
    theirs = sources.Authority(bench.folder / "theirs")
    with sources.Postgresql(bench.folder / "postgresql", bench.authority, "server", SECRETS["database"]) as database, \
            sources.Postgresql(bench.folder / "misnamed", bench.authority, "elsewhere", SECRETS["database"]) as misnamed:
        for each in (database, misnamed):
            each.sql("""CREATE TABLE customers (customer_id int, "Name, full" text, tariff text, born date);
                        INSERT INTO customers VALUES (3, 'Ann "A" O''Neil', NULL, '1970-01-02'), (1, ' Bo, ', '', NULL), (2, 'Zoë', 'ToU', '1999-12-31');
                        CREATE TABLE big AS SELECT i AS id, md5(i::text) AS value FROM generate_series(1, 30000) AS i;
                        CREATE SEQUENCE counter;
                        CREATE FUNCTION grab() RETURNS bigint LANGUAGE sql AS 'DELETE FROM big RETURNING id::bigint'""")
        here = {"kind": "postgresql", "host": "localhost", "port": database.port, "database": "postgres", "user": "owner", "password": bench.secret("database"),
                "ca": bench.authority.certificate("ca"), "table": "public.customers", "columns": ["customer_id", "Name, full", "tariff", "born"], "timeout": "20s"}
        expected = 'customer_id,"Name, full",tariff,born\n1," Bo, ","",\n2,Zoë,ToU,1999-12-31\n3,"Ann ""A"" O\'Neil",,1970-01-02\n'
        bench.takes(here, fetched=1)
        assert (bench.out / "in/customers.csv").read_text() == expected
        bench.takes(here, unchanged=1)
        (bench.folder / "long.secret").write_text("x" * 1001)
        (bench.folder / "long.secret").chmod(0o600)
        bench.refuses({**here, "password": {"file": bench.folder / "long.secret"}}, says="more than 1000 bytes", status=2)
        without = {key: value for key, value in here.items() if key != "password"}
        bench.refuses(without, says="no password supplied")
        big = {key: value for key, value in here.items() if key not in ("table", "columns")} | {"query": "SELECT id, value FROM big ORDER BY id", "file": "big.csv"}
        assert bench.takes(big, fetched=1)["withdrawn"] == 1
        assert (bench.out / "in/big.csv").read_text() == "id,value\n" + "".join(f"{i},{hashlib.md5(str(i).encode()).hexdigest()}\n" for i in range(1, 30001))
        bench.takes({**big, "max_rows": 30000}, unchanged=1)
        bench.refuses({**big, "max_rows": 29999}, says="more than 29999 rows")
        bench.refuses({**big, "max_bytes": "1MiB"}, says="more than 1048576 bytes")
        bench.refuses({**here, "password": bench.secret("token")}, says="no connection")
        bench.refuses({**here, "ca": theirs.certificate("ca")}, says="no connection")
        bench.refuses({**here, "port": misnamed.port}, says="no connection")
        bench.refuses({**here, "columns": ["customer_id", "no_such"]}, says="SQLSTATE 42703")
        for query in ("SELECT nextval('counter')", "SELECT grab()"):  # 25006: read_only_sql_transaction
            bench.refuses({**big, "query": query}, says="SQLSTATE 25006")
        bench.refuses({**big, "query": "SELECT 1; DROP TABLE big"}, says="one statement", status=2)
        bench.refuses({**big, "query": "SELECT 'canary'::int"}, says="SQLSTATE 22P02")
        bench.refuses({**big, "query": "SELECT E'a\\nb' AS note"}, says="column 'note' has a line break")
        assert database.sql("SELECT count(*) FROM big").strip() == "30000"
        assert bench.takes({**here, "port": misnamed.port, "tls": "verify-ca"}, fetched=1)["withdrawn"] == 1
        assert (bench.out / "in/customers.csv").read_text() == expected
        check_customers(bench, database, here)
