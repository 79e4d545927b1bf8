"""OWL 2 RL: the rules, what follows from them, proofs and contradictions."""
