"""The second pass of a LOAD: every section of the image on its way into the memory of a process."""

from pynq_lstm.accelerator.packing.directory import HEADER_BEATS
from pynq_lstm.accelerator.timing.call import FOLLOWERS
from pynq_lstm.accelerator.timing.play import Play
from pynq_lstm.accelerator.timing.run import Other, begins, choosing

COUNTS = slice(3, 5)  # beats of the header: records of each section
FIFO_DEPTH = 2  # of a section's FIFO: Vitis' default
PLAN_SECTIONS = ("sigma_unit", "load_bias_beats"), ("route", "load_route_words")
SECTIONS = {  # processes that load them, and their loops, in the order of the image
    "svd": tuple(
        (f"{side}_{unit}", f"load_{unit}_beats") for side in ("input", "hidden") for unit in "usv"
    )
    + PLAN_SECTIONS,
    "block_diagonal": tuple(
        (f"{side}_part", f"load_{unit}_beats")
        for side in ("input", "hidden")
        for unit in ("column", "weight")
    )
    + PLAN_SECTIONS,
}


def loaded(image, latencies):
    """Cycles from the end of the checks to that of a LOAD.

    Parameters
    ----------
    image : Image
    latencies : Latencies

    Returns
    -------
    int
    """
    lat, followers = latencies, FOLLOWERS[image.design.engine]
    begin, first_beat = begins(lat)
    time = max(begin + lat.sequential_iteration, first_beat - lat.loop_entry)
    time += lat.alone("read_header", HEADER_BEATS)
    time += lat.alone("read_pairs", len(image.pairs))
    time += lat.alone("read_programs", len(image.programs))
    time += choosing(image, lat)
    free = {  # when each process has read its command, and has no loop in progress
        name: time + 1 + (n + 1) * lat.sequential_access for n, name in enumerate(followers)
    }
    states = image.design.max_pairs * image.design.max_h_tiles
    free["sigma_unit"] += lat.alone("clear_tiles", states)
    time += len(followers) * lat.sequential_access
    for (process, label), beats in zip(SECTIONS[image.design.engine], section_beats(image)):
        time, free[process] = _section(lat, label, beats, time, free[process])
    ready = {f"{process}.end": end for process, end in {**free, "dispatch": time}.items()}
    times = Play(ready).call(Other(image, 0, lat, "report").events)
    ends = (times[f"{process}.end"] for process in (*followers, "dispatch"))
    return int(max(*ends, times["sigma_unit.end"] + 1))  # the report is read


def section_beats(image):
    """Beats of each section: those of the engine's words, the biases, the routes."""
    design, records = image.design, image.beats[COUNTS].reshape(-1).view("<u4")
    if design.engine == "svd":
        parts = (design.input, design.hidden)
        sizes = [size for p in parts for size in (p.u_beats, p.s_beats, p.v_beats)]
    else:
        sizes = [design.column_beats, design.word_beats] * 2
    return [int(n) * size for n, size in zip(records, [*sizes, design.bias_beats, 1])]


def _section(lat, label, beats, time, free):
    """When dispatch has handed a section on, and when its process has it."""
    start, ready = time + lat.loop_entry, free + lat.loop_entry
    if not beats:
        return start + lat.loop_exit, ready + lat.loop_exit
    depth = lat.depth("forward_beats")
    takes = max(ready, start + depth + 1)  # its first beat; then one a cycle
    left = start + beats - 1 + depth
    if beats > FIFO_DEPTH:
        left = max(left, takes + beats - FIFO_DEPTH)
    return left + lat.loop_exit, takes + lat.alone(label, beats) - lat.loop_entry
