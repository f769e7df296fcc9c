"""The Tcl check accepts good scripts and rejects each seeded bad one for its own reason."""

import re

import pytest
from overlay_build import CHECK, GENERATIONS, HERE, check, run

pytestmark = pytest.mark.hls


def seeds():
    """(tool, script, generations, rule or None) of every script that says its verdict."""
    for path in sorted((HERE / "tcl").glob("*/*.tcl")):
        first = path.read_text().splitlines()[0]
        if first == "# accept":
            yield path.parent.name, path, GENERATIONS, None
        elif first.startswith("# reject: "):
            rule, *generation = first[len("# reject: ") :].split()
            yield path.parent.name, path, generation or GENERATIONS, rule


CASES = [
    pytest.param(tool, path, generation, rule, id=f"{tool}-{path.stem}-{generation}")
    for tool, path, generations, rule in seeds()
    for generation in generations
]


@pytest.mark.parametrize("tool, path, generation, rule", CASES)
def test_verdict(tmp_path, tool, path, generation, rule):
    ran = check(tool, generation, path, tmp_path)
    if rule is None:
        assert ran.returncode == 0, ran.stdout
    else:
        assert ran.returncode == 1
        assert re.search(
            rf"^tcl_check: [\w.]+:\d+: {rule}: |^tcl_check: [\w.]+: {rule}: ", ran.stdout, re.M
        )
        assert "undeclared" not in ran.stdout


COMMAND_LINES = [
    ("2022.1", "vitis_hls", ["-tcl", "script.tcl"]),
    ("2022.1", "vitis_hls", ["-f", "absent.tcl"]),
    ("2025.2", "vitis-run", ["--tcl", "script.tcl"]),
    ("2025.2", "vitis-run", ["--mode", "hls", "--tcl", "absent.tcl"]),
    ("2025.2", "vivado", ["-mode", "tcl", "-source", "script.tcl"]),
    ("2025.2", "vivado", ["-mode", "batch", "-script", "script.tcl"]),
    ("2022.1", "vivado", ["-mode", "batch"]),
]


@pytest.mark.parametrize("generation, name, arguments", COMMAND_LINES)
def test_command_lines_that_the_tools_do_not_take(tmp_path, generation, name, arguments):
    (tmp_path / "script.tcl").write_text("csynth_design\n")
    ran = run([CHECK / generation / name, *arguments], tmp_path)
    assert ran.returncode == 1 and f"tcl_check: {name}: bad-command-line: " in ran.stdout


def test_every_rule_has_a_script_that_breaks_it():
    text = (CHECK / "rules.tcl").read_text()
    declared = set(re.findall(r"^        ([a-z-]+) +\{", text, re.M))
    broken = {rule for *_, rule in seeds() if rule}
    assert declared == broken | {"bad-command-line"}


def test_the_line_is_the_scripts_own(tmp_path):
    script = tmp_path / "script.tcl"
    script.write_text("proc go {} {\n    open_project -reset a\n    csynth_design\n}\n\ngo\n")
    assert "script.tcl:3: order: csynth_design before open_solution" in (
        check("hls", "2022.1", script, tmp_path).stdout
    )
