"""The command ``kaiju``: its arguments, its commands, and what they print.

The flags are those that the fast path reads, too; here they cost it no import of their own.
"""

__all__ = ["DATA", "ENDPOINT", "FILE", "FORMAT", "MAX_QUERY", "PARAMETER", "ROOT"]

ROOT = ("--root",)
FORMAT = ("-f", "--format")
PARAMETER = ("-p", "--parameter")
FILE = ("--file",)
DATA = ("--data",)
ENDPOINT = "KAIJU_ENDPOINT"
"""The variable of the environment with the URL of the endpoint that is asked."""
MAX_QUERY = 2**18
"""How many bytes are read from a file or standard input, so that it cannot fill the memory."""
