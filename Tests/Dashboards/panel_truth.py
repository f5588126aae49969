"""What panels have to show for the captures: (dashboard, panel) -> a number, or values of labels -> number."""

# Panels without data, and why.
EMPTY = {}


def truths(truth):
    return {}
