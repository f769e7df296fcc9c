"""Sphinx: the pages of this folder and the docstrings as one site, without the network."""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pynq_lstm.version import __version__

project = "pynq_lstm"
author = "the authors of pynq_lstm"
copyright = "the authors of pynq_lstm, Apache-2.0"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["results/*.json", "results/*.csv"]

# every link is checked: a wrong page or heading, or a role that names nothing, fails the build
nitpicky = True
# what numpydoc calls types are words ("ndarray, (seq, batch), float32"), and a single backtick
# quotes an argument as often as a name: such names are links where there is something to link to
nitpick_ignore_regex = [("py:(obj|class)", ".*")]
default_role = "py:obj"

myst_heading_anchors = 4
highlight_language = "text"  # an indented block is a formula or a drawing

autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
# types stay words: of the shape (models, batch) no word is a link
napoleon_use_param = False
napoleon_use_rtype = False

html_theme = "furo"
html_title = "pynq_lstm"
html_copy_source = False


def _outside(app, name, text):
    """Markdown beside this folder, as overlays/README.md, is a file to download, not a page."""
    here = Path(app.env.doc2path(name)).parent

    def link(found):
        path = (here / found[1]).resolve()
        inside = path.is_relative_to(Path(app.srcdir).resolve())
        return found[0] if inside else f"](path:{found[1]})"

    text[0] = re.sub(r"\]\((\.\./[^)#]+\.md)(?:#[^)]*)?\)", link, text[0])


def setup(app):
    """Connect what this file adds to Sphinx."""
    app.connect("source-read", _outside)
