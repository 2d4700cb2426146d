"""A Slurm cluster of one node on this machine's loopback, started for a test and ended without a trace.

The daemons are Debian's; everything they write lies in a folder of the test's, except ``/etc/slurm/slurm.conf``:
the executor plugin clears every ``SLURM_*`` variable before it calls ``srun``, which then looks only there. What
stood there before is put back.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

COMMANDS = ("slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "scontrol", "munged")
PACKAGES = ("slurmctld", "slurmd", "slurm-client", "munge")
SYSTEM_CONF = Path("/etc/slurm/slurm.conf")
CONF = """\
ClusterName=qte
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={ctld_port}
SlurmdPort={slurmd_port}
SrunPortRange={srun_ports}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill,UsePss
AccountingStorageType=accounting_storage/none
MinJobAge=300
KillWait=2
ReturnToService=2
SlurmdTimeout=10
SlurmctldTimeout=10
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2
NodeName=localhost NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} State=UNKNOWN
PartitionName=main Nodes=localhost Default=YES MaxTime=1440 State=UP
"""


class NoCluster(RuntimeError):
    """What is missing for a cluster on this machine."""


def missing() -> str:
    """What has to be installed or allowed before a cluster can start; empty when nothing is."""
    absent = [command for command in COMMANDS if not shutil.which(command)]
    if absent and (os.geteuid() != 0 or not shutil.which("apt-get")):
        return f"{', '.join(absent)} not found; as root: apt-get install {' '.join(PACKAGES)}"
    if os.geteuid() != 0:
        return "the daemons must be started by root, and write /etc/slurm/slurm.conf"
    return ""


def install() -> None:
    """Install Debian's packages if a command is missing; their own services are not started."""
    if all(shutil.which(command) for command in COMMANDS):
        return
    policy = Path("/usr/sbin/policy-rc.d")
    ours = not policy.exists()
    if ours:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        for command in (["update"], ["install", "--yes", "--no-install-recommends", *PACKAGES]):
            done = subprocess.run(
                ["apt-get", "--quiet", *command],
                env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
                capture_output=True,
                text=True,
            )
            if done.returncode:
                raise NoCluster(f"apt-get {command[0]} failed: {done.stderr.strip()[-300:]}")
    finally:
        if ours:
            policy.unlink()


