"""The growth law as tables: each figure beside its closed form, and the one by the other."""

from __future__ import annotations

from burncurve.report import law

# Two root tasks with two and three children: 5 in all, 2.5 for a root; a root task used 100, a child 40 tokens.
DOCUMENT = {
    "deployments": [
        {
            "name": "opus",
            "growth_law": {
                "by_children": [
                    {"children_from": 2, "children_to": 2, "tasks": 1, "tokens": 150, "closed_form_tokens": 180},
                    {"children_from": 3, "children_to": 4, "tasks": 1, "tokens": 250, "closed_form_tokens": 0},
                ],
                "by_depth": [{"depth": 2, "calls": 9, "tokens": 700, "tasks": 6, "closed_form_tasks": 12.5}],
            },
        },
        {"name": "unplayed", "growth_law": None},
    ]
}


def test_children_stand_beside_so_many_mean_ones() -> None:
    assert law.by_children(DOCUMENT).rows == [
        ("opus", "2", 1, 150, 180, 150 / 180),
        ("opus", "3 to 4", 1, 250, 0, None),
    ]


def test_depths_stand_beside_the_powers_of_the_first() -> None:
    assert law.by_depth(DOCUMENT).rows == [("opus", 2, 9, 700, 6, 12.5, 6 / 12.5)]
