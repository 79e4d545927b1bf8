"""A project: where its files are, what they say and where, its articles, passages and names."""
