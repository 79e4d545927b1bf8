"""The command ``kaiju``: its arguments, its commands, and what they print."""
