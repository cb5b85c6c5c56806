"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from data.catalogue import catalogue, message
from data.errors import InputError, refuse, system_reason

RUN_FILE = "run.json"
LONGEST_NAME = 255
"""Of a file or folder, on any usual disk [bytes]."""
FILE_SUFFIXES = frozenset(
    (
        ".csv",
        ".docx",
        ".geojson",
        ".gpkg",
        ".json",
        ".jsonl",
        ".parquet",
        ".pdf",
        ".png",
        ".shp",
        ".xls",
        ".xlsx",
        ".yaml",
        ".yml",
        ".zip",
    )
)
"""Of files that people work with here; a new folder called so is a mistake."""
_DISK_REFUSES = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


def disk_refusal(error: OSError) -> InputError | None:
    """What to tell of a full or read-only disk or a name it cannot hold, wherever it was met; None of anything else."""
    if error.errno == errno.ENAMETOOLONG:
        return refuse("name_too_long", file=error.filename or "")
    if error.errno not in _DISK_REFUSES:
        return None
    if not error.filename:
        return refuse("disk_not_writable", reason=system_reason(error))
    return _not_writable(error, error.filename)


def _not_writable(error: OSError, path: object, layer: str = "") -> InputError:
    if error.errno == errno.ENAMETOOLONG:
        return refuse("name_too_long", file=path, layer=layer)
    return refuse("not_writable", file=path, layer=layer, reason=system_reason(error))


def check_new_folder(out: Path) -> None:
    """Refuse a folder that cannot be written anew, before the work is done.

    Raises:
        InputError: it exists and is not empty, is a file or the working folder, is called as a file is, or lies where
            nothing can be written.
    """
    if out.exists() and not out.is_dir():
        raise refuse("folder_is_file", file=out, layer="--out")
    if out.suffix.lower() in FILE_SUFFIXES and not out.exists():
        raise refuse("folder_named_as_file", file=out, layer="--out", suffix=out.suffix, example=out.with_suffix(""))
    if out.is_dir() and any(out.iterdir()):
        raise _occupied(out)
    if out.is_dir() and out.samefile(Path.cwd()):
        raise refuse("folder_is_working_folder", file=out, layer="--out")
    parent = _nearest_folder(out)
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise refuse("nothing_writable_in", file=out, layer="--out", folder=parent)


def _nearest_folder(out: Path) -> Path:
    """The nearest parent that exists."""
    return next(folder for folder in out.resolve().parents if folder.exists())


def _occupied(out: Path) -> InputError:
    """The refusal of a folder that is not empty."""
    try:
        status = json.loads((out / RUN_FILE).read_text(encoding="utf-8"))["status"]
    except (OSError, ValueError, LookupError, TypeError):
        return refuse("folder_not_empty", file=out, layer="--out")
    key = "folder_holds_run" if status == "completed" else "folder_holds_incomplete_run"
    known = f"run_status_{status}" in catalogue()
    return refuse(key, file=out, layer="--out", status=message(f"run_status_{status}") if known else str(status))


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A temporary sibling folder that becomes `out` when the block ends, and vanishes if it fails.

    Raises:
        InputError: as `check_new_folder`, or the disk refuses.
    """
    check_new_folder(out)
    out = out.resolve()
    made = [folder for folder in out.parents if not folder.exists()]
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name[:40]}-"))
    except OSError as error:
        raise _not_writable(error, out, "--out") from None
    try:
        yield draft
        draft.chmod(0o755)
        if out.is_dir():
            out.rmdir()
        draft.rename(out)
    except BaseException as error:
        shutil.rmtree(draft, ignore_errors=True)
        for folder in made:
            folder.rmdir()
        if isinstance(error, OSError):
            raise _not_writable(error, out, "--out") from error
        raise


def check_new_file(out: Path, *suffixes: str, layer: str = "") -> None:
    """Refuse a file that cannot be written, before the work is done.

    Args:
        out: the file; what is there already will be replaced.
        suffixes: one of which it must have; none = any.
        layer: option that names it.

    Raises:
        InputError: another suffix, the folder does not exist, `out` is a folder, or its name is too long.
    """
    if suffixes and out.suffix.lower() not in suffixes:
        raise refuse("suffix_wrong", file=out, layer=layer, suffixes=suffixes)
    if len(os.fsencode(out.name)) > LONGEST_NAME:
        raise refuse("name_too_long", file=out, layer=layer)
    if not out.parent.is_dir() or out.is_dir():
        raise refuse("file_target_wrong", file=out, layer=layer)


@contextmanager
def new_file(out: Path) -> Iterator[Path]:
    """A temporary sibling file, of the same suffix, that replaces `out` when the block ends, and vanishes if it fails.

    Raises:
        InputError: the folder does not exist, `out` is a folder, or the disk refuses.
    """
    check_new_file(out)
    try:
        folder = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name[:40]}-"))
    except OSError as error:
        raise _not_writable(error, out) from None
    try:
        yield folder / out.name
        (folder / out.name).replace(out)
    except OSError as error:
        raise _not_writable(error, out) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """A hidden sibling, of the same suffix, that takes the place of `path` when the block ends, on the disk for good.

    Its name is always the same: what a killed process leaves, the next one overwrites. Only one may write at a time.

    Raises:
        InputError: the disk refuses.
    """
    partial = path.with_name(f".partial-{path.name}")
    try:
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(path)
    except BaseException as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _not_writable(error, path) from error
        raise


def write_json(path: Path, content: object) -> None:
    """Write JSON as UTF-8; NaN and infinity are refused, absent values are null."""
    text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
