"""Parameters that several calls take: type, bounds and the words in which callers read of them."""

from typing import Annotated

from msgspec import Meta

from freshet.contract.events import Id

K = Annotated[int, Meta(ge=1, le=200, description="how many items, a whole number from 1 to 200")]
Objective = Annotated[str, Meta(description="what to rank by: blend, or the name of a task")]
Weights = Annotated[
    dict[str, float],
    Meta(description="a blend of your own, such as click:1,purchase:6; tasks that are not named count 0"),
]
Category = Annotated[
    str, Meta(max_length=512, description="only items at or below this category path, such as shoes/running")
]
Exclude = Annotated[
    list[Id], Meta(max_length=1000, description="items to leave out, such as i1,i2; at most 1,000")
]
Explain = Annotated[
    bool, Meta(description="true or false; true adds to each item what each task contributes")
]
Items = Annotated[
    list[Id], Meta(min_length=1, max_length=300, description="items to score, such as i1,i2; 1 to 300")
]
