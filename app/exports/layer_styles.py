"""Styles that QGIS finds in the GeoPackage: villages by phase in the colors of the room, zones as a quiet ground.

A table `layer_styles`, as QGIS itself stores styles: QML for QGIS, SLD 1.1 for others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

import pandas as pd

from app.charts.colors import EDGE_COLOR, KEPT_COLOR, PHASE_COLORS
from app.plans.phases import phases
from data.catalogue import LANGUAGES, text

GROUND_COLOR = "#f6f6f2"
EDGE_MM = 0.2
GEOMETRY = "geom"
"""Column that pyogrio keeps shapes in."""
_NAMESPACES = (
    'xmlns="http://www.opengis.net/sld" xmlns:se="http://www.opengis.net/se" xmlns:ogc="http://www.opengis.net/ogc"'
)


@dataclass(frozen=True)
class StyleClass:
    """What is drawn alike.

    Attributes:
        label: for the legend.
        color: #rrggbb.
        first: of the years of start that belong to it; None = everything belongs to it.
        last: of these years.
    """

    label: str
    color: str
    first: int | None = None
    last: int = 0


def layer_styles(plan_years: int) -> pd.DataFrame:
    """Rows of the table layer_styles: one style each for villages and zones.

    Args:
        plan_years: of the scenario.
    """
    kept = StyleClass(_both("map_kept"), KEPT_COLOR, 0, 0)
    begun = [
        StyleClass(f"{_both(f'phase_{phase.name}')} ({phase.years})", PHASE_COLORS[phase.name], phase.first, phase.last)
        for phase in phases(plan_years)
    ]
    zones = [StyleClass(_both("data_layer_zones"), GROUND_COLOR)]
    return pd.DataFrame([_row("villages", [kept, *begun]), _row("zones", zones)])


def _both(key: str) -> str:
    return " ".join(text(key, language) for language in reversed(LANGUAGES))


def _row(layer: str, classes: Sequence[StyleClass]) -> dict[str, object]:
    return {
        "f_table_catalog": "",
        "f_table_schema": "",
        "f_table_name": layer,
        "f_geometry_column": GEOMETRY,
        "styleName": layer,
        "styleQML": qml(classes),
        "styleSLD": sld(layer, classes),
        "useAsDefault": True,
        "description": "",
        "owner": "",
        "ui": "",
        "update_time": pd.Timestamp(0),
    }


def qml(classes: Sequence[StyleClass]) -> str:
    """A rule for each class, as QGIS writes its rules."""
    rules = "".join(
        f"<rule key={quoteattr(f'class{k}')} symbol={quoteattr(str(k))} label={quoteattr(item.label)}{_filter(item)}/>"
        for k, item in enumerate(classes)
    )
    symbols = "".join(_symbol(k, item) for k, item in enumerate(classes))
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        '<qgis version="3.28" styleCategories="Symbology">'
        '<renderer-v2 type="RuleRenderer" symbollevels="0" enableorderby="0">'
        f'<rules key="root">{rules}</rules><symbols>{symbols}</symbols></renderer-v2></qgis>'
    )


def _filter(item: StyleClass) -> str:
    if item.first is None:
        return ""
    condition = f'"start_year" >= {item.first} AND "start_year" <= {item.last}'
    return f" filter={quoteattr(condition)}"


def _symbol(position: int, item: StyleClass) -> str:
    options = {"color": _rgb(item.color), "outline_color": _rgb(EDGE_COLOR), "outline_width": str(EDGE_MM),
               "outline_width_unit": "MM", "outline_style": "solid", "style": "solid"}  # fmt: skip
    said = "".join(f'<Option name="{name}" type="QString" value="{value}"/>' for name, value in options.items())
    return (
        f'<symbol type="fill" name="{position}" alpha="1" clip_to_extent="1" force_rhr="0">'
        f'<layer class="SimpleFill" enabled="1" locked="0" pass="0"><Option type="Map">{said}</Option></layer></symbol>'
    )


def _rgb(color: str) -> str:
    return ",".join(str(part) for part in (*bytes.fromhex(color.removeprefix("#")), 255))


def sld(layer: str, classes: Sequence[StyleClass]) -> str:
    """The same as Styled Layer Descriptor 1.1 with Symbology Encoding."""
    rules = "".join(
        f"<se:Rule><se:Name>{escape(item.label)}</se:Name>{_between(item)}<se:PolygonSymbolizer><se:Fill>"
        f'<se:SvgParameter name="fill">{item.color}</se:SvgParameter></se:Fill><se:Stroke>'
        f'<se:SvgParameter name="stroke">{EDGE_COLOR}</se:SvgParameter></se:Stroke></se:PolygonSymbolizer></se:Rule>'
        for item in classes
    )
    return (
        f'<StyledLayerDescriptor version="1.1.0" {_NAMESPACES}><NamedLayer><se:Name>{layer}</se:Name><UserStyle>'
        f"<se:FeatureTypeStyle>{rules}</se:FeatureTypeStyle></UserStyle></NamedLayer></StyledLayerDescriptor>"
    )


def _between(item: StyleClass) -> str:
    if item.first is None:
        return ""
    ends = "".join(
        f"<ogc:{side}Boundary><ogc:Literal>{year}</ogc:Literal></ogc:{side}Boundary>"
        for side, year in (("Lower", item.first), ("Upper", item.last))
    )
    name = "<ogc:PropertyName>start_year</ogc:PropertyName>"
    return f"<ogc:Filter><ogc:PropertyIsBetween>{name}{ends}</ogc:PropertyIsBetween></ogc:Filter>"
