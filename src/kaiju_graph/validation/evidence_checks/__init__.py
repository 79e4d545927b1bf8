"""The evidence checks, which shapes cannot express: quotes, named graphs, vocabulary and names."""
