"""Segments: groups of shoppers by what they look at, each with what trends in it. For shoppers with a thin past."""

from online_model.segments.interest import interest
from online_model.segments.segments import Segment, Segments

__all__ = ["Segment", "Segments", "interest"]