class Cluster:
    """A running cluster: `munged`, `slurmctld`, `slurmd`, and how to stop each."""

    def __init__(self, folder: Path, cpus: int = 2, memory: int = 4000) -> None:
        self.folder = folder
        self.cpus, self.memory = cpus, memory
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        for name in ("state", "spool"):
            (self.folder / name).mkdir(parents=True)
        self.folder.chmod(0o755)
        key = self.folder / "munge.key"
        key.touch(mode=0o400)
        key.write_bytes(secrets.token_bytes(1024))
        ports = _free_ports(43)
        text = CONF.format(
            folder=self.folder,
            ctld_port=ports[0],
            slurmd_port=ports[1],
            srun_ports=f"{ports[2]}-{ports[-1]}",
            cpus=self.cpus,
            memory=self.memory,
        )
        SYSTEM_CONF.parent.mkdir(exist_ok=True)
        SYSTEM_CONF.write_text(text, encoding="ascii")
        self._daemon(
            "munged",
            "--foreground",
            "--force",
            f"--key-file={key}",
            f"--socket={self.folder}/munge.socket",
            f"--pid-file={self.folder}/munged.pid",
            f"--log-file={self.folder}/munged.log",
            f"--seed-file={self.folder}/munged.seed",
        )
        _wait(lambda: (self.folder / "munge.socket").exists(), "munged does not answer")
        self._daemon("slurmctld", "-D")
        _wait(lambda: "UP" in self.ask("scontrol", "ping"), "slurmctld does not answer")
        self.start_node()

    def start_node(self) -> None:
        """Start the node, also after `lose_node`."""
        self._daemon("slurmd", "-D", "-N", "localhost")
        _wait(lambda: self.node_state().startswith(("IDLE", "MIXED", "ALLOC")), "the node does not come up")

    def node_state(self) -> str:
        line = self.ask("scontrol", "--oneliner", "show", "node", "localhost")
        return line.partition("State=")[2].partition(" ")[0]

    def lose_node(self) -> None:
        """Kill the node and all that ran on it, as a power cut would."""
        victims = psutil.Process(self._running["slurmd"].pid).children(recursive=True)
        victims += [p for p in _processes("slurmstepd") for p in (p, *p.children(recursive=True))]
        self._running.pop("slurmd").kill()
        for process in victims:
            with suppress(psutil.Error):
                process.kill()

    def jobs(self) -> list[tuple[str, str, str]]:
        """Number, state and comment of every job that is not over."""
        lines = self.ask("squeue", "--noheader", "--format=%i|%T|%k").splitlines()
        return [tuple(line.split("|", 2)) for line in lines]  # type: ignore[misc]

    def ask(self, *command: str) -> str:
        """What a command of Slurm's prints; its complaint when it fails."""
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        return done.stdout or done.stderr

    def stop(self) -> None:
        """End every job, then every daemon, each by its own number."""
        with suppress(OSError, subprocess.TimeoutExpired):
            if "slurmctld" in self._running:
                subprocess.run(
                    ["scancel", "--full", *[job for job, _, _ in self.jobs()]],
                    capture_output=True,
                    timeout=30,
                )
                _wait(lambda: not self.jobs(), "jobs do not end", 20)
        ours = [p for p in _processes("slurmstepd") for p in (p, *p.children(recursive=True))]
        for name in ("slurmd", "slurmctld", "munged"):
            if name in self._running:
                daemon = self._running.pop(name)
                daemon.send_signal(signal.SIGTERM)
                try:
                    daemon.wait(15)
                except subprocess.TimeoutExpired:
                    daemon.kill()
                    daemon.wait()
        for process in ours:
            with suppress(psutil.Error):
                process.kill()

    def _daemon(self, name: str, *arguments: str) -> None:
        with (self.folder / f"{name}.out").open("ab") as out:
            self._running[name] = subprocess.Popen(
                [shutil.which(name) or name, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def listening(self) -> set[str]:
        """Addresses at which the daemons and what they started wait for connections."""
        found = set()
        for daemon in self._running.values():
            process = psutil.Process(daemon.pid)
            for one in (process, *process.children(recursive=True)):
                with suppress(psutil.Error):
                    found |= {
                        c.laddr.ip for c in one.net_connections("inet") if c.status == psutil.CONN_LISTEN
                    }
        return found


@contextmanager
def running(folder: Path, **shape: int) -> Iterator[Cluster]:
    """A cluster for the life of a `with` block; `NoCluster` says what is missing."""
    lack = missing()
    if lack:
        raise NoCluster(lack)
    install()
    before = SYSTEM_CONF.read_bytes() if SYSTEM_CONF.exists() else None
    cluster = Cluster(folder, **shape)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        if before is None:
            SYSTEM_CONF.unlink(missing_ok=True)
        else:
            SYSTEM_CONF.write_bytes(before)


def daemons() -> set[int]:
    """Numbers of all processes of any Slurm on this machine."""
    names = ("munged", "slurmctld", "slurmd", "slurmstepd")
    return {process.pid for name in names for process in _processes(name)}


def _processes(name: str) -> list[psutil.Process]:
    return [process for process in psutil.process_iter(["name"]) if process.info["name"] == name]


def _free_ports(count: int) -> list[int]:
    """Successive ports of the loopback that nobody uses."""
    for first in range(42000, 60000, count):
        with suppress(OSError):
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return list(range(first, first + count))
    raise NoCluster("no free ports")


def _wait(condition: Callable[[], bool], complaint: str, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise NoCluster(f"{complaint} within {seconds:g} s")
        time.sleep(0.1)
