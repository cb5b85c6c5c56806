"""Bringing a city in: a whole city file, or layers whose columns are mapped to ours."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import streamlit as st
import yaml

from app.exports.city_template import GEOPACKAGE, WORKBOOK, write_template
from app.web.documents.workspace import Workspace
from app.web.sections.cities.check import show_findings
from app.web.sections.cities.columns_form import show_columns
from app.web.sections.cities.files import LIMITS, content_tag, stored, uploaded_names
from app.web.shell.page_frame import show_refusal
from app.web.shell.session import say
from data.city import City
from data.dictionary import LAYERS
from data.errors import InputError, refuse
from data.files.cities import load_city
from data.files.geopackage import write_city
from data.files.vector_files import READABLE_SUFFIXES
from data.importing.importer import import_city
from data.layers.findings import FailedChecksError
from data.strict_yaml import parse_mapping

EMPTY = ""
SKIM_SUFFIXES = (".csv", ".parquet")


def show_forms(workspace: Workspace) -> str | None:
    """The forms that bring a city in; the path of one that was just brought in, else None."""
    whole, layers = st.tabs([say("city_tab_gpkg"), say("city_tab_vector")])
    with whole:
        path = _show_geopackage(workspace)
    with layers:
        path = _show_layers(workspace) or path
    if path is not None:
        st.toast(say("city_taken"))
    return path


def _show_geopackage(workspace: Workspace) -> str | None:
    st.caption(say("city_gpkg_help"))
    file = st.file_uploader(say("city_gpkg"), type=["gpkg"], key="city_gpkg")
    if file is None or not st.button(say("city_accept"), key="city_gpkg_accept"):
        return None
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = stored(Path(folder), file.name, file.getvalue(), (".gpkg",))
            with uploaded_names({path: file.name}), st.spinner(say("city_taking")):
                return str(keep_city(workspace, load_city(path)))
    except InputError as error:
        _show_refused(error)
        return None


def _show_refused(error: InputError) -> None:
    """Why a city was refused, and where on the map the rows are that broke a rule."""
    show_refusal(error)
    if isinstance(error, FailedChecksError):
        show_findings(error.findings, error.layers, "refused")


def _show_templates() -> None:
    """A workbook and a GeoPackage to fill in."""
    st.caption(say("form_templates"))
    with st.container(horizontal=True):
        for name in (WORKBOOK, GEOPACKAGE):
            st.download_button(say("form_template", file=name), partial(_template, name), name, key=f"template:{name}")


def _template(name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        write_template(Path(folder))
        return (Path(folder) / name).read_bytes()


def _show_layers(workspace: Workspace) -> str | None:
    _show_templates()
    st.markdown(f"**{say('wizard_files')}**")
    st.caption(say("city_vector_help", suffixes=" ".join(READABLE_SUFFIXES)))
    types = [suffix.removeprefix(".") for suffix in READABLE_SUFFIXES]
    files = {layer: st.file_uploader(say(f"layer_{layer}"), type=types, key=f"city_layer_{layer}") for layer in LAYERS}
    tables = [suffix.removeprefix(".") for suffix in SKIM_SUFFIXES]
    travel = st.file_uploader(say("layer_skim"), type=tables, key="city_skim", help=say("skim_help"))
    if files["zones"] is None or files["villages"] is None:
        st.caption(say("wizard_needs_files"))
        return None
    skim = None if travel is None else (travel.name, travel.getvalue())
    uploads = {layer: (file.name, file.getvalue()) for layer, file in files.items() if file is not None}
    mapping, not_ready = _show_mapping(uploads)
    st.markdown(f"**{say('wizard_take')}**")
    if not_ready:
        st.caption(say("wizard_waits", layers=[say(f"layer_{layer}") for layer in not_ready]))
    if not st.button(say("city_accept"), key="city_layers_accept", disabled=bool(not_ready)):
        return None
    try:
        with st.spinner(say("city_taking")):
            return str(keep_city(workspace, import_uploaded(uploads, mapping, skim=skim)))
    except InputError as error:
        _show_refused(error)
        return None


def _show_mapping(uploads: Mapping[str, tuple[str, bytes]]) -> tuple[dict[str, object], list[str]]:
    """The form: name and system of the city, and a tab for the columns of each layer.

    Returns:
        The mapping, and the layers that cannot be imported with it.
    """
    st.markdown(f"**{say('wizard_columns')}**")
    mapping, tag = _mapping_file()
    name = str(mapping.get("name") or Path(uploads["zones"][0]).stem)[:80]
    mapping["name"] = st.text_input(say("city_name"), name, key=f"city_name:{tag}").strip()
    crs = st.text_input(
        say("city_crs"), str(mapping.get("crs") or ""), placeholder="EPSG:32650", key=f"city_crs:{tag}"
    ).strip()
    if crs:
        mapping["crs"] = crs
    mapping["zones_include_villages"] = st.checkbox(
        say("form_zones_include"), mapping.get("zones_include_villages") is True, key=f"city_include:{tag}"
    )
    not_ready: list[str] = []
    tabs = st.tabs([say("city_map_layer", layer=say(f"layer_{layer}")) for layer in uploads])
    for tab, (layer, (file, content)) in zip(tabs, uploads.items(), strict=True):
        with tab:
            mapping[layer], is_ready = show_columns(layer, file, content, _section(mapping, layer), tag)
            not_ready += [] if is_ready else [layer]
    st.download_button(
        say("city_mapping_download"), yaml.safe_dump(mapping, allow_unicode=True), "mapping.yaml", key="mapping_save"
    )
    return mapping, not_ready


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
        return parse_mapping(content.decode("utf-8-sig"), file=file.name), content_tag(content)
    except UnicodeDecodeError as error:
        show_refusal(refuse("not_utf8", file=file.name, position=error.start))
    except InputError as error:
        show_refusal(error)
    return {}, EMPTY


def _section(mapping: Mapping[str, object], name: str) -> dict[str, object]:
    section = mapping.get(name)
    return dict(section) if isinstance(section, Mapping) else {}


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
            paths[layer] = stored(Path(folder) / layer, name, content, READABLE_SUFFIXES)
        if skim is not None:
            paths["skim"] = stored(Path(folder), *skim, SKIM_SUFFIXES)
        names = {layer: name for layer, (name, _) in uploads.items()} | ({} if skim is None else {"skim": skim[0]})
        with uploaded_names({paths[layer]: name for layer, name in names.items()}):
            return import_city(
                paths["zones"],
                paths["villages"],
                facilities=paths.get("facilities"),
                stations=paths.get("stations"),
                skim=paths.get("skim"),
                mapping=dict(mapping),
                limits=LIMITS,
            )


def keep_city(workspace: Workspace, city: City) -> Path:
    """Write a city into the workspace, under its name and digest."""
    workspace.cities.mkdir(parents=True, exist_ok=True)
    safe = "".join(letter if letter.isalnum() else "_" for letter in city.name)[:40] or "city"
    path = workspace.cities / f"{safe}-{city.digest[:12]}.gpkg"
    if not path.exists():
        write_city(city, path)
    return path
