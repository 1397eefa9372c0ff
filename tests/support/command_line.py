"""The commands, in this process and in one of their own."""

import pytest

from stylegan_tf.cli import main

# A shell that runs the tests in the background makes them, and what they start, ignore Ctrl-C.
COMMAND = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from stylegan_tf.cli import main; main(sys.argv[1:])"
)


def refused(capsys, *arguments) -> str:
    """The one line of a command that ends with 2, and says nothing else."""
    with pytest.raises(SystemExit) as caught:
        main([*map(str, arguments)])
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    return line
