"""`renewal app`: the decision room in the browser."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Annotated

import typer

from app.cli.commands import add_command
from data.errors import refuse, system_reason

LOOPBACK = "127.0.0.1"
LARGEST_UPLOAD_MB = 200
MAIN = Path(__file__).parents[1] / "web" / "main.py"


def register(renewal: typer.Typer) -> None:
    """Add the command."""
    add_command(renewal, "app", app, "command_app")


def app(
    port: Annotated[int, typer.Option(min=1, max=65535, metavar="P", help="option_port")] = 8501,
    host: Annotated[str, typer.Option(metavar="H", help="option_host")] = LOOPBACK,
    runs: Annotated[Path, typer.Option(metavar="DIR", help="option_runs_folder")] = Path("runs"),
) -> None:
    """Serve the decision room: from the scenario to the report, in the browser."""
    _refuse_busy_port(host, port)
    try:
        runs.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refuse("not_writable", file=runs, layer="--runs", reason=system_reason(error)) from None
    try:
        from streamlit.web.cli import main as streamlit_command
    except ImportError:
        raise refuse("extra_app_missing") from None
    from app.web.shell.background_threads import start_warm_up_thread

    os.environ["RENEWAL_RUNS"] = str(runs.resolve())
    start_warm_up_thread()
    print(f"http://{'localhost' if host == LOOPBACK else host}:{port}", flush=True)
    streamlit_command(["run", str(MAIN), *server_options(host, port)], standalone_mode=False)


def server_options(host: str, port: int) -> list[str]:
    """Options of the server: nothing leaves the machine, no traceback reaches the page, uploads are bounded."""
    options = {
        "server.address": host,
        "server.port": port,
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.maxUploadSize": LARGEST_UPLOAD_MB,
        "server.enableXsrfProtection": "true",
        "server.enableCORS": "true",
        "browser.gatherUsageStats": "false",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": "false",
        "client.toolbarMode": "minimal",
        "runner.magicEnabled": "false",
        "runner.postScriptGC": "false",  # a full collection after every click took longer than the click
        "theme.light.primaryColor": "#0072B2",
        "theme.dark.primaryColor": "#56B4E9",
    }
    return [word for name, value in options.items() for word in (f"--{name}", str(value))]


def _refuse_busy_port(host: str, port: int) -> None:
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        if (error.errno or 0) < 0:  # of the resolver of names, not of the system
            raise refuse("host_unknown", layer="--host", host=host) from None
        raise refuse("port_busy", host=host, port=port, reason=system_reason(error)) from None
