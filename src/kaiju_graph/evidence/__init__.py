"""Evidence: the passages and sources that say a triple, a row or a thing; coverage."""
