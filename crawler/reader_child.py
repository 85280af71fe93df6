"""A child process that does one job after another under limits: what it is asked may crash, hang or hoard.

One job, one process: whoever crashed or ran too long is known, and nobody who worked beside it suffers for it.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import connection
from typing import Any

PRELOADED = ["crawler.reading"]
"""What the fork server imports once; a child is ready some milliseconds after it was asked for."""
CRASHED = "the reader crashed"
"""How the words for a crash begin."""
_MAPPED = 2
"""Address space in memories: libraries, and what is reserved and never touched, are no memory in use."""
_START_SECONDS = 60.0
_STARTING = threading.Lock()
"""multiprocessing keeps a list of all children without a lock of its own."""


_TOUCHING = frozenset(
    {
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.link",
        "os.mkdir",
        "os.posix_spawn",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.symlink",
        "os.system",
        "os.truncate",
        "socket.bind",
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyaddr",
        "socket.gethostbyname",
        "socket.sendmsg",
        "socket.sendto",
        "subprocess.Popen",
    }
)
"""What Python reports before it does it (its table of audit events) and reading bytes has no use for."""
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Lost(Exception):
    """The child could not do the job and is gone; the message says why, naming the limit if there was one."""


@dataclass(frozen=True)
class _Answer:
    value: Any = None
    error: str | None = None
    last: bool = False


class Child:
    """One confined process.

    Args:
        work: What is done with every job: a function of a module, found there by the child.
        memory: Bytes of memory of its own that the child may have.

    Raises:
        Lost: It did not start.
    """

    def __init__(self, work: Callable[[Any], Any], *, memory: int) -> None:
        # forkserver: children do not inherit the crawl's sockets and database handles.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOADED)
        self._pipe, theirs = context.Pipe()
        with _STARTING:
            self._process = context.Process(target=_serve, args=(theirs, work, memory), daemon=True)
            self._process.start()
        theirs.close()
        try:
            # Its imports are not the first page's time.
            ready = self._pipe.poll(_START_SECONDS) and self._pipe.recv()
        except (EOFError, OSError):
            ready = False
        if not ready:
            self.end()
            raise Lost("no reader could be started")

    @property
    def pid(self) -> int | None:
        """Its process id."""
        return self._process.pid

    def ask(self, job: Any, seconds: float) -> Any:  # noqa: ANN401  # whatever the work takes and gives
        """Has one job done; blocks.

        Args:
            job: What the work takes; pickled.
            seconds: How long it may take.

        Raises:
            Lost: The child crashed, or took too long or too much memory, or the work raised something. Except for
                the last it has ended.
        """
        try:
            self._pipe.send(job)
            if not self._pipe.poll(seconds):
                raise Lost(f"reading took more than {seconds:g} s")  # noqa: TRY301
            answer: _Answer = self._pipe.recv()
        except (EOFError, OSError):
            how = self._manner()
            self.end()
            raise Lost(f"{CRASHED} on this page{how}") from None
        except Lost:
            self.end()
            raise
        if answer.last:
            self.end()
        if answer.error is not None:
            raise Lost(answer.error)
        return answer.value

    def _manner(self) -> str:
        with _STARTING:
            self._process.join(1)
            code = self._process.exitcode
        if code is None or code >= 0:
            return ""
        try:
            return f" ({signal.Signals(-code).name})"
        except ValueError:  # a signal this Python has no name for
            return f" (signal {-code})"

    @property
    def ended(self) -> bool:
        """Whether it can do no further job."""
        if self._pipe.closed:
            return True
        with _STARTING:
            return not self._process.is_alive()

    def kill(self) -> None:
        """Ends it at once, whatever it is doing; from any thread. Who waits for its answer finds it crashed."""
        self._process.kill()

    def end(self) -> None:
        """Ends it and forgets it; only from the thread that asks it."""
        self._process.kill()
        self._pipe.close()


def _serve(jobs: connection.Connection[Any, Any], work: Callable[[Any], Any], memory: int) -> None:
    _confine(memory)
    jobs.send(True)
    last = False
    while not last:
        try:
            answer = _Answer(work(jobs.recv()))
        except EOFError:
            return
        except MemoryError:
            # What was half done may hold memory for ever: the next page gets a fresh child.
            answer = _Answer(error=f"reading needed more than {memory >> 20} MB of memory", last=True)
        except Exception as error:  # the parent types it; the child goes on
            answer = _Answer(error=f"the reader failed: {type(error).__name__}: {error}"[:200])
        last = answer.last
        jobs.send(answer)


def seal() -> None:
    """From here on this process opens no connection, starts no program and opens no file but to read it.

    The limits of the system already let no byte be written; this also keeps empty files and the network away, whatever
    a library is talked into by what it reads. It cannot be undone.
    """
    sys.dont_write_bytecode = True
    sys.addaudithook(_refuse)


def _refuse(event: str, details: tuple[Any, ...]) -> None:
    if event in _TOUCHING or (event == "open" and _writes(*details)):
        raise PermissionError(f"a reader touches nothing: {event} {details!r}"[:200])


def _writes(path: object, mode: object, flags: object) -> bool:
    return path != os.devnull and isinstance(flags, int) and flags & _WRITING != 0


def _confine(memory: int) -> None:
    """Limits this process: it ends with its parent, has so much memory and writes no file.

    Without the first a child of a crawl killed hard would wait for work for ever; the others are for documents and
    pages made to harm: a bomb ends in MemoryError, which is the result of that page only. It also says nothing.
    """
    # Memory of its own, in use or not, is counted (Linux since 4.7); with the libraries' 40 MB it bounds what is
    # resident, which the address space does not.
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_AS, (memory * _MAPPED, memory * _MAPPED))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What libraries say about hostile bytes is no output of the crawl: 300,000 lines were seen for one page.
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    # An interrupt from the terminal reaches the whole group; the parent lets what is under way finish.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
