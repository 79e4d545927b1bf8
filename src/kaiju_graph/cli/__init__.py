"""The command ``kaiju``: its arguments, its commands, and what they print.

The flags are those that the fast path reads, too; here they cost it no import of their own.
"""

__all__ = ["FILE", "FORMAT", "PARAMETER", "ROOT"]

ROOT = ("--root",)
FORMAT = ("-f", "--format")
PARAMETER = ("-p", "--parameter")
FILE = ("--file",)
