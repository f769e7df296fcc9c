"""What the line of progress of an exploration says."""

import math


def teller(moving):
    """What a `Search` calls after each batch, for a bar of tqdm that counts evaluations.

    How many there will be nobody knows: a bound may end the search at any time.
    """

    def tell(evaluations, looked_at, sets, cycles):
        best = "" if cycles == math.inf else f", {cycles:,.6g} cycles so far"
        moving.set_postfix_str(f"{looked_at} of {sets} sets of options{best}", refresh=False)
        moving.update(evaluations)

    return tell
