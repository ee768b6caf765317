"""Ways to judge responses against those of a baseline, as AlpacaEval 2 and Arena-Hard do."""

SHARED = ()
