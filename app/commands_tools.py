"""`renewal doctor` and `renewal bench`: is the installation sound, and how fast is it?"""

from __future__ import annotations

import typer


def register(renewal: typer.Typer) -> None:
    """Add the commands."""
    renewal.command("doctor")(doctor)


def doctor() -> None:
    """Versions, device, threads and a self-check; exit 1 if the self-check fails."""
    from app.doctor import doctor_text, self_check

    results = self_check()
    print(doctor_text(results))
    if not all(result.holds for result in results):
        raise typer.Exit(1)
