"""Bringing a city in: a whole city file, or layers whose columns are mapped to ours."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import streamlit as st
import yaml

from app.files.names import plain
from app.web.documents.workspace import Workspace
from app.web.sections.city_check import show_findings
from app.web.shell.page_frame import show_refusal
from app.web.shell.session import language, say
from data.city import City
from data.dictionary import LAYERS, columns
from data.errors import InputError, refuse
from data.files.cities import load_city
from data.files.column_mapping import LayerMapping
from data.files.geopackage import write_city
from data.files.vector_files import READABLE_SUFFIXES, Limits, read_vector
from data.importing.importer import import_city
from data.layers.findings import FailedChecksError
from data.strict_yaml import parse_mapping

LIMITS = Limits(features=50_000, bytes=200_000_000)
EMPTY = ""
SKIM_SUFFIXES = (".csv", ".parquet")


def show_forms(workspace: Workspace) -> str | None:
    """The forms that bring a city in; the path of one that was just brought in, else None."""
    whole, layers = st.tabs([say("city_tab_gpkg"), say("city_tab_vector")])
    with whole:
        path = _show_geopackage(workspace)
    with layers:
        return _show_layers(workspace) or path


def _show_geopackage(workspace: Workspace) -> str | None:
    st.caption(say("city_gpkg_help"))
    file = st.file_uploader(say("city_gpkg"), type=["gpkg"], key="city_gpkg")
    if file is None or not st.button(say("city_accept"), key="city_gpkg_accept"):
        return None
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = _stored(Path(folder), file.name, file.getvalue(), (".gpkg",))
            with _uploaded_names({path: file.name}):
                return str(keep_city(workspace, load_city(path)))
    except InputError as error:
        _show_refused(error)
        return None


def _show_refused(error: InputError) -> None:
    """Why a city was refused, and where on the map the rows are that broke a rule."""
    show_refusal(error)
    if isinstance(error, FailedChecksError):
        show_findings(error.findings, error.layers, "refused")


def _show_layers(workspace: Workspace) -> str | None:
    st.caption(say("city_vector_help", suffixes=" ".join(READABLE_SUFFIXES)))
    types = [suffix.removeprefix(".") for suffix in READABLE_SUFFIXES]
    files = {layer: st.file_uploader(say(f"layer_{layer}"), type=types, key=f"city_layer_{layer}") for layer in LAYERS}
    tables = [suffix.removeprefix(".") for suffix in SKIM_SUFFIXES]
    travel = st.file_uploader(say("layer_skim"), type=tables, key="city_skim", help=say("skim_help"))
    if files["zones"] is None or files["villages"] is None:
        return None
    skim = None if travel is None else (travel.name, travel.getvalue())
    uploads = {layer: (file.name, file.getvalue()) for layer, file in files.items() if file is not None}
    mapping = _show_mapping(uploads)
    if not st.button(say("city_accept"), key="city_layers_accept"):
        return None
    try:
        return str(keep_city(workspace, import_uploaded(uploads, mapping, skim=skim)))
    except InputError as error:
        _show_refused(error)
        return None


def _show_mapping(uploads: Mapping[str, tuple[str, bytes]]) -> dict[str, object]:
    """A form with one choice a column of ours: which of the file's columns it is."""
    mapping, tag = _mapping_file()
    name = str(mapping.get("name") or Path(uploads["zones"][0]).stem)[:80]
    mapping["name"] = st.text_input(say("city_name"), name, key=f"city_name:{tag}").strip()
    lang: Literal["en", "zh"] = "zh" if language() == "zh" else "en"
    crs = st.text_input(
        say("city_crs"), str(mapping.get("crs") or ""), placeholder="EPSG:32650", key=f"city_crs:{tag}"
    ).strip()
    if crs:
        mapping["crs"] = crs
    for layer, (name, content) in uploads.items():
        with st.popover(say("city_map_layer", layer=say(f"layer_{layer}"))):
            try:
                names = _columns_of(name, content)
            except InputError as error:
                show_refusal(error)
                continue
            st.caption(say("city_starred"))
            stated, form_key = _section(mapping, layer), f"{layer}:{tag}:{_tag(content)}"
            source_crs = st.text_input(
                say("city_source_crs"), str(stated.get("crs") or ""), placeholder="EPSG:4326", key=f"crs:{form_key}"
            ).strip()
            before = _section(stated, "columns")
            chosen = {
                ours: st.selectbox(
                    f"{plain(dict(column.label)[lang])} ({ours}{', *' if column.required else ''})",
                    [EMPTY, *names],
                    index=names.index(theirs) + 1 if (theirs := before.get(ours, ours)) in names else 0,
                    placeholder=say("choose_some"),
                    key=f"map:{form_key}:{ours}",
                )
                for ours, column in columns(layer).items()
            }
            chosen_columns: dict[str, object] = {"columns": {ours: theirs for ours, theirs in chosen.items() if theirs}}
            mapping[layer] = {**stated, **chosen_columns, **({"crs": source_crs} if source_crs else {})}
    st.download_button(
        say("city_mapping_download"), yaml.safe_dump(mapping, allow_unicode=True), "mapping.yaml", key="mapping_save"
    )
    return mapping


