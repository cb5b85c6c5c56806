"""The log: whole after every kill, nothing lost between two who write at once, and every change found."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from app.record import log as record_log
from app.record.log import BEFORE_THE_FIRST, append_line, head_and_lines, lines_since, log_path, read_log
from data.errors import InputError

KILLS = 50


def lines_of(run: Path, n: int) -> list[str]:
    """Append n lines."""
    for k in range(n):
        said = {"said": f"第 {k} 行, line\u2028{k}\n"}
        append_line(run, partial(lambda said, _: said, said))
    return list(head_and_lines(run)[1])


def write(run: Path, lines: list[str]) -> None:
    log_path(run).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def in_a_process(work: Callable[[], object]) -> int:
    """Fork a process that does the work and ends without ceremony; its id."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return pid


def test_lines_are_chained_by_hand(tmp_path: Path) -> None:
    assert head_and_lines(tmp_path) == ("", ())
    first, second = lines_of(tmp_path, 2)
    assert json.loads(first)["previous"] == BEFORE_THE_FIRST
    assert json.loads(second)["previous"] == hashlib.sha256(first.encode()).hexdigest()
    assert head_and_lines(tmp_path)[0] == hashlib.sha256(second.encode()).hexdigest()
    assert [json.loads(line)["n"] for line in (first, second)] == [1, 2]


def test_whoever_refuses_leaves_no_line(tmp_path: Path) -> None:
    lines = lines_of(tmp_path, 1)

    def refuse(_: object) -> dict[str, str]:
        raise InputError

    with pytest.raises(InputError):
        append_line(tmp_path, refuse)
    assert list(read_log(tmp_path).lines) == lines


def changed_byte(lines: list[str], rng: random.Random) -> list[str]:
    """One character of one line is another one."""
    k = rng.randrange(len(lines))
    at = rng.randrange(len(lines[k]))
    other = rng.choice([c for c in '0123456789abcdef"{}:, 改' if c != lines[k][at]])
    return [*lines[:k], lines[k][:at] + other + lines[k][at + 1 :], *lines[k + 1 :]]


def said_otherwise(lines: list[str], rng: random.Random) -> list[str]:
    """A line that says something else in sound JSON, by somebody who knows the format."""
    k = rng.randrange(len(lines))
    content = json.loads(lines[k]) | {"said": f"other {rng.random()}"}
    return [*lines[:k], record_log.canonical_json(content), *lines[k + 1 :]]


def cut(lines: list[str], rng: random.Random) -> list[str]:
    """The last lines are missing."""
    return lines[: rng.randrange(len(lines))]


def left_out(lines: list[str], rng: random.Random) -> list[str]:
    k = rng.randrange(len(lines))
    return [*lines[:k], *lines[k + 1 :]]


def swapped(lines: list[str], rng: random.Random) -> list[str]:
    k, other = rng.sample(range(len(lines)), 2)
    moved = list(lines)
    moved[k], moved[other] = moved[other], moved[k]
    return moved


def chained_anew(lines: list[str], rng: random.Random) -> list[str]:
    """A line is changed and all behind it are chained anew: nothing but the printed head can tell."""
    changed, before = said_otherwise(lines, rng), BEFORE_THE_FIRST
    for k, line in enumerate(changed):
        changed[k] = record_log.canonical_json(json.loads(line) | {"previous": before})
        before = hashlib.sha256(changed[k].encode()).hexdigest()
    return changed


FORGERIES = (changed_byte, said_otherwise, cut, left_out, swapped, chained_anew)


def test_a_thousand_forgeries_of_a_thousand_are_found_against_the_printed_head(tmp_path: Path) -> None:
    lines = lines_of(tmp_path, 12)
    head = head_and_lines(tmp_path)[0]
    assert lines_since(read_log(tmp_path), head) == 0
    rng, found = random.Random(4), 0
    for k in range(1_000):
        write(tmp_path, FORGERIES[k % len(FORGERIES)](lines, rng))
        try:
            lines_since(read_log(tmp_path), head)
        except InputError:
            found += 1
    assert found == 1_000


def test_a_head_that_was_printed_earlier_is_still_led_through(tmp_path: Path) -> None:
    lines_of(tmp_path, 3)
    head = head_and_lines(tmp_path)[0]
    lines_of(tmp_path, 2)
    assert lines_since(read_log(tmp_path), head[:12].upper()) == 2
    for malformed in ("", head[:11], "z" * 64, f"{head}0"):
        with pytest.raises(InputError):
            lines_since(read_log(tmp_path), malformed)


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b'{"n":1', "record_line_torn"),
        (b"\xff\n", "record_log_unreadable"),
        (b"[]\n", "record_line_changed"),
        (b"[" * 5_000 + b"\n", "record_line_changed"),
        (b'{"n": 1}\n', "record_line_changed"),
        (b'{"n":2,"previous":"' + b"0" * 64 + b'"}\n', "record_chain_broken"),
    ],
)
def test_what_is_no_log_is_refused_by_line(tmp_path: Path, content: bytes, key: str) -> None:
    log_path(tmp_path).parent.mkdir()
    log_path(tmp_path).write_bytes(content)
    with pytest.raises(InputError) as error:
        append_line(tmp_path, lambda _: {"said": "more"})
    assert error.value.refusals[0].message.key == key
    assert log_path(tmp_path).read_bytes() == content


def test_a_log_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_log, "MOST_LINES", 2)
    lines = lines_of(tmp_path, 2)
    with pytest.raises(InputError):
        append_line(tmp_path, lambda _: {"said": "third"})
    assert list(read_log(tmp_path).lines) == lines


def test_four_who_write_at_once_lose_no_line(tmp_path: Path) -> None:
    processes = [in_a_process(lambda: lines_of(tmp_path, 10)) for _ in range(4)]
    assert [os.waitpid(pid, 0)[1] for pid in processes] == [0] * 4
    assert len(read_log(tmp_path).lines) == 40


def test_who_waits_too_long_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_log, "LONGEST_WAIT_S", 0.05)

    def within(_: object) -> dict[str, str]:
        append_line(tmp_path, lambda _: {"said": "inner"})
        return {"said": "outer"}

    with pytest.raises(InputError) as error:
        append_line(tmp_path, within)
    assert error.value.refusals[0].message.key == "record_busy"
    assert read_log(tmp_path).lines == ()


def test_a_log_is_whole_after_each_of_fifty_kills(tmp_path: Path) -> None:
    """Every line that was acknowledged is there, none is torn, and the next one can write."""
    rng, reader = random.Random(1), 0
    for _ in range(KILLS):
        reader, writer = os.pipe()

        def work(writer: int = writer) -> None:
            while True:
                log = append_line(tmp_path, lambda _: {"said": "x" * 5_000})
                os.write(writer, len(log.lines).to_bytes(4, "big"))

        pid = in_a_process(work)
        os.close(writer)
        told = os.read(reader, 4)  # it is at work, however busy the machine is
        time.sleep(rng.uniform(0.0, 0.02))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        told += os.read(reader, 1_000_000)
        os.close(reader)
        assert len(read_log(tmp_path).lines) >= int.from_bytes(told[-4:], "big")
    before = len(read_log(tmp_path).lines)
    assert before >= KILLS
    lines_of(tmp_path, 1)
    assert len(read_log(tmp_path).lines) == before + 1
