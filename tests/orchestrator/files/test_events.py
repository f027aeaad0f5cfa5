"""Reading event logs: what rows become, and what is said of files that cannot be read."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestrator.files.customers import CustomerRow, read_customers
from orchestrator.files.events import Columns, EventFileProblem, EventMapping, read_log, read_mapping

DATA = Path(__file__).parents[2] / "data"
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


def test_text_that_is_plainly_a_number_is_one_and_an_id_that_looks_like_one_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("user_id,event,timestamp,price,sku,gift,note\n007,buy,2026-01-01,12.5,007,true,\n")
    log = read_log(path, EventMapping())["007"]
    assert log[0].properties == {"price": 12.5, "sku": "007", "gift": True}


def test_json_lines_keep_their_types_and_a_column_is_a_path(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    rows = [
        {"user": {"id": 7}, "event": "buy", "timestamp": 1767225600, "cart": {"id": "c1"}, "items": ["a", 1]},
        {"user": {"id": 7}, "event": "look", "timestamp": "2026-01-01T00:00:01.5Z", "cart": None},
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n")
    mapping = EventMapping(columns=Columns(user="user.id"), properties={"cart_id": "cart.id", "items": "items"})
    log = read_log(path, mapping)["7"]
    assert [one.properties for one in log] == [{"cart_id": "c1", "items": ["a", 1]}, {}]
    assert [one.occurred_at.timestamp() for one in log] == [1767225600, 1767225601.5]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"user_id": "a"', "line 1: "),
        ("\n[1]", "line 2: an object is expected"),
        ('{"user_id": "a", "timestamp": "2026-01-01"}', "line 1: column “event” is empty"),
        ('{"user_id": "a", "event": "b", "timestamp": "soon"}', "column “timestamp” has “soon”"),
    ],
)
def test_a_json_line_that_cannot_be_read_is_said_with_its_place(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(content)
    with pytest.raises(EventFileProblem, match=says):
        read_log(path, EventMapping())


def test_customers_of_a_file_have_what_it_says_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text(
        "user_id,email,consents,time_zone,tier,points\nana,ana@example.com,email sms,Europe/Berlin,gold,12\nbo,,,,,\n"
    )
    found = read_customers(path)
    assert found["ana"] == CustomerRow(
        {"tier": "gold", "points": 12}, {"email": True, "sms": True}, {"email": "ana@example.com"}, "Europe/Berlin"
    )
    assert found["bo"] == CustomerRow()


@pytest.mark.parametrize(
    ("content", "says"), [("email\na\n", "no column “user_id”"), ("user_id,email\n,a\n", "line 2: column “user_id”")]
)
def test_a_customer_file_that_cannot_be_read_is_said_so(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "customers.csv"
    path.write_text(content)
    with pytest.raises(EventFileProblem, match=says):
        read_customers(path)
