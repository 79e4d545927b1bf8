"""What others get: the SPARQL endpoint, linked data, and the pages to look at."""
