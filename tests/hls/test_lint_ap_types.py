"""The ap_int headers: what is taken from the wheel, what is refused; checks of ap_int builds."""

import hashlib
import shutil
import zipfile

import ap_types as headers
import pytest
from ap_types import ApTypesError, install, is_complete
from lint.cases import good

pytestmark = pytest.mark.hls

FOLDER = "hls4ml/templates/vivado/ap_types"


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """A wheel of the right form, whose SHA-256 is taken for the known one."""
    path = tmp_path / "hls4ml.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("ap_int.h", "ap_common.h", "etc/ap_private.h", "hls_stream.h", "hls_math.h"):
            archive.writestr(f"{FOLDER}/{name}", f"// {name}\n")
        archive.writestr(f"{FOLDER}/utils/x_hls_utils.h", "")
        archive.writestr("hls4ml/templates/vivado/nnet_utils/ap_other.h", "")
    monkeypatch.setattr(headers, "SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    return path


def test_only_ap_headers_are_taken(tmp_path, wheel):
    folder = install(tmp_path / "build" / "ap_types", wheel)
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert names == {"ap_int.h", "ap_common.h", "etc/ap_private.h", headers.STAMP}
    assert [path.name for path in folder.parent.iterdir()] == ["ap_types"]  # nothing left behind


def test_second_install_does_nothing(tmp_path, wheel):
    folder = install(tmp_path / "ap_types", wheel)
    before = (folder / "ap_int.h").stat().st_mtime_ns
    wheel.unlink()
    assert install(folder) == folder
    assert (folder / "ap_int.h").stat().st_mtime_ns == before


def test_another_wheel_is_refused(tmp_path, wheel):
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("more", "")
    with pytest.raises(ApTypesError, match="its SHA-256 is"):
        install(tmp_path / "ap_types", wheel)
    assert not (tmp_path / "ap_types").exists()


def test_wheel_without_headers_is_refused(tmp_path, monkeypatch):
    empty = tmp_path / "empty.whl"
    zipfile.ZipFile(empty, "w").close()
    monkeypatch.setattr(headers, "SHA256", hashlib.sha256(empty.read_bytes()).hexdigest())
    (tmp_path / "ap_types").mkdir()
    with pytest.raises(ApTypesError, match=r"holds no ap_int\.h"):
        install(tmp_path / "ap_types", empty)


def test_foreign_folder_is_refused(tmp_path, wheel):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep me")
    with pytest.raises(ApTypesError, match="holds something else"):
        install(tmp_path / "mine", wheel)
    assert (tmp_path / "mine" / "notes.txt").read_text() == "keep me"


def test_no_network(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert headers.main([str(tmp_path / "ap_types")]) == 1
    told = capsys.readouterr().err
    assert "cannot be downloaded" in told and "--wheel" in told
    assert list(tmp_path.iterdir()) == []


def test_built_headers_are_complete(ap_types):
    assert is_complete(ap_types)
    assert not list(ap_types.rglob("hls_*.h"))


def test_lint_of_an_ap_int_build(ap_types):
    pytest.importorskip("clang.cindex", reason="the lint needs libclang")
    from hls_lint import lint

    assert lint(good(ap_types=ap_types, defines=("SAMPLE_FORCE_AP",))) == []


@pytest.mark.skipif(not shutil.which("clang++"), reason="needs clang++")
def test_ir_of_an_ap_int_build(ap_types):
    from hls_lint.ir import check_ir

    report = check_ir(good(ap_types=ap_types, defines=("SAMPLE_FORCE_AP",)))
    assert report.ok, str(report)
