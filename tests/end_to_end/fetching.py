"""A bench for `meterveil fetch`: files of sources, runs, what they leave behind, and no secret in any of it."""
import datetime
import hashlib
import json
import os
import pathlib
import random
import subprocess
import time

import program

SECRETS = {"token": "canary-token-5b1f", "client": "canary/client+secret 91=", "s3": "canary+s3/key==77", "session": "canary-session-token-3c", "database": "canary:data\\base pass'word"}
QUICK = {"retries": 0, "backoff_ms": 1, "stall_timeout": "2s", "connect_timeout": "5s"}


def toml(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, datetime.date):
        return value.isoformat()
    return json.dumps(str(value) if isinstance(value, pathlib.Path) else value)


class Bench:
    """A folder for one check: its sources, its output, and no secret anywhere."""

    def __init__(self, folder, authority, seed):
        self.folder, self.authority, self.out = pathlib.Path(folder), authority, pathlib.Path(folder) / "out"
        self.draw = random.Random(seed)
        # None of this is looked at.
        self.environment = {"https_proxy": "http://localhost:1", "all_proxy": "http://localhost:1", "PGPASSWORD": "wrong", "PGSSLMODE": "disable", "PGOPTIONS": "--bogus"}

    def write(self, *tables):
        lines = []
        for table in tables:
            lines += ["[[source]]", *(f"{key} = {toml(value)}" for key, value in {"name": "in", **table}.items()), ""]
        path = self.folder / "sources.toml"
        path.write_text("\n".join(lines))
        return path

    def secret(self, name):
        path = self.folder / f"{name}.secret"
        if not path.exists():
            path.touch(0o600)
            path.write_text(SECRETS[name] + "\n")
        return {"file": path}

    def start(self, *tables, fds=()):
        command = [str(program.BUILD / "meterveil"), "fetch", str(self.write(*tables)), "--out", str(self.out), "--json"]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, pass_fds=fds, env={**os.environ, **self.environment})

    def end(self, process):
        out, error = process.communicate(timeout=60)
        self.look_for_secrets(out + error)
        return process.returncode, json.loads(out) if out else None, error

    def run(self, *tables, **keywords):
        return self.end(self.start(*tables, **keywords))

    def takes(self, *tables, fetched=None, unchanged=None, **keywords):
        """It passes. @return the summary of the first source"""
        status, summary, error = self.run(*tables, **keywords)
        assert status == 0, (status, error)
        first = summary["sources"][0]
        assert fetched in (None, first["fetched"]) and unchanged in (None, first["unchanged"]), first
        self.check_manifest()
        return first

    def refuses(self, *tables, says, status=3, **keywords):
        """@param says what the message has; of several, one"""
        before = self.tree()
        got, _, error = self.run(*tables, **keywords)
        assert got == status and any(text in error for text in ((says,) if isinstance(says, str) else says)), (got, error)
        assert self.tree() == before, "a refused file is in the output"

    def tree(self):
        """Files of the sources, with their content."""
        if not self.out.exists():
            return {}
        return {str(p.relative_to(self.out)): p.read_bytes() for p in self.out.rglob("*") if p.is_file() and p.relative_to(self.out).parts[0] not in (".partial", ".lock", "manifest.json")}

    def manifest(self):
        return {file["path"]: file for file in json.loads((self.out / "manifest.json").read_text())["files"]}

    def check_manifest(self):
        files = {path: body for path, body in self.tree().items() if not path.startswith(".withdrawn/")}
        listed = self.manifest()
        assert listed.keys() == files.keys(), (listed.keys(), files.keys())
        for path, body in files.items():
            assert listed[path]["sha256"] == hashlib.sha256(body).hexdigest() and listed[path]["bytes"] == len(body), path
        assert not list((self.out / ".partial").iterdir()), "something is left under way"

    def wait_for_bytes(self, count):
        """What a server has sent is in the file under way."""
        until = time.monotonic() + 20
        while not any(p.stat().st_size == count for p in (self.out / ".partial").iterdir()):
            assert time.monotonic() < until, "what was sent does not arrive"
            time.sleep(0.01)

    def look_for_secrets(self, said):
        held = [said.encode()] + [p.read_bytes() for p in self.out.rglob("*") if p.is_file()]
        for secret in SECRETS.values():
            assert not any(secret.encode() in text for text in held), "a secret is told"

    def bytes(self, size):
        return self.draw.randbytes(size)


def https(server, *names, **more):
    return {"kind": "https", "urls": [f"{server.origin}/{name}" for name in names], **QUICK, **more}
