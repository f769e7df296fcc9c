"""Rules of where pragmas stand: scope of the variable they name, place in the block they govern."""

import re

from clang.cindex import CursorKind, StorageClass

from .cursors import children, element_type
from .pragma_forms import FORMS, INTERFACES, NUMBER
from .pragma_grammar import violations

_OF_LOOP = {"UNROLL", "LOOP_TRIPCOUNT", "LOOP_FLATTEN"}
_OF_LOOP_OR_FUNCTION = {
    "PIPELINE", "DATAFLOW", "DEPENDENCE", "LATENCY", "LOOP_MERGE", "EXPRESSION_BALANCE",
}  # fmt: skip
_OF_FUNCTION = {"INLINE", "INTERFACE", "FUNCTION_INSTANTIATE", "ALLOCATION"}
_OF_VARIABLE = {
    "ARRAY_PARTITION", "ARRAY_RESHAPE", "BIND_STORAGE", "BIND_OP", "STREAM", "AGGREGATE",
    "DISAGGREGATE", "RESET", "STABLE",
}  # fmt: skip


def check_pragmas(unit, blocks, pragmas, findings):
    """Check each pragma alone, then in its place.

    Parameters
    ----------
    unit : Unit
    blocks : Blocks
    pragmas : list of Pragma
    findings : Findings
    """
    constants = _constant_names(unit, blocks)
    for pragma in pragmas:
        for rule, message in violations(pragma):
            findings.add(pragma.place, rule, message)
        _check_names(pragma, constants, findings)
        _check_guarantee(pragma, findings)
    for pragma in blocks.homeless:
        findings.add(pragma.place, "pragma-position", f"{pragma.name} outside of any function")
    for block in blocks.by_span.values():
        for pragma in block.pragmas:
            _check_position(pragma, block, findings)
            _check_variable(unit, pragma, block, findings)


def _constant_names(unit, blocks):
    names = set()
    for cursor in unit.declarations:
        for inner in [cursor, *children(cursor)]:
            if inner.kind in (
                CursorKind.VAR_DECL,
                CursorKind.ENUM_CONSTANT_DECL,
                CursorKind.TEMPLATE_NON_TYPE_PARAMETER,
                CursorKind.MACRO_DEFINITION,
            ):
                names.add(inner.spelling)
    for block in blocks.by_span.values():
        for name, variable in block.declared().items():
            if variable.type.is_const_qualified():
                names.add(name)
    return names


def _check_names(pragma, constants, findings):
    if pragma.name == "INTERFACE":
        modes = [INTERFACES[word] for word in pragma.words if word in INTERFACES]
        form = modes[0] if modes else None
    else:
        form = FORMS.get(pragma.name)
    for key, given in pragma.options.items() if form else ():
        if form.options.get(key) != NUMBER:
            continue
        name = given.rpartition("::")[2]
        if not given.isdigit() and name not in constants:
            message = f"{pragma.name}: {key}={given} names no constant"
            findings.add(pragma.place, "pragma-option", message)


def _check_guarantee(pragma, findings):
    if pragma.name == "DEPENDENCE" and "false" in pragma.words:
        told = re.fullmatch(r"//\s*guarantee:\s*\S.*", pragma.before)
        if not told:
            message = "DEPENDENCE false needs a line '// guarantee: ...' right before it"
            findings.add(pragma.place, "guarantee", message)


def _check_position(pragma, block, findings):
    before = [s for s in block.statements if s.extent.start.offset < pragma.offset]
    name = pragma.name
    wrong = None
    if name in _OF_LOOP | _OF_LOOP_OR_FUNCTION | _OF_FUNCTION:
        if before:
            wrong = "is not first in its block"
        elif name in _OF_LOOP and not block.is_loop_body:
            wrong = "is not in the body of a loop"
        elif name in _OF_FUNCTION and not block.is_function_body:
            wrong = "is not in the body of a function"
        elif not (block.is_loop_body or block.is_function_body):
            wrong = "is in neither a loop nor a function body"
    if wrong:
        findings.add(pragma.place, "pragma-position", f"{name} {wrong}")


def _check_variable(unit, pragma, block, findings):
    name = pragma.variable
    if name is None or (pragma.name == "INTERFACE" and name == "return"):
        return
    declaration, home = _look_up(unit, name, block, pragma.offset)
    if declaration is None:
        message = f"{pragma.name}: no variable {name} is declared before it, in scope"
        findings.add(pragma.place, "pragma-variable", message)
    elif pragma.name in _OF_VARIABLE:
        _check_next_to(pragma, declaration, home, block, findings)
    if declaration is not None:
        _check_member(pragma, declaration, findings)
        _check_storage(pragma, declaration, findings)


def _check_next_to(pragma, declaration, home, block, findings):
    name = declaration.spelling
    if home is not None and home is not block:
        message = f"{pragma.name}: {name} is declared in an outer block: put it there"
        findings.add(pragma.place, "pragma-position", message)
        return
    start = block.start
    if home is block and declaration.kind != CursorKind.PARM_DECL:
        start = declaration.extent.start.offset
    between = [s for s in block.statements if start < s.extent.start.offset < pragma.offset]
    if any(statement.kind != CursorKind.DECL_STMT for statement in between):
        message = f"{pragma.name}: statements stand between {name} and its pragma"
        findings.add(pragma.place, "pragma-position", message)


def _look_up(unit, name, block, offset):
    """The declaration that a name means at an offset, and its block (None for outer ones)."""
    scope, function = block, block.function
    while scope is not None:
        found = scope.declared().get(name)
        if found is not None and found.extent.start.offset < offset:
            return found, scope
        scope = scope.parent
    owner = function.semantic_parent
    members = children(owner) if owner is not None else []
    outer = [
        cursor
        for cursor in [*members, *unit.declarations]
        if cursor.kind in (CursorKind.FIELD_DECL, CursorKind.VAR_DECL) and cursor.spelling == name
    ]
    return (outer[0] if outer else None), None


def _check_member(pragma, declaration, findings):
    named = pragma.options.get("variable", "")
    member = named.partition(".")[2].partition(".")[0].partition("[")[0]
    if not member:
        return
    fields = [field.spelling for field in element_type(declaration.type).get_fields()]
    if fields and member not in fields:
        message = f"{pragma.name}: {declaration.spelling} has no member {member}"
        findings.add(pragma.place, "pragma-variable", message)


def _check_storage(pragma, declaration, findings):
    if pragma.name != "BIND_STORAGE" or pragma.options.get("impl") != "uram":
        return
    initial = [c for c in children(declaration) if c.kind == CursorKind.INIT_LIST_EXPR]
    if initial and declaration.storage_class == StorageClass.STATIC:
        message = f"{declaration.spelling} has initial values, which URAM cannot hold"
        findings.add(pragma.place, "storage", message)
