"""Rules of the top function: its linkage, its interface pragmas, the packs that cross its ports."""

from clang.cindex import CursorKind, TypeKind

from .cursors import element_type, file_of, is_stream, template_argument, value_type

MAXI_BITS, STREAM_BITS = 1024, 4096


def check_top(unit, tops, name, findings):
    """One top of that name, with C linkage, returning void.

    Parameters
    ----------
    unit : Unit
    tops : list of clang.cindex.Cursor
        Definitions of that name.
    name : str
    findings : Findings
    """
    if len(tops) != 1:
        place = (str(unit.kernel.source), 0)
        findings.add(place, "top-linkage", f"{len(tops)} definitions of the top {name}")
    for top in tops:
        if top.mangled_name != name:
            findings.add(top, "top-linkage", f'{name} is not extern "C"')
        if top.result_type.get_canonical().kind != TypeKind.VOID:
            findings.add(top, "top-linkage", f"{name} returns a value: use an argument")


def check_interface(top, blocks, findings):
    """Every argument and the return have an interface; pragmas of others are misplaced.

    Parameters
    ----------
    top : Function
    blocks : Blocks
    findings : Findings
    """
    pragmas = blocks.pragmas_of(top.body, "INTERFACE")
    for block in blocks.by_span.values():
        for pragma in block.pragmas:
            if pragma.name == "INTERFACE" and pragma not in pragmas:
                findings.add(pragma.place, "interface", "INTERFACE outside of the top function")
    modes = {}
    for pragma in pragmas:
        modes.setdefault(pragma.options.get("port"), set()).update(pragma.words)
    if "s_axilite" not in modes.get("return", ()):
        findings.add(top.cursor, "interface", "no INTERFACE s_axilite port=return")
    for parameter in top.parameters:
        _check_port(parameter, modes.get(parameter.spelling, set()), findings)
    bundles = {pragma.options.get("bundle") for pragma in pragmas if "s_axilite" in pragma.words}
    if len(bundles) > 1:
        findings.add(top.cursor, "interface", "the s_axilite ports are not of one bundle")


def _check_port(parameter, modes, findings):
    name = parameter.spelling
    if is_stream(parameter.type):
        if "axis" not in modes:
            findings.add(parameter, "interface", f"the stream {name} has no INTERFACE axis")
        return
    if not modes & {"m_axi", "s_axilite"}:
        findings.add(parameter, "interface", f"{name} has no INTERFACE")
    if "m_axi" in modes and value_type(parameter.type).kind not in (
        TypeKind.POINTER,
        TypeKind.CONSTANTARRAY,
        TypeKind.INCOMPLETEARRAY,
    ):
        findings.add(parameter, "interface", f"{name} is no pointer: m_axi does not fit")
    if modes & {"m_axi"} and value_type(parameter.type).kind == TypeKind.POINTER:
        element = value_type(parameter.type).get_pointee().get_canonical()
        bits = 8 * element.get_size()
        if bits > MAXI_BITS or bits & (bits - 1):
            findings.add(parameter, "pack-maxi", f"an element of {name} has {bits} bits")


def check_packs(unit, calls, findings):
    """Sizes of stream words and of hls::vector, wherever they are declared.

    Parameters
    ----------
    unit : Unit
    calls : Calls
    findings : Findings
    """
    variables = (CursorKind.VAR_DECL, CursorKind.PARM_DECL, CursorKind.FIELD_DECL)
    places = [f.cursor.walk_preorder() for f in calls.functions.values()]
    for cursors in [*places, unit.declarations]:
        for cursor in cursors:
            if cursor.kind in variables and file_of(cursor) in unit.files:
                _check_type(cursor, element_type(cursor.type), findings)


def _check_type(place, kind, findings, depth=0):
    if kind.kind == TypeKind.POINTER:
        kind = element_type(kind.get_pointee())
    spelled = kind.spelling.removeprefix("const ")
    if spelled.startswith("hls::stream<"):
        word = template_argument(kind, 0)
        bits = 8 * word.get_size()
        if bits > STREAM_BITS:
            findings.add(place, "pack-stream", f"a word of {place.spelling} has {bits} bits")
        _check_type(place, element_type(word), findings, depth + 1)
    elif spelled.startswith("hls::vector<"):
        element = template_argument(kind, 0)
        count = int(spelled.rstrip("> ").rpartition(",")[2].strip(" UL"))
        for size in (count, element.get_size()):
            if size & (size - 1):
                message = f"{place.spelling}: {size} in {spelled} is no power of two"
                findings.add(place, "pack-vector", message)
    elif kind.kind == TypeKind.RECORD and depth < 8:
        for field in kind.get_fields():
            _check_type(place, element_type(field.type), findings, depth + 1)
