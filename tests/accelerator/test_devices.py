"""Descriptions of devices: numbers with sources, parts, and files that describe none."""

import json
from dataclasses import replace

import pytest

from pynq_lstm.accelerator import resources
from pynq_lstm.accelerator.design import Design
from pynq_lstm.accelerator.devices import NAMES, Device
from pynq_lstm.accelerator.devices.device import FOLDER, KINDS
from pynq_lstm.errors import DesignError
from pynq_lstm.runtime.fpga.files import SHIPPED

ZCU104 = Device.of("zcu104")
NUMBERS = [name for name in vars(ZCU104) if not isinstance(getattr(ZCU104, name), (str, dict))]


def values(name="zcu104"):
    """The fields of a shipped description, to be damaged."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def written(tmp_path, fields):
    path = tmp_path / "device.json"
    path.write_text(fields if isinstance(fields, str) else json.dumps(fields), encoding="utf-8")
    return path


# --- what ships -------------------------------------------------------------------------------
def test_every_file_has_a_name_and_every_name_a_file():
    assert {path.stem for path in FOLDER.glob("*.json")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_number_has_a_source(name):
    device = Device.of(name)
    assert device.name == name
    assert set(device.sources) == set(NUMBERS)
    assert all(len(text) > 10 for text in device.sources.values())


@pytest.mark.parametrize("name", NAMES)
def test_numbers_are_consistent(name):
    device = Device.of(name)
    assert device.lutram < device.lut <= device.ff
    assert device.clock_mhz <= device.highest_clock_mhz
    # a packed pair of factors and what it is multiplied by fit the block
    assert device.products_16 * 16 <= device.wide_bits + device.narrow_bits
    assert (device.host == "none") == (device.host_cores == 0) == (device.host_mhz == 0)


def test_the_zcu104():
    assert ZCU104.available == dict(
        zip(KINDS, (1728, 312, 96, 101_760, 230_400, 460_800), strict=True)
    )
    assert ZCU104.usable_bytes_a_second == pytest.approx(13.44e9)
    # 4.98 MB, as 1.44 of block RAM and 3.54 of UltraRAM
    assert ZCU104.on_chip_bits / 8 == pytest.approx(4.98e6, rel=1e-3)
    assert [ZCU104.products(bits) for bits in (1, 4, 5, 8, 9, 16)] == [4, 4, 2, 2, 1, 1]


# --- by name, file, part ----------------------------------------------------------------------
def test_of_takes_names_paths_and_devices(tmp_path):
    path = written(tmp_path, values())
    assert Device.of(path) == Device.of(str(path)) == Device.of(ZCU104) == ZCU104
    assert hash(ZCU104) == hash(Device.of(path))


@pytest.mark.parametrize("name", NAMES)
def test_parts(name):
    device = Device.of(name)
    assert Device.of_part(device.part) == device
    assert Device.of_part(device.die + "-other-9-q") == device


@pytest.mark.parametrize("part", ("xc7z020-clg400-1", "", "xczu7", None, 7))
def test_unknown_parts_are_refused(part):
    with pytest.raises(DesignError, match="device.part = .*not known; known are xczu7ev, xczu3eg"):
        Device.of_part(part)


def test_resources_have_the_sizes_of_the_part():
    design = Design.load(SHIPPED / "svd_lstm_tiny/design.json")
    on = {name: replace(design, part=Device.of(name).part) for name in NAMES}
    for name in NAMES[:3]:
        assert resources.estimate(on[name]).available == Device.of(name).available
    with pytest.raises(DesignError, match="design.part = '10ax115.*not of UltraScale"):
        resources.estimate(on["arria10"])


# --- what is none -----------------------------------------------------------------------------
@pytest.mark.parametrize("device", ("zcu1O4", "no/such/file.json", "", ".", "a\0b"))
def test_unknown_names_are_refused(device):
    with pytest.raises(DesignError, match="device = .*no known device.*pass one of zcu104"):
        Device.of(device)


@pytest.mark.parametrize("device", (None, 3, ["zcu104"], {}))
def test_other_things_are_refused(device):
    with pytest.raises(DesignError, match="device = .*neither a name, a path nor a Device"):
        Device.of(device)


@pytest.mark.parametrize(
    "text, problem",
    (
        ("{", "not JSON"),
        ("[1]", "not an object"),
        ("3", "not an object"),
        ('{"a": 1, "a": 2}', "a duplicate key"),
        ('{"dsp": NaN}', "not a finite number"),
        ("\xff", "not JSON"),
    ),
)
def test_text_that_is_none(tmp_path, text, problem):
    with pytest.raises(DesignError, match=problem):
        Device.of(written(tmp_path, text))


@pytest.mark.parametrize("name", sorted(values()))
def test_a_missing_field_is_named(tmp_path, name):
    fields = values()
    del fields[name]
    with pytest.raises(DesignError, match=f"device.{name} = None: missing"):
        Device.of(written(tmp_path, fields))


def test_a_field_too_many_is_named(tmp_path):
    with pytest.raises(DesignError, match="device.dsps = 3: unknown; leave it out"):
        Device.of(written(tmp_path, {**values(), "dsps": 3}))


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", (-1, "1", None, True, [], 0))
def test_numbers_are_checked(name, value):
    if value == 0 and value is not False and name in ("uram", "host_cores", "host_mhz"):
        assert getattr(replace(ZCU104, **{name: value}), name) == 0
        return
    with pytest.raises(DesignError, match=f"device.{name} = "):
        replace(ZCU104, **{name: value})


@pytest.mark.parametrize("name", ("name", "board", "part", "family", "host"))
@pytest.mark.parametrize("value", ("", " ", None, 3, "x" * 101))
def test_texts_are_checked(name, value):
    with pytest.raises(DesignError, match=f"device.{name} = "):
        replace(ZCU104, **{name: value})


@pytest.mark.parametrize(
    "change, text",
    (
        ({"family": "virtex"}, "family = 'virtex': unknown"),
        ({"memory_share": 1.5}, "memory_share = 1.5: more than all of it"),
        ({"memory_bytes_a_second": float("inf")}, "not a number"),
        ({"products_8": 5}, "fewer of narrower factors"),
        ({"products_4": 17}, "no block packs so many"),
        ({"highest_clock_mhz": 100}, "highest_clock_mhz = 100: less than 200"),
        ({"sources": {}}, "sources.process_nm = None: a number without a source"),
        ({"sources": None}, "sources = None: not an object"),
        ({"sources": {**ZCU104.sources, "dsp": " "}}, "sources.dsp = ' ': a number without"),
        ({"sources": {**ZCU104.sources, "x": "y"}}, "sources.x = 'y': of no number"),
    ),
)
def test_contradictions_are_refused(change, text):
    with pytest.raises(DesignError, match=text):
        replace(ZCU104, **change)


@pytest.mark.parametrize("bits", (0, 17, 8.0, True, None))
def test_widths_that_no_block_packs(bits):
    with pytest.raises(DesignError, match="device.bits = .*no width"):
        ZCU104.products(bits)
