"""From raw scripts to the sets that models are trained and measured on."""
