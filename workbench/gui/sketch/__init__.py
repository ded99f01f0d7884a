"""The sketch studio: paper, class cards, answers and what keeps them."""
