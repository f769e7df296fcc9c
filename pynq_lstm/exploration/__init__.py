"""The network, the accuracy and the device that are given; the model and the design that answer.

Room above `budgets`: it compresses, measures accuracy as `budgets` does, and models designs of
`accelerator`.
"""
