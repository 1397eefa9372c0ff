"""Where the commands that are servers listen."""

import socket

import click

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def listening(host: str, port: int) -> socket.socket:
    """A socket that takes connections; they wait until the model is loaded."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (")[0]  # Python repeats the address
        raise click.UsageError(
            f"cannot listen at {host}, port {port}: {reason}; give another --port or --host"
        ) from None


def address(host: str, port: int) -> str:
    """The start of every URL there."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
