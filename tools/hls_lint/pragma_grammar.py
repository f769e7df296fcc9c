"""Hold one pragma against its form."""

import re

from .pragma_forms import FORMS, INTERFACES, RETIRED, STORAGE


def violations(pragma):
    """What is wrong with a pragma taken alone.

    Yields
    ------
    (str, str)
        Rule and message.
    """
    name = pragma.name
    if pragma.form != "#pragma HLS":
        yield "pragma-form", f"written {pragma.form}: #pragma HLS is the form all tools agree on"
    if name in RETIRED:
        yield "pragma-retired", f"{name} is not in Vitis HLS: {RETIRED[name]}"
    elif name == "INTERFACE":
        yield from _interface(pragma)
    elif name not in FORMS:
        yield "pragma-unknown", f"{name or 'an empty pragma'} is not in the portable core"
    else:
        yield from _against(FORMS[name], pragma, pragma.words)
        yield from _relations(pragma)


def _interface(pragma):
    modes = [word for word in pragma.words if word in INTERFACES]
    if len(modes) != 1:
        known = ", ".join(INTERFACES)
        yield "pragma-option", f"INTERFACE takes one bare word of {known} (not mode=)"
        return
    rest = tuple(word for word in pragma.words if word != modes[0])
    yield from _against(INTERFACES[modes[0]], pragma, rest)


def _against(form, pragma, words):
    name = pragma.name
    for key, given in pragma.options.items():
        if key not in form.options:
            yield "pragma-option", f"{name}: unknown option {key}="
        elif not re.fullmatch(form.options[key], given, re.I):
            yield "pragma-option", f"{name}: {key}={given} is not a value of it"
    known = set().union(*form.words)
    for word in words:
        if word not in known:
            yield "pragma-option", f"{name}: unknown word {word}"
    for group in form.words:
        if sum(word in group for word in words) > 1:
            yield "pragma-option", f"{name}: more than one of {', '.join(sorted(group))}"
    for key in form.required:
        if key not in pragma.options:
            yield "pragma-option", f"{name}: {key}= is missing"
    for group in form.chosen:
        if not any(word in form.words[group] for word in words):
            yield "pragma-option", f"{name}: needs one of {', '.join(sorted(form.words[group]))}"


def _relations(pragma):
    name, options, words = pragma.name, pragma.options, pragma.words
    if name in ("ARRAY_PARTITION", "ARRAY_RESHAPE"):
        if "complete" in words and "factor" in options:
            yield "pragma-option", f"{name}: complete takes no factor="
        if {"cyclic", "block"} & set(words) and "factor" not in options:
            yield "pragma-option", f"{name}: {words[0]} needs factor="
    if name == "BIND_STORAGE" and options.get("type") in STORAGE:
        impl = options.get("impl", "auto")
        if impl not in STORAGE[options["type"]]:
            yield "pragma-option", f"{name}: type={options['type']} has no impl={impl}"
    if name == "LOOP_TRIPCOUNT":
        low, high = options.get("min", ""), options.get("max", "")
        if low.isdigit() and high.isdigit() and int(low) > int(high):
            yield "pragma-option", f"{name}: min={low} is above max={high}"
    if name == "DEPENDENCE" and "distance" in options and "true" not in words:
        yield "pragma-option", f"{name}: distance= says something about true dependences only"
