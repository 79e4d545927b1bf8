"""JSON-LD 1.1: the context, compaction and framing."""
