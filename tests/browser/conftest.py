"""One Chromium for all tests of this folder."""

import pytest
from chromium import Chromium
from exploration_examples import exploration

from pynq_lstm.exploration.report import write_html

AVAILABLE = {"dsp": 1728, "bram36": 312, "uram": 96, "lut": 230_400, "ff": 460_800}


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    browser = Chromium(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.close()


@pytest.fixture
def opened(chromium, tmp_path):
    """A function that shows the report of an exploration."""

    def show(found=None, fragment=""):
        path = tmp_path / "report.html"
        write_html(exploration() if found is None else found, path, AVAILABLE)
        chromium.open(path, fragment)
        return chromium

    return show
