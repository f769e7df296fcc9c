"""What is fetched is placed whole, and found there."""

import json

import pytest
from made_overlays import overlay, sha256, tarred, zipped

from pynq_lstm.cli.main import main, parser
from pynq_lstm.errors import OverlayError
from pynq_lstm.runtime.fetching import fetch, place, staging
from pynq_lstm.runtime.fpga import files


@pytest.mark.parametrize(
    "pack", [zipped, tarred, lambda c: tarred(c, "w"), lambda c: tarred(c, "w:xz")]
)
@pytest.mark.parametrize("inside", ["", "svd_lstm_tiny/", "./"])
def test_every_kind_of_archive(put, home, pack, inside):
    contents = overlay()
    content = pack({f"{inside}{name}": one for name, one in contents.items()})
    fetched = fetch(put(content), sha256(content).upper())
    assert (fetched.name, fetched.replaced) == ("svd_lstm_tiny", False)
    assert fetched.folder == str(home / "svd_lstm_tiny")
    assert fetched.downloaded_bytes == len(content)
    found = {path.name: path.read_bytes() for path in (home / "svd_lstm_tiny").iterdir()}
    assert found == contents and [path.name for path in home.iterdir()] == ["svd_lstm_tiny"]
    assert files.find("svd_lstm_tiny", None).bit == home / "svd_lstm_tiny" / "svd_lstm_tiny.bit"


def test_other_files_of_an_archive_are_left_out(put, home):
    content = zipped({**overlay(), "README.md": b"read", "docs/more.txt": b"more"})
    fetch(put(content), sha256(content))
    assert "README.md" not in {path.name for path in (home / "svd_lstm_tiny").iterdir()}


def test_a_design_that_does_not_ship_is_found_by_its_name(put, home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content = zipped(overlay("mine", clock_mhz=111))
    fetch(put(content), sha256(content))
    found = files.find("mine", None)
    assert found.design.name == "mine" and found.design.clock_mhz == 111
    assert files.design_for(None, "mine") == found.design


def test_one_that_is_there_is_replaced_as_a_whole(put, home):
    for clock, replaced in ((111, False), (122, True)):
        content = zipped(overlay("mine", clock_mhz=clock))
        assert fetch(put(content), sha256(content)).replaced is replaced
        assert files.find("mine", None).design.clock_mhz == clock
    assert [path.name for path in home.iterdir()] == ["mine"]


def test_what_is_no_overlay_is_not_replaced(put, home):
    (home / "svd_lstm_tiny").mkdir(parents=True)
    (home / "svd_lstm_tiny" / "notes.txt").write_text("mine")
    content = zipped(overlay())
    with pytest.raises(OverlayError, match="there, and no overlay; move it away"):
        fetch(put(content), sha256(content))
    assert (home / "svd_lstm_tiny" / "notes.txt").read_text() == "mine"
    assert [path.name for path in home.iterdir()] == ["svd_lstm_tiny"]


def test_the_old_one_comes_back_where_the_new_one_cannot_be_placed(put, home, monkeypatch):
    first, second = (zipped(overlay("mine", clock_mhz=clock)) for clock in (111, 122))
    fetch(put(first), sha256(first))
    rename = place.os.rename

    def fails_once(source, target):
        if str(source).endswith("unpacked"):
            raise OSError(28, "No space left on device")
        rename(source, target)

    monkeypatch.setattr(place.os, "rename", fails_once)
    with pytest.raises(Exception, match=r"cannot be written \(No space left on device\)"):
        fetch(put(second), sha256(second))
    assert files.find("mine", None).design.clock_mhz == 111


@pytest.mark.parametrize("interrupted", ["before", "after"])
def test_ctrl_c_between_the_two_renames_keeps_an_overlay(put, home, monkeypatch, interrupted):
    first, second = (zipped(overlay("mine", clock_mhz=clock)) for clock in (111, 122))
    fetch(put(first), sha256(first))
    rename = place.os.rename

    def stops_once(source, target):
        if source == home / "mine":
            if interrupted == "after":
                rename(source, target)
            raise KeyboardInterrupt
        rename(source, target)

    monkeypatch.setattr(place.os, "rename", stops_once)
    with pytest.raises(KeyboardInterrupt):
        fetch(put(second), sha256(second))
    assert files.find("mine", None).design.clock_mhz == 111
    assert [path.name for path in home.iterdir()] == ["mine"]


def test_what_a_killed_fetch_left_is_swept_and_its_overlay_comes_back(put, home):
    content = zipped(overlay("mine", clock_mhz=111))
    fetch(put(content), sha256(content))
    left = home / ".fetch-killed"
    (left / "unpacked").mkdir(parents=True)
    (home / "mine").rename(left / "old-mine")
    other = zipped(overlay())
    fetch(put(other), sha256(other))
    assert {path.name for path in home.iterdir()} == {"mine", "svd_lstm_tiny"}
    assert files.find("mine", None).design.clock_mhz == 111


def test_a_fetch_that_runs_is_not_swept(put, home):
    home.mkdir(parents=True)
    content = zipped(overlay())
    with staging.staged(home) as work:
        fetch(put(content), sha256(content))
        assert work.is_dir()
    assert [path.name for path in home.iterdir()] == ["svd_lstm_tiny"]


def test_files_of_the_users_beside_an_overlay_are_not_taken_away(put, home):
    content = zipped(overlay())
    fetch(put(content), sha256(content))
    (home / "svd_lstm_tiny" / "notes.txt").write_text("mine")
    with pytest.raises(OverlayError, match="notes.txt': no file of an overlay.*; move it away"):
        fetch(put(content), sha256(content))
    assert (home / "svd_lstm_tiny" / "notes.txt").read_text() == "mine"
    assert files.find("svd_lstm_tiny", None)


def test_a_named_folder_is_where_it_goes(put, home, tmp_path, monkeypatch):
    monkeypatch.setenv("PYNQ_LSTM_OVERLAYS", str(tmp_path / "named"))
    content = zipped(overlay())
    assert fetch(put(content), sha256(content)).folder == str(tmp_path / "named" / "svd_lstm_tiny")
    assert not home.exists()


def test_the_command_says_how_a_model_runs_on_what_came(put, home, capsys):
    """Also on a design that no model picks by itself."""
    content = zipped(overlay("mine", clock_mhz=111))
    assert main(["fetch", put(content), "--sha256", sha256(content)]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    hint = "pynq-lstm infer MODEL X --backend fpga --overlay mine"
    assert last == f"models of its kind run there, on a board: {hint}"
    options = parser().parse_args(hint.split()[1:])
    assert files.find(options.overlay, None).bit == home / "mine" / "mine.bit"


def test_the_command(put, home, capsys):
    content = zipped(overlay())
    given = ["fetch", put(content), "--sha256", sha256(content)]
    assert main([*given, "--json"]) == 0
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert err == "" and told["folder"] == str(home / "svd_lstm_tiny")  # no bar: no terminal
    assert told["design_hash"] == f"{files.designs()['svd_lstm_tiny'].hash64:016x}"
    assert main(given) == 0
    assert capsys.readouterr().out.startswith(f"replaced {home / 'svd_lstm_tiny'}: ")
    assert main([*given[:3], "0" * 64]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    assert f"sha256 = '{sha256(content)}': not {'0' * 64}; ask whom it is from" in err
