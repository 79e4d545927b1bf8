"""The flags that the fast path reads, too, without any import."""

__all__ = ["FILE", "FORMAT", "PARAMETER", "ROOT"]

ROOT = ("--root",)
FORMAT = ("-f", "--format")
PARAMETER = ("-p", "--parameter")
FILE = ("--file",)
