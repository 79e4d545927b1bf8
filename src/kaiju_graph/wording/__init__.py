"""How a language writes numbers, dates and dictionary forms, and where a text has them."""
