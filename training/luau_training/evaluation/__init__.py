"""Models side by side: what their answers are worth, with how much doubt."""
