"""How the table reads in each format and direction."""
