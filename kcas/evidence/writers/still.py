"""Still pictures of charts: SVG and PNG, the same bytes on every machine.

Vega-Lite draws the SVG, in which letters stay letters. The PNG is made from it by Typst with the bundled typeface
alone: vl-convert takes the machine's own fonts first, and its pictures differ from one machine to the next.
"""

import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from kcas.errors import KcasError
from kcas.evidence.document import Figure
from kcas.evidence.writers.cells import drawable, showable
from kcas.evidence.writers.typefaces import ALIKE, FAMILY, FOLDER

VEGA_LITE = "6.4"
_WIDTH = 640  # pixels, where the chart leaves it to the page
DOTS = 192  # an inch of 96 pixels: two for each pixel
ROWS = ("values", "datasets")
LABEL = 200  # letters
CLIP = re.compile(r"(?<=[\"#])clip\d+(?=[\")])")
_OUTSIDE = ("url", "href")
WALL_CLOCK = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?")
_WHOLE = """#set page(width: auto, height: auto, margin: 0pt, fill: white)
#image(bytes(sys.inputs.svg), format: "svg")
"""


def svg(figure: Figure) -> bytes:
    """The chart as SVG, with its title and its finding for those who hear it."""
    import vl_convert

    drawn = vl_convert.vegalite_to_svg(prepared(figure.chart), vl_version=VEGA_LITE, allowed_base_urls=[])
    opening, rest = _renumbered(drawn, key=figure.key).split(">", 1)
    title, finding = escape(drawable(showable(figure.title))), escape(drawable(showable(figure.alt)))
    named = f'{opening} role="img" aria-label={quoteattr(drawable(showable(figure.title)))}>'
    inside = rest.replace(f'font-family="{FAMILY}"', f'font-family="{ALIKE}"')
    return f"{named}<title>{title}</title><desc>{finding}</desc>{inside}".encode()


def _renumbered(drawn: str, *, key: str) -> str:
    """The same, its clips named by its key: the drawer counts on from the last picture that its process drew."""
    names = {name: f"{key}-clip{place}" for place, name in enumerate(dict.fromkeys(CLIP.findall(drawn)))}
    return CLIP.sub(lambda found: names[found[0]], drawn)


def png(figure: Figure) -> bytes:
    """The chart as PNG, two dots to the pixel."""
    return png_of(svg(figure))


def png_of(picture: bytes) -> bytes:
    """An SVG of ours as PNG."""
    import typst

    made = typst.compile(
        _WHOLE.encode(),
        format="png",
        ppi=DOTS,
        sys_inputs={"svg": picture.decode()},
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=[str(FOLDER)]),
        ignore_system_fonts=True,
    )
    return bytes(made)


def prepared(chart: Mapping[str, Any]) -> dict[str, Any]:
    """The specification in the bundled typeface, of a fixed width, with nothing to be fetched from anywhere."""
    specification: dict[str, Any] = _in_utc(_drawable(chart))
    _refuse_outside(specification)
    if not any(key in specification for key in ("hconcat", "vconcat", "concat", "facet", "repeat", "width")):
        specification["width"] = _WIDTH
    configured = specification.get("config", {})
    specification["config"] = configured | {"font": FAMILY}
    return specification


def _drawable(part: Any, *, longest: int | None = None) -> Any:
    """The part with every text in characters that the typeface has, keys as well, so that names still meet.

    Texts of rows are cut to what a chart could show: a label of ten thousand letters takes half a minute to measure.
    """
    if isinstance(part, str):
        shown = drawable(showable(part))
        return shown if longest is None or len(shown) <= longest else f"{shown[:longest]}…"
    if isinstance(part, Mapping):
        return {
            drawable(showable(str(key))): _drawable(inner, longest=LABEL if key in ROWS else longest)
            for key, inner in part.items()
        }
    if isinstance(part, list | tuple):
        return [_drawable(inner, longest=longest) for inner in part]
    return part


def _in_utc(part: Any) -> Any:
    """The part with its moments and its time axes in UTC: JavaScript would take them to be in the machine's zone."""
    if isinstance(part, str):
        return f"{part}Z" if WALL_CLOCK.fullmatch(part) else part
    if isinstance(part, list):
        return [_in_utc(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    inside = {key: _in_utc(inner) for key, inner in part.items()}
    if inside.get("type") == "temporal" and "field" in inside and inside.get("scale", {}) is not None:
        inside["scale"] = {"type": "utc"} | inside.get("scale", {})
    return inside


def _refuse_outside(part: Any) -> None:
    """Refuse a chart that would fetch something or lead somewhere; its rows may have columns of any name."""
    if isinstance(part, Mapping):
        for key, inner in part.items():
            if key in _OUTSIDE:
                raise KcasError(f"A chart names something outside itself ({key}). It must bring its own data.")
            if key not in ROWS:
                _refuse_outside(inner)
    elif isinstance(part, list):
        for inner in part:
            _refuse_outside(inner)
