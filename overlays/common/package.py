# SPDX-License-Identifier: Apache-2.0
"""Put a built overlay together: NAME.bit, NAME.hwh and manifest.json, or nothing at all."""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

from manifest import manifest

from pynq_lstm.accelerator.design import Design
from pynq_lstm.errors import PynqLstmError


def write_package(content, design, build, output):
    """Write the files under temporary names, then rename them, the manifest last.

    A driver checks the hashes of the manifest, so that an interrupted renaming is seen.

    Parameters
    ----------
    content : dict
        The manifest.
    design : Design
        Goes with it, so that a driver knows designs that do not ship.
    build, output : Path
        Folders.

    Returns
    -------
    list of Path
    """
    output.mkdir(parents=True, exist_ok=True)
    name = content["name"]
    text = json.dumps(content, indent=1) + "\n"
    names = (f"{name}.bit", f"{name}.hwh", "design.json", "manifest.json")
    files = [output / file for file in names]
    parts = [path.with_name(path.name + ".part") for path in files]
    try:
        shutil.copyfile(build / "overlay.bit", parts[0])
        shutil.copyfile(build / "overlay.hwh", parts[1])
        parts[2].write_text(design.to_json())
        parts[3].write_text(text)
        for part, path in zip(parts, files):
            os.replace(part, path)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
    return files


def main(arguments=None):
    """Command line; returns an exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("design", type=Path)
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--output", required=True, type=Path)
    parser.add_argument("--allow-timing", action="store_true")
    options = parser.parse_args(arguments)
    try:
        design = Design.load(options.design)
        content = manifest(design, options.build, options.kernel, options.allow_timing)
        files = write_package(content, design, options.build, options.output)
    except (OSError, PynqLstmError) as error:
        sys.stderr.write(f"package: {error}\n")
        return 1
    sys.stdout.write("\n".join(map(str, files)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
