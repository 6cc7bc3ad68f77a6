"""CPU time and memory of other processes, from the kernel's own books."""

import os
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def session(leader: int) -> list[int]:
    """Every living process of a session: a server with its workers."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = Path("/proc", entry, "stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            # The name in brackets may hold anything; session is the fourth field after it.
            if int(stat.rpartition(")")[2].split()[3]) == leader:
                found.append(int(entry))
    return found


def cpu(processes: Iterable[int]) -> float:
    """Seconds of CPU that processes used so far, all threads, user and system.

    The clock that clock_getcpuclockid(3) gives: nanoseconds, where /proc/<pid>/stat counts in ticks.
    """
    return sum(time.clock_gettime((~process << 3) | 2) for process in processes)


def peak_mib(processes: Iterable[int]) -> float:
    """Most memory that processes had resident, added up."""
    return sum(_status_kib(process, "VmHWM") for process in processes) / 1024


def _status_kib(process: int, name: str) -> int:
    for line in Path("/proc", str(process), "status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


def run(command: list[str], **options: Any) -> tuple[float, float]:
    """Run a program to its end: (CPU seconds, seconds), its children included. Output is dropped."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options
    )
    assert process.stderr
    complaint = process.stderr.read()
    process.stderr.close()
    _, status, spent = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[0]} failed: {complaint.decode('utf-8', 'replace')[-300:]}")
    return spent.ru_utime + spent.ru_stime, time.perf_counter() - started