def _mapping_file() -> tuple[dict[str, object], str]:
    """A mapping file to begin with: constants, fillings and whatever else the form below does not ask for.

    Returns:
        The mapping, and a tag for the keys of the form, so that another file fills the form anew.
    """
    types, hint = ["yaml", "yml"], say("city_mapping_help")
    file = st.file_uploader(say("city_mapping"), type=types, key="city_mapping", help=hint)
    if file is None:
        return {}, EMPTY
    content = file.getvalue()
    try:
        return parse_mapping(content.decode("utf-8-sig"), file=file.name), _tag(content)
    except UnicodeDecodeError as error:
        show_refusal(refuse("not_utf8", file=file.name, position=error.start))
    except InputError as error:
        show_refusal(error)
    return {}, EMPTY


def _tag(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:8]


def _section(mapping: Mapping[str, object], name: str) -> dict[str, object]:
    section = mapping.get(name)
    return dict(section) if isinstance(section, Mapping) else {}


def _columns_of(name: str, content: bytes) -> list[str]:
    """Names of the columns of a vector file.

    Raises:
        InputError: it cannot be read.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = _stored(Path(folder), name, content, READABLE_SUFFIXES)
        with _uploaded_names({path: name}):
            frame, _ = read_vector(path, "file", LayerMapping(), LIMITS)
    return [str(column) for column in frame.columns if str(column) != "geometry"]


def import_uploaded(
    uploads: Mapping[str, tuple[str, bytes]], mapping: Mapping[str, object], *, skim: tuple[str, bytes] | None = None
) -> City:
    """Import uploaded layers.

    Args:
        uploads: layer -> name of the file as the browser has it, and its content.
        mapping: as in a mapping file.
        skim: table of travel, its name and content; None = travel is computed.

    Raises:
        InputError: a file cannot be read or breaks a rule.
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for layer, (name, content) in uploads.items():
            (Path(folder) / layer).mkdir()
            paths[layer] = _stored(Path(folder) / layer, name, content, READABLE_SUFFIXES)
        if skim is not None:
            paths["skim"] = _stored(Path(folder), *skim, SKIM_SUFFIXES)
        names = {layer: name for layer, (name, _) in uploads.items()} | ({} if skim is None else {"skim": skim[0]})
        with _uploaded_names({paths[layer]: name for layer, name in names.items()}):
            return import_city(
                paths["zones"],
                paths["villages"],
                facilities=paths.get("facilities"),
                stations=paths.get("stations"),
                skim=paths.get("skim"),
                mapping=dict(mapping),
                limits=LIMITS,
            )


@contextlib.contextmanager
def _uploaded_names(names: Mapping[Path, str]) -> Iterator[None]:
    """Refusals name the files as the visitor knows them."""
    try:
        yield
    except InputError as error:
        error.name_files({str(path): name[:80] for path, name in names.items()})
        raise


def keep_city(workspace: Workspace, city: City) -> Path:
    """Write a city into the workspace, under its name and digest."""
    workspace.cities.mkdir(parents=True, exist_ok=True)
    safe = "".join(letter if letter.isalnum() else "_" for letter in city.name)[:40] or "city"
    path = workspace.cities / f"{safe}-{city.digest[:12]}.gpkg"
    if not path.exists():
        write_city(city, path)
    return path


def _stored(folder: Path, name: str, content: bytes, suffixes: tuple[str, ...]) -> Path:
    """The upload as a file of our own naming: only the suffix is taken from the browser."""
    suffix = Path(name).suffix.lower()
    if suffix not in suffixes:
        raise refuse("upload_suffix_wrong", file=name[:80], suffixes=suffixes)
    if suffix == ".shp":
        raise refuse("shapefile_in_parts", file=name[:80])
    if len(content) > LIMITS.bytes:
        raise refuse("upload_too_large", file=name[:80], most=LIMITS.bytes)
    path = folder / f"upload-{_tag(content)}{suffix}"
    path.write_bytes(content)
    return path
