"""Refuse a built site that fetches anything: scripts, styles, fonts and pictures are its own.

python tools/offline_site.py build/docs
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path

FETCHED = {  # attributes that a browser fetches by itself, not links that are clicked
    "script": ("src",),
    "img": ("src", "srcset"),
    "source": ("src", "srcset"),
    "iframe": ("src",),
    "object": ("data",),
    "link": ("href",),
}
ELSEWHERE = re.compile(r"\s*(?:https?:)?//")
OF_STYLES = re.compile(r"(?:url\(|@import)\s*['\"]?\s*((?:https?:)?//[^'\")\s]+)")


class Fetched(HTMLParser):
    """Collects what a page fetches from elsewhere."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        """One element of the page."""
        for name, value in attrs:
            if name in FETCHED.get(tag, ()) and ELSEWHERE.match(value or ""):
                self.found.append(value)


def elsewhere(folder):
    """What the pages and styles of a folder fetch, (file, address)."""
    for path in sorted(Path(folder).rglob("*")):
        if path.suffix not in {".html", ".css", ".svg"}:
            continue
        text = path.read_text(encoding="utf-8")
        parser = Fetched()
        if path.suffix != ".css":
            parser.feed(text)
        for address in parser.found + OF_STYLES.findall(text):
            yield path.relative_to(folder), address


def main(folder):
    """Print what is fetched; the number of it is the exit code."""
    found = list(elsewhere(folder))
    for path, address in found:
        print(f"{path} fetches {address}")
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
