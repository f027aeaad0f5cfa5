"""One incident is one alert, and one more when it is over."""

from datetime import UTC, datetime, timedelta

from orchestrator.core.run.alerts import AlertSettings, Told, decide_alerts

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
MINUTE, QUIET = timedelta(minutes=1), timedelta(hours=1)


def told_over(*looks: tuple[int, set[str]]) -> list[tuple[int, str, str]]:
    """What is told, by minute: ``looks`` has what there is at each."""
    kept: dict[str, Told] = {}
    said: list[tuple[int, str, str]] = []
    for minute, current in looks:
        for step in decide_alerts(kept, NOW + minute * MINUTE, current, QUIET):
            if step.tell:
                said.append((minute, step.incident, step.tell))
            if step.kept is None:
                del kept[step.incident]
            else:
                kept[step.incident] = Told.read(step.kept.as_json())
    return said


def test_one_when_it_begins_and_one_when_it_is_over() -> None:
    looks = [(0, {"a"}), (1, {"a"}), (2, {"a", "b"}), (3, {"b"}), (4, set[str]())]
    assert told_over(*looks) == [(0, "a", "opened"), (2, "b", "opened"), (3, "a", "closed"), (4, "b", "closed")]


def test_what_comes_and_goes_within_the_quiet_time_is_one_incident() -> None:
    assert told_over((0, {"a"}), (1, set()), (2, {"a"}), (3, set()), (4, {"a"}), (5, set())) == [
        (0, "a", "opened"),
        (1, "a", "closed"),
    ]
    assert told_over((0, {"a"}), (1, set()), (62, {"a"})) == [
        (0, "a", "opened"),
        (1, "a", "closed"),
        (62, "a", "opened"),
    ]


def test_they_are_read_of_settings() -> None:
    assert AlertSettings.of({}) == AlertSettings()
    assert AlertSettings.of({"alerts": {"url": "https://x.example", "least": 3}}) == AlertSettings(
        "https://x.example", 3
    )
    assert not AlertSettings(least=0).sensible
