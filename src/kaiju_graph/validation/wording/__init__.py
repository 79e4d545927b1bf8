"""How a language writes numbers, dates and dictionary forms, and whether a text has them."""
