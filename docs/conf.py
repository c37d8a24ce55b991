"""The site's settings for Sphinx. Everything it needs is local, so that it opens from a folder without a network."""

import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS.parent), str(DOCS)]

import from_code  # noqa: E402  (beside this file)

from kcas import __version__  # noqa: E402

project = "kcas"
author = "the kcas contributors"
version = release = __version__
html_title = f"kcas {version}"
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
nitpicky = False
html_theme = "furo"
html_theme_options = {"navigation_with_keys": False}
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_search_summary = False  # a page opened from a folder may not read another's text
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False

myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 4
myst_links_external_new_tab = False
suppress_warnings = ["misc.highlighting_failure"]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
default_role = "code"

from_code.write(DOCS / "reference")


def write_formula(writer: Any, node: Any) -> None:
    """Write a formula as MathML, which browsers show by themselves: the usual script would be fetched from outside."""
    writer.body.append(tex2mathml(node.astext(), as_block=isinstance(node, nodes.math_block)))
    raise nodes.SkipNode


def setup(app: Any) -> None:
    """Tell Sphinx of the formulas; it calls this by its name."""
    app.add_html_math_renderer("mathml", (write_formula, None), (write_formula, None))
