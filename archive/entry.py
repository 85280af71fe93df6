"""The door of every command of this project: what a user did wrong is one line and an exit code, never a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import typer

from archive.terminal import one_line, visible


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
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # an old locale must not turn Chinese into a traceback
            stream.reconfigure(errors="backslashreplace")
    try:
        code = typer.main.get_command(app)(args=arguments, prog_name=program, standalone_mode=False)
        sys.stdout.flush()
    except errors as error:
        sys.stderr.write(f"{program}: {one_line(str(error))}\n")
        return int(getattr(error, "exit_code", 1))
    except BrokenPipeError:
        # The reader has seen enough; nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return cut_short
    except KeyboardInterrupt:
        return 130
    except typer.Abort:
        return 1
    except typer.TyperException as error:
        said = error.format_message()  # the whole help where no command was given
        line = f"{said}\n" if "\n" in said else f"{program}: {visible(said)} See `{program} --help`.\n"
        sys.stderr.write(line)
        return error.exit_code
    return code if isinstance(code, int) else 0
