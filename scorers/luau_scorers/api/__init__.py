"""Building the table of the Roblox API that ``luau_scorers.roblox_api`` reads."""
