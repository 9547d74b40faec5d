"""How the tables came to be what they are: versions/ holds one file a step, and steps only go forward."""
