"""What `stylegan-tf train` gives; as a program, without TensorFlow where none is needed."""

import contextlib
import io
import json
import sys

from stylegan_tf import machine
from stylegan_tf.cli import main

SLOW = {"tensorflow", "keras", "matplotlib", "scipy"}  # to import


def result(*arguments: str) -> list:
    """The exit code of a command, and what it prints to stdout and stderr."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(["train", *arguments])
        except SystemExit as exit_:
            code = exit_.code
    return [code, out.getvalue(), err.getvalue()]


if __name__ == "__main__":
    machine.may_have_gpu = lambda: False
    results = [result(*arguments) for arguments in json.loads(sys.argv[1])]
    print(json.dumps({"results": results, "imported": sorted(SLOW & {*sys.modules})}))
