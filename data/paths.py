"""Whether a path names something; a name that no file can have (too long, or with a NUL in it) names nothing."""

from __future__ import annotations

import errno
import os
from pathlib import Path

AnyPath = str | os.PathLike[str]


def exists(path: AnyPath) -> bool:
    """Whether there is a file, a folder or anything else of that name."""
    return os.path.exists(path)  # noqa: PTH110 - Path.exists raises for a name too long


def is_file(path: AnyPath) -> bool:
    """Whether there is a plain file of that name."""
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file raises for a name too long


def is_folder(path: AnyPath) -> bool:
    """Whether there is a folder of that name."""
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises for a name too long


def can_exist(path: AnyPath) -> bool:
    """Whether a file could have this name, be there one or not."""
    try:
        os.lstat(path)
    except ValueError:
        return False
    except OSError as error:
        return error.errno != errno.ENAMETOOLONG
    return True


def beside(name: str, folder: Path) -> str:
    """The path of a file that lies in a folder; any other name as it is.

    Args:
        name: of a file, or of what is embedded in the program.
        folder: of the file that gives the name.
    """
    path = folder / name
    return str(path.resolve()) if path.suffix and path.is_file() else name
