"""Trained networks that come along: the files, what they say of themselves, how they are found.

A preset NAME is `NAME.npz` in this folder, with `NAME.md`, its model card, beside it. Putting both
here is all that it takes (`tools/make_preset.py` writes the first).
"""
