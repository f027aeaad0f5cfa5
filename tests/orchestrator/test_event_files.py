"""Reading event logs: what rows become, and what is said of files that cannot be read."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestrator.event_files import EventFileProblem, EventMapping, read_log, read_mapping

DATA = Path(__file__).parents[1] / "data"
SHOP, MAP = DATA / "little_shop.csv", DATA / "little_shop.map.yaml"


def test_rows_become_events_by_customer_with_a_first_one_before_them() -> None:
    logs = read_log(SHOP, read_mapping(MAP))
    assert list(logs) == ["ana", "bo", "choi"]
    assert [one.name for one in logs["ana"]] == ["Signed Up", "Product Viewed", "Product Added", "Order Completed"]
    assert logs["ana"][0].occurred_at == datetime(2026, 3, 2, 0, 59, 59, tzinfo=UTC)
    assert logs["ana"][1].properties == {"cart_id": "s1"}
    assert logs.attributes["bo"] == {"platform": "desktop"}


def test_times_without_a_zone_are_utc_and_others_are_theirs() -> None:
    logs = read_log(SHOP, read_mapping(MAP))
    assert logs["choi"][1].occurred_at == datetime(2026, 3, 3, 0, 30, tzinfo=UTC)


def test_reading_again_gives_the_same_message_ids_and_no_two_are_alike() -> None:
    ids = [[one.message_id for log in read_log(SHOP, read_mapping(MAP)).values() for one in log] for _ in range(2)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == len(ids[0])


def test_without_a_mapping_every_other_column_is_a_property() -> None:
    logs = read_log(SHOP, EventMapping())
    assert logs["ana"][0].name == "product_view"
    assert logs["ana"][0].properties == {"session_id": "s1", "platform": "mobile"}


def test_gzip_is_read_as_it_is(tmp_path: Path) -> None:
    zipped = tmp_path / "shop.csv.gz"
    zipped.write_bytes(gzip.compress(SHOP.read_bytes()))
    assert read_log(zipped, read_mapping(MAP)) == read_log(SHOP, read_mapping(MAP))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("user_id,event\na,b\n", "no column “timestamp”"),
        ("user_id,event,timestamp\na,b,yesterday\n", "line 2: column “timestamp” has “yesterday”"),
        ("user_id,event,timestamp\n,b,2026-01-01\n", "line 2: column “user_id” is empty"),
        ("", "no column “user_id”"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(content)
    with pytest.raises(EventFileProblem, match=says):
        read_log(path, EventMapping())


def test_a_mapping_with_a_misspelt_field_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text("colums: {user: u}\n")
    with pytest.raises(EventFileProblem, match="colums"):
        read_mapping(path)


def test_a_file_that_is_not_gzip_says_so(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv.gz"
    path.write_text("user_id,event,timestamp\n")
    with pytest.raises(EventFileProblem, match="gzip"):
        read_log(path, EventMapping())
