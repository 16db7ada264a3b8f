"""How the model that ships is made: recipes, a tokenizer, a decoder, and the net that reads requests."""
