"""Starts the program as a user does."""
import os
import pathlib
import subprocess

ROOT, BUILD = None, None


def start(ranks, *arguments, **keywords):
    """Runs `meterveil` on a number of ranks. Returns status, stdout, stderr."""
    command = [str(BUILD / "meterveil"), *map(str, arguments)]
    if ranks > 0:
        command = [str(ROOT / "tests/support/mpirun.sh"), str(ranks), *command]
    environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=600, **keywords)
    return done.returncode, done.stdout, done.stderr


def key_in(folder):
    path = pathlib.Path(folder) / "root.key"
    status, _, error = start(0, "keygen", "--out", path)
    assert status == 0, error
    return path
