"""SPARQL 1.1: the guard that every query passes, errors of syntax, stored questions, results."""
