import pytest

from journeyman.catalog.categories import Category, lineage, read_path, tree


@pytest.mark.parametrize(
    ("text", "path"),
    [("Shoes/Running", "Shoes/Running"), (" Shoes // Running / ", "Shoes/Running"), ("/Shoes", "Shoes")],
)
def test_a_path_is_tidied(text: str, path: str) -> None:
    assert read_path(text) == path


@pytest.mark.parametrize("text", ["", " / ", "/".join("abcdefghijk"), "x" * 501])
def test_a_path_has_a_name_and_bounds(text: str) -> None:
    with pytest.raises(ValueError, match="a category"):
        read_path(text)


def test_a_lineage_has_everything_above_once() -> None:
    assert lineage(["Shoes/Running/Trail", "Shoes/Walking", "Sale"]) == {
        "Shoes": 1,
        "Shoes/Running": 2,
        "Shoes/Running/Trail": 3,
        "Shoes/Walking": 2,
        "Sale": 1,
    }


def test_a_tree_hangs_each_under_its_parent() -> None:
    found = tree([("Sale", 1), ("Shoes", 3), ("Shoes/Running", 2)])
    assert found == [
        Category("Sale", "Sale", 1),
        Category("Shoes", "Shoes", 3, [Category("Shoes/Running", "Running", 2)]),
    ]


def test_a_tree_under_something_begins_below_it() -> None:
    assert tree([("Shoes/Running", 2)]) == [Category("Shoes/Running", "Running", 2)]
