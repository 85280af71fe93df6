"""The door of every command of this project: what a user did wrong is one line and an exit code, never a traceback."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from archive.terminal import one_line, visible

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What writing fails with through no fault of the program: the disk is full, a quota or a limit is reached."""


def enter(
    app: typer.Typer,
    program: str,
    errors: type[Exception] | tuple[type[Exception], ...],
    arguments: Sequence[str] | None = None,
    *,
    cut_short: int = 0,
) -> int:
    """Runs a command; returns its exit code: 0 done, 2 usage, what an error says, 1 anything else.

    Args:
        app: The commands.
        program: Its name, which begins every complaint.
        errors: Exceptions that are told in one line; each may have an ``exit_code``.
        arguments: Default: those of the process.
        cut_short: What it means that nobody reads the output to its end (``head``, ``less``).
    """
    _open_standard_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # an old locale must not turn Chinese into a traceback
            stream.reconfigure(errors="backslashreplace")
    if (garbled := _not_utf8(sys.argv[1:] if arguments is None else arguments)) is not None:
        sys.stderr.write(
            f"{program}: {garbled} is no text in {sys.getfilesystemencoding()}; "
            "let the terminal and its locale use UTF-8: export LANG=C.UTF-8\n"
        )
        return 2
    try:
        code = typer.main.get_command(app)(args=arguments, prog_name=program, standalone_mode=False)
        sys.stdout.flush()
    except errors as error:
        sys.stderr.write(f"{program}: {one_line(str(error))}\n")
        return int(getattr(error, "exit_code", 1))
    except BrokenPipeError:
        _write_no_more()  # the reader has seen enough
        return cut_short
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        _write_no_more()
        what = one_line(str(error.filename or "the output"))
        sys.stderr.write(
            f"{program}: {what} cannot be written: {error.strerror}; make room, and call again\n"
        )
        return 1
    except KeyboardInterrupt:
        return 130
    except typer.Abort:
        return 1
    except typer.TyperException as error:
        sys.stderr.write(_said(error, program))
        return error.exit_code
    return code if isinstance(code, int) else 0


def _said(error: typer.TyperException, program: str) -> str:
    """One line with where help is found; the whole help where no command was given, unless it was printed already."""
    said = error.format_message()
    if not said or "\n" in said:
        return said and f"{said}\n"
    said = visible(said).removeprefix("Invalid value: ").replace("Value error, ", "", 1)
    stop = "" if said.endswith((".", "?", "!")) else "."
    context = getattr(error, "ctx", None)
    return f"{program}: {said}{stop} See `{context.command_path if context else program} --help`.\n"


def _open_standard_streams() -> None:
    """Gives a process that was started without standard streams (``>&-``) ones that lead nowhere.

    Otherwise the next file that is opened, an archive, would get their number, and with it what is printed.
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            stream = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115  # for good
            if stream.fileno() == number:
                os.set_inheritable(number, True)  # processes of our own would have the same gap
            setattr(sys, name, stream)


def _not_utf8(arguments: Sequence[str]) -> str | None:
    """The first argument whose bytes are no text in the locale's encoding, or None."""
    for argument in arguments:
        if any("\udc80" <= sign <= "\udcff" for sign in argument):
            return repr(os.fsencode(argument))[1:]
    return None


def _write_no_more() -> None:
    """Nothing may be written to standard output any more, at exit either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
