"""Picture files: opening those of others safely, and the texts inside them."""
