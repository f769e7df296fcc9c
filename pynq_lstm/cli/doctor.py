"""``pynq-lstm doctor``."""

from pynq_lstm.runtime.doctor import Place, examine

HELP = "say what this machine has and lacks to run models, and what to do about it"
EXAMPLE = """\
exit code: 0 where all is well, 1 where something is missing or wrong

examples:
  pynq-lstm doctor
  PYNQ_LSTM_EMULATE=1 pynq-lstm doctor    # what the emulator needs
  sudo -E $(command -v pynq-lstm) doctor  # on a board"""


def add_arguments(command):
    """None but those of every command."""


def run(options):
    """Examine this machine."""
    place = Place.here()
    findings = examine(place)
    return {
        "backend": place.backend,
        "well": all(finding.well for finding in findings),
        "findings": [finding.to_dict() for finding in findings],
    }


def exit_code(answer):
    """0: all is well; 1: something should be mended."""
    return 0 if answer["well"] else 1


def show(answer):
    """For people: a line for each finding, its remedy below, then the sum."""
    width = max(len(finding["name"]) for finding in answer["findings"])
    lines, ill = [], 0
    for finding in answer["findings"]:
        lines.append(f"{finding['verdict']:9s} {finding['name']:{width}s}  {finding['found']}")
        if finding["remedy"]:
            lines.append(f"{'':{width + 10}s}  -> {finding['remedy']}")
        ill += finding["verdict"] in ("missing", "wrong")
    lines.append(f"{ill} to mend" if ill else f"all is well; models run on: {answer['backend']}")
    return "\n".join(lines)
