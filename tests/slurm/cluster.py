"""A private Slurm of several nodes on this machine, all on loopback, for the length of a `with` block."""
import contextlib
import getpass
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
SlurmctldPort={port}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/slurmctld.log
StateSaveLocation={folder}/state
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmdLogFile={folder}/slurmd-%n.log
SlurmdSpoolDir={folder}/spool-%n
TmpFS={folder}/tmp-%n
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge.socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
JobCompType=jobcomp/none
AccountingStorageType=accounting_storage/none
SchedulerParameters=sched_min_interval=0,batch_sched_delay=0
MessageTimeout=10
ReturnToService=2
NodeName=n[1-{nodes}] NodeHostname={host} NodeAddr=127.0.0.1 Port=[{first}-{last}] CPUs=8 RealMemory=16384 State=UNKNOWN
PartitionName=test Nodes=n[1-{nodes}] Default=YES MaxTime=INFINITE State=UP
"""


class Unavailable(Exception):
    """This machine cannot run a Slurm; says why."""


def free_ports(count):
    """The first of `count` consecutive ports that nobody listens on."""
    for first in range(20000, 60000, 97):
        with contextlib.ExitStack() as stack:
            try:
                for port in range(first, first + count):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
                return first
            except OSError:
                continue
    raise Unavailable("no free ports")


class Cluster:
    def __init__(self, folder, nodes=2):
        self.folder, self.nodes = pathlib.Path(folder), nodes
        self.configuration = self.folder / "slurm.conf"
        # Nodes of one machine share a host name: shared-memory segments of Open MPI would collide, so TCP it is.
        self.environment = dict(
            os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin", SLURM_CONF=str(self.configuration),
            OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", OMPI_MCA_pml="ob1", OMPI_MCA_btl="self,tcp",
            OMPI_MCA_btl_tcp_if_include="lo", OMPI_MCA_oob_tcp_if_include="lo", OMPI_MCA_rmaps_base_oversubscribe="1",
            OMPI_MCA_mpi_yield_when_idle="1", OMP_WAIT_POLICY="passive", OMPI_MCA_hwloc_base_binding_policy="none", PMIX_MCA_gds="hash")

    def __enter__(self):
        for program in ("munged", "slurmctld", "slurmd", "sbatch"):
            if shutil.which(program, path=self.environment["PATH"]) is None:
                raise Unavailable(f"{program} is not installed")
        try:
            self._write_files()
            self._start("munged", "--force", f"--key-file={self.folder}/munge.key", f"--socket={self.folder}/munge.socket",
                        f"--pid-file={self.folder}/munged.pid", f"--log-file={self.folder}/munged.log", f"--seed-file={self.folder}/munge.seed")
            self._start("slurmctld", "-f", self.configuration)
            for node in range(1, self.nodes + 1):
                self._start("slurmd", "-N", f"n{node}", "-f", self.configuration)
            self._wait_for_nodes()
        except Unavailable:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_):
        if self.configuration.exists():
            subprocess.run(["scancel", "--user", getpass.getuser()], env=self.environment, timeout=30, check=False)
            time.sleep(1)
        for file in sorted(self.folder.glob("*.pid"), key=lambda path: ("slurmd-" not in path.name, path.name == "munged.pid")):
            end(int(file.read_text()))

    def run(self, *command, **keywords):
        return subprocess.run(list(map(str, command)), env=self.environment, capture_output=True, text=True, timeout=60, **keywords)

    def submit(self, *command, **environment):
        """Submits and waits for the end. Returns the exit status of the job and what it printed."""
        log = self.folder / "job.log"
        log.unlink(missing_ok=True)
        done = subprocess.run(["sbatch", "--wait", "--parsable", f"--output={log}", *map(str, command)], env={**self.environment, **environment},
                              capture_output=True, text=True, timeout=300, cwd=self.folder, check=False)
        return done.returncode, log.read_text() if log.exists() else done.stderr

    def _write_files(self):
        port = free_ports(self.nodes + 1)
        self.configuration.write_text(CONFIGURATION.format(
            host=socket.gethostname().split(".")[0], user=getpass.getuser(), folder=self.folder, port=port, first=port + 1,
            last=port + self.nodes, nodes=self.nodes))
        (self.folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n")
        (self.folder / "munge.key").write_bytes(os.urandom(128))
        (self.folder / "munge.key").chmod(0o400)
        self.folder.chmod(0o755)  # munged wants a folder that only its owner can write
        for name in ["state"] + [f"{kind}-n{n}" for n in range(1, self.nodes + 1) for kind in ("spool", "tmp")]:
            (self.folder / name).mkdir()

    def _start(self, *command):
        done = self.run(*command)
        if done.returncode != 0:
            logs = [path.read_text()[-400:] for path in self.folder.glob("*.log")]
            raise Unavailable(f"{command[0]} does not start: {done.stderr.strip()} {' '.join(logs)}")

    def _wait_for_nodes(self):
        for _ in range(150):
            up = self.run("sinfo", "--noheader", "-N", "-t", "idle", "-o", "%N").stdout.split()
            if len(set(up)) == self.nodes:
                return
            time.sleep(0.2)
        raise Unavailable("the nodes do not come up: " + self.run("sinfo", "-N", "-l").stdout)


def end(pid):
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
            for _ in range(50):
                os.kill(pid, 0)
                time.sleep(0.1)
