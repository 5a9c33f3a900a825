"""Lists in short: members that follow each other become "first through last"."""

from collections.abc import Callable, Iterator, Mapping, Sequence

SHORTEST_RUN = 3
"""Members from which on a run is worth writing as one."""


def item_runs(items: Sequence[str], places: Mapping[str, int]) -> Iterator[tuple[str, ...]]:
    """Cut a list of items into single ones and runs.

    Args:
        items: Ids.
        places: Item to its place in the order of the record.

    Yields:
        One item, or the first and the last of a run.
    """
    return _runs(items, lambda item, following: places[following] == places[item] + 1)


def value_runs(values: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Cut a list of values into single ones and runs of numbers of the same length.

    Args:
        values: As records submit them.

    Yields:
        One value, or the first and the last of a run.
    """
    return _runs(values, _counts_on)


def _counts_on(value: str, following: str) -> bool:
    numbers = value.isdecimal() and following.isdecimal()
    return numbers and len(value) == len(following) and int(following) == int(value) + 1


def _runs(members: Sequence[str], follows: Callable[[str, str], bool]) -> Iterator[tuple[str, ...]]:
    start = 0
    for place in range(1, len(members) + 1):
        if place < len(members) and follows(members[place - 1], members[place]):
            continue
        if place - start >= SHORTEST_RUN:
            yield members[start], members[place - 1]
        else:
            yield from ((member,) for member in members[start:place])
        start = place
