"""What is learned by example: heads, each a file and a line in the table, and all of them together."""

from online_model.heads.table import HEADS, Head
from online_model.heads.together import Heads

__all__ = ["HEADS", "Head", "Heads"]
