"""Installing on a board changes none of its packages, by the lists of tests/board_image."""

import configparser
import re
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
IMAGES = sorted((ROOT / "tests" / "board_image").glob("pynq_*.txt"))
ABSENT = "absent"


def versions(image):
    """Version by package, or "absent"; every line is one of these or a comment."""
    lines = [line for line in image.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    found = dict(re.fullmatch(r"(\S+) (\S+)(?: inferred)?", line).groups() for line in lines)
    assert len(found) == len(lines)
    return found


def stated():
    """What setup.cfg requires, of everybody and by extra."""
    read = configparser.ConfigParser()
    read.read(ROOT / "setup.cfg")
    return read["options"]


def changed(requirements, image):
    """Requirements for which pip would change a package of the image, or that nobody looked up."""
    there = versions(image)
    wrong = []
    there = {canonicalize_name(name): version for name, version in there.items()}
    for requirement in map(Requirement, requirements):
        version = there.get(canonicalize_name(requirement.name))
        if (
            requirement.url
            or version is None
            or not (version == ABSENT or requirement.specifier.contains(version))
        ):
            wrong.append(str(requirement))
    return wrong


def test_there_is_a_list_for_every_image():
    page = (ROOT / "docs" / "board.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| v([\d.]+) \| .* \| [\d.]+, ([\d.]+) \|", page, re.M)
    assert {image.stem.partition("_")[2]: versions(image)["python"] for image in IMAGES} == {
        name: python for name, python in rows
    }


@pytest.mark.parametrize("image", IMAGES, ids=lambda path: path.stem)
def test_an_installation_changes_no_package_of_the_image(image):
    options = stated()
    required = options["install_requires"].split()
    assert required and changed(required, image) == []
    assert SpecifierSet(options["python_requires"]).contains(versions(image)["python"])


def test_what_the_images_lack_brings_nothing_along():
    lacking = {name for image in IMAGES for name, said in versions(image).items() if said == ABSENT}
    assert lacking == {"safetensors", "threadpoolctl"}
    for name in lacking:
        plain = [one for one in metadata.requires(name) or [] if "extra ==" not in one]
        assert plain == [], name


@pytest.mark.parametrize(
    "requirement",
    ["numpy>=2", "pydantic>=2", "cffi>=3", "tqdm<4", "pynq>=3", "safetensors2", "NumPy>=2"]
    + ["numpy @ https://example.org/numpy.zip", "safetensors @ file:///safetensors.whl"],
)
def test_what_would_change_one_is_seen(requirement):
    assert all(changed([requirement], image) == [requirement] for image in IMAGES)


def test_a_name_may_be_spelt_in_other_ways():
    assert all(changed(["NumPy", "SafeTensors"], image) == [] for image in IMAGES)
