"""Memory bundles: in a dataflow region, each belongs to one process."""


def check_bundles(calls, blocks, regions, origins, findings):
    """No m_axi bundle is used by two processes of a region, whatever pointer they use.

    Parameters
    ----------
    calls : Calls
    blocks : Blocks
    regions : list of Region
    origins : Origins
    findings : Findings
    """
    bundles = {
        pragma.options.get("port"): pragma.options.get("bundle")
        for pragma in blocks.pragmas_of(calls.top.body, "INTERFACE")
        if "m_axi" in pragma.words
    }
    for region in regions:
        users = {}
        for number, process in enumerate(region.processes):
            for bundle in _bundles_of(calls, region, process, bundles, origins):
                users.setdefault(bundle, set()).add(number)
        for bundle, numbers in users.items():
            if len(numbers) > 1:
                names = " and ".join(region.processes[number].name for number in sorted(numbers))
                findings.add(region.body, "dataflow-maxi", f"{names} share the bundle {bundle}")


def _bundles_of(calls, region, process, bundles, origins):
    found = set()
    for access in process.accesses:
        for home, declaration, _ in origins.of(region.function, access.root, access.path):
            if home is calls.top and declaration.spelling in bundles:
                found.add(bundles[declaration.spelling])
    return found
