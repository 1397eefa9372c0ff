"""The command in a process of its own."""

# A shell that runs the tests in the background makes them, and what they start, ignore Ctrl-C.
COMMAND = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from stylegan_tf.cli import main; main(sys.argv[1:])"
)
