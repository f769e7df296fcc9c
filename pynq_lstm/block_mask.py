"""Permuted block-diagonal masks: which weights of a gate are present.

One formula, eq. (13) of Zheng et al. with its outer modulo, says everything: the rows that
column k keeps are those i with i mod rank = `row_index`. The mask of eq. (7), the sorting into
dense blocks and every count follow from it. Rows are the units of one gate, and the four gates
have the same pattern.
"""

import numpy as np


def row_index(column, rank):
    """Residue modulo `rank` of the rows that a column keeps (eq. 13).

    Parameters
    ----------
    column : int or ndarray of int
        Number of the column, 0 or more.
    rank : int
        p of the paper: one in so many weights is kept.

    Returns
    -------
    int or ndarray of int
        0 to rank - 1. The paper prints a difference of two residues, which is negative for
        half of the columns: the modulo is taken of the difference.
    """
    return (column - column // rank) % rank


def mask(rows, columns, rank):
    """Present elements of one gate (eq. 7), (rows, columns) bool."""
    return np.arange(rows)[:, None] % rank == row_index(np.arange(columns), rank)


def stacked_mask(hidden, columns, rank):
    """Present elements of the four gates, (4 * hidden, columns) bool."""
    return np.tile(mask(hidden, columns, rank), (4, 1))


def present_elements(rows, columns, rank):
    """How many elements of one gate are present; nothing is allocated."""
    whole = columns - columns % rank  # `rank` columns side by side keep every row once
    residues = (row_index(k, rank) for k in range(whole, columns))
    return whole // rank * rows + sum((rows - r + rank - 1) // rank for r in residues)


def blocks(rows, columns, rank):
    """Rows and columns of the dense blocks that a gate falls into.

    Sorted by these, a gate is block-diagonal: rows of residue r meet the columns whose
    `row_index` is r, every element of a block is present, and no other element is.

    Returns
    -------
    list of (ndarray, ndarray), int64
        Of each residue, 0 to rank - 1: its rows and its columns, both ascending. Either may
        be empty where the matrix is smaller than the rank.
    """
    kept, units = row_index(np.arange(columns), rank), np.arange(rows)
    return [(np.flatnonzero(units % rank == r), np.flatnonzero(kept == r)) for r in range(rank)]
