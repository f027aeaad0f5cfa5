"""Each measure equals what a person counts by hand, on rows that can be counted by hand."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.store.measures.by_hand import ANN, BEN, CAT, DAN, YEAR, Row, count, day, goal, opt_out, order, run, send


def customer(one: UUID, month: int, stage: str | None = None, **more: object) -> Row:
    return {"customer_id": one, "first_seen_at": day(month, 1), "stage": stage, **more}


def moved(one: UUID, month: int, before: str | None, after: str) -> Row:
    at = day(month, 10)
    return {"customer_id": one, "changed_at": at, "from_stage": before, "to_stage": after, "message_id": f"{one} {at}"}


ORDERS = [
    order(ANN, day(1, 10), 100),
    order(ANN, day(3, 11), 300),  # 60 days after
    order(BEN, day(1, 20), 50),
    order(BEN, day(1, 25), None),  # 5 days after, without a value
    order(CAT, day(2, 1), 80, "USD"),
]


def test_the_five_measures(tmp_path: Path) -> None:
    """In KRW: 450 of three valued orders; four orders of two buyers; 60 and 5 days from first to last, of 365."""
    people = [customer(ANN, 1, "retention"), customer(BEN, 1, "churn_signal"), customer(CAT, 1, "adaptation")]
    spring = replace(YEAR, since=date(2026, 1, 2))
    changes = [moved(BEN, 5, "retention", "churn_signal"), moved(CAT, 6, None, "adaptation")]
    rows = count(
        tmp_path,
        "measures",
        spring,
        customers=[{**one, "clv": value} for one, value in zip(people, (10, 20, None), strict=True)],
        orders=ORDERS,
        stage_changes=changes,
        runs=[run(1, ANN, day(2, 1)), run(2, BEN, day(2, 1)), run(3, CAT, day(2, 1)), run(4, CAT, day(3, 1))],
        goals=[goal(1, ANN, day(2, 2)), goal(1, ANN, day(2, 3)), goal(2, BEN, day(2, 3))],
    )
    told = {(row[0], row[2]): (row[3], row[4], row[5]) for row in rows}
    periods = 1 + 65 / 2 / 364
    assert told["mean_order_value", "KRW"] == (150, 450, 3)
    assert told["purchase_frequency", "KRW"] == (2, 4, 2)
    assert told["retention_period", "KRW"] == (pytest.approx(periods), pytest.approx(2 * 364 + 65), 2 * 364)
    assert told["clv", "KRW"][0] == pytest.approx(150 * 2 * periods)
    assert told["clv", "USD"] == (80, 80, 1)
    assert told["clv_model", "KRW"] == (15, 30, 2)
    assert told["churn_rate", ""] == (pytest.approx(1 / 3), 1, 3)
    assert told["repeat_purchase_rate", ""] == (pytest.approx(2 / 3), 2, 3)
    assert told["conversion_rate", ""] == (0.5, 2, 4)
    # At the start Ann and Ben; at the end Ann and Cat, of whom Cat came: (2 - 1) / 2.
    assert told["retention_rate", ""] == (0.5, 1, 2)


def test_customers_flow_from_stage_to_stage(tmp_path: Path) -> None:
    people = [customer(ANN, 1, "retention"), customer(BEN, 1, "churn_signal"), customer(CAT, 6, "intake")]
    changes = [
        moved(ANN, 2, None, "intake"),
        moved(ANN, 5, "intake", "retention"),
        moved(BEN, 3, "retention", "churn_signal"),
        moved(CAT, 8, "adaptation", "intake"),  # after the period
    ]
    spring = replace(YEAR, since=date(2026, 3, 1), until=date(2026, 7, 1))
    assert count(tmp_path, "stage_flow", spring, customers=people, stage_changes=changes) == [
        ["intake", "retention", 1],
        ["new", "adaptation", 1],
        ["retention", "churn_signal", 1],
    ]
    assert count(tmp_path, "stages", customers=people)[0] == ["churn_signal", 1, 3, pytest.approx(1 / 3)]


def test_orders_by_month_keep_currencies_apart(tmp_path: Path) -> None:
    assert count(tmp_path, "orders_by_month", orders=ORDERS) == [
        ["2026-01-01", "KRW", 3, 2, "150.00", 2, "75.00"],
        ["2026-02-01", "USD", 1, 1, "80.00", 1, "80.00"],
        ["2026-03-01", "KRW", 1, 1, "300.00", 1, "300.00"],
    ]


def test_retention_by_month(tmp_path: Path) -> None:
    assert count(tmp_path, "retention", orders=ORDERS) == [
        ["2026-01-01", 0, 2, 2, 1.0],
        ["2026-01-01", 2, 1, 2, 0.5],
        ["2026-02-01", 0, 1, 1, 1.0],
    ]


def test_first_purchase_after_sign_up(tmp_path: Path) -> None:
    people = [customer(one, 1) for one in (ANN, BEN, CAT, DAN)]
    rows = count(tmp_path, "first_purchase", customers=people, orders=ORDERS)
    # Ann after 9 days, Ben after 19, Cat after 31, Dan never.
    assert {row[1]: row[2] for row in rows} == {0: 0, 1: 0, 3: 0, 7: 0, 14: 1, 30: 2, 60: 3, 90: 3, 180: 3}
    assert rows[-1] == ["2026-01-01", 180, 3, 4, 0.75]


def test_time_between_purchases(tmp_path: Path) -> None:
    assert count(tmp_path, "repurchase_interval", orders=ORDERS) == [[1, 1, 2, 0.5], [56, 1, 2, 0.5]]


def test_rfm_gives_those_who_are_alike_the_same_score(tmp_path: Path) -> None:
    """Ann ordered last (5 × 2 / 3, so 4), Cat second (2), Ben first (1); Ann and Ben twice (2), Cat once (1)."""
    rows = count(tmp_path, "rfm", orders=ORDERS)
    assert [row[:5] for row in rows] == [
        [1, 2, 1, 2, "50.00"],
        [2, 1, 1, 1, "0.00"],
        [4, 2, 1, 2, "400.00"],
    ]


def test_tenths_of_lifetime_value(tmp_path: Path) -> None:
    people = [customer(UUID(int=n), 1, clv=n) for n in range(1, 21)] + [customer(UUID(int=99), 1)]
    rows = count(tmp_path, "clv_distribution", customers=people)
    assert rows[-1] == [10, 2, "19.00", "20.00", "39.00", pytest.approx(39 / 210), "KRW"]


SENDS = [
    send(1, ANN, day(1, 5, 9), opened_at=day(1, 5, 10), clicked_at=day(1, 5, 11), template="spring"),
    send(2, ANN, day(1, 7, 9), delivery="delivered", template="autumn"),
    send(3, BEN, day(1, 8, 9), bounced_at=day(1, 8, 9), template="spring"),
    send(4, CAT, day(1, 9, 9), opened_at=day(1, 9, 12), template="spring"),
    send(5, DAN, day(1, 9, 9), status="skipped", reason="no_consent", sent_at=None),
]


def test_channels_and_days(tmp_path: Path) -> None:
    said = [opt_out(4, CAT, day(1, 10))]
    [email] = count(tmp_path, "channel_league", sends=SENDS, consent_changes=said)
    assert email == ["email", 4, 3, 2, 1, 1, 1, 0, 0.5, 0.25, 0.25]
    by_day = count(tmp_path, "sends_by_day", sends=SENDS, consent_changes=said)
    assert [row[:3] for row in by_day] == [[f"2026-01-0{day}", "email", 1] for day in (5, 7, 8, 9)]
    health = count(tmp_path, "sending_health", sends=SENDS)
    assert [row[1:] for row in health] == [["sent", "", 4, 5, 0.8], ["skipped", "no_consent", 1, 5, 0.2]]


def test_fatigue(tmp_path: Path) -> None:
    """Two messages in Ann's week, one in Ben's and Cat's; Cat opted out."""
    rows = count(tmp_path, "fatigue", sends=SENDS, consent_changes=[opt_out(4, CAT, day(1, 10))])
    assert rows == [[1, 2, 1, 0.5], [2, 1, 0, 0.0]]


@pytest.mark.parametrize(
    ("attribution", "spring", "autumn"), [("last", 0.0, 90.0), ("first", 90.0, 0.0), ("linear", 45.0, 45.0)]
)
def test_revenue_is_put_down_to_messages_before_the_order(
    tmp_path: Path, attribution: Any, spring: float, autumn: float
) -> None:
    """Ann's order four days after the one and two after the other; Cat's eight days after hers, which is too late."""
    orders = [order(ANN, day(1, 9), 90), order(CAT, day(1, 17, 9), 70), order(ANN, day(1, 1), 1_000)]
    asked = replace(YEAR, attribution=attribution)
    rows = count(tmp_path, "template_league", asked, sends=SENDS, orders=orders)
    earned = {(row[0], row[12]): float(row[14]) for row in rows}
    assert earned.get(("spring", "KRW"), 0.0) == spring
    assert earned.get(("autumn", "KRW"), 0.0) == autumn


def test_domains_of_few_are_not_named(tmp_path: Path) -> None:
    crowd = [UUID(int=n) for n in range(20, 25)]
    people = [customer(one, 1, email_domain="mail.example") for one in crowd]
    people.append(customer(ANN, 1, email_domain="own.example"))
    sends = [send(n, one, day(1, 5), bounced_at=day(1, 6) if n else None) for n, one in enumerate([*crowd[:2], ANN])]
    rows = count(tmp_path, "deliverability", sends=sends, customers=people)
    assert [(row[0], row[1], row[4], row[6]) for row in rows] == [("mail.example", 2, 1, 0.5), ("other", 1, 1, 1.0)]


def test_reasons_for_bounces(tmp_path: Path) -> None:
    said = [opt_out(1, ANN, day(1, 6)), opt_out(2, BEN, day(1, 7)), opt_out(3, CAT, day(1, 7))]
    told = [{**one, "source": "bounce", "detail": code} for one, code in zip(said, ("5.1.1", "5.1.1", ""), strict=True)]
    assert count(tmp_path, "bounce_reasons", consent_changes=told) == [["email", "5.1.1", 2, 2], ["email", "", 1, 1]]


def test_consents_stand_until_they_are_withdrawn(tmp_path: Path) -> None:
    def said(number: int, one: UUID, month: int, granted: bool) -> Row:
        return {**opt_out(number, one, day(month, 3)), "granted": granted, "source": "intake"}

    changes = [
        said(1, ANN, 1, True),
        said(2, BEN, 1, True),
        said(3, ANN, 2, True),  # confirmed
        said(4, ANN, 3, False),
        said(5, CAT, 3, False),  # nothing stood
        said(6, ANN, 4, True),
    ]
    spring = replace(YEAR, since=date(2026, 2, 1))
    assert count(tmp_path, "consents", spring, consent_changes=changes) == [
        ["2026-03-03", "email", "advertising", 0, 1, 1],
        ["2026-04-03", "email", "advertising", 1, 0, 2],
    ]


RUNS = [run(1, ANN, day(1, 5)), run(2, BEN, day(1, 5), finished_at=day(1, 9)), run(3, CAT, day(1, 5))]
PASSAGES = [
    {"run_id": UUID(int=200 + n), "seq": seq, "what": what, "step": step, "port": port, "passed_at": day(1, 5, seq)}
    for n, lines in (
        (1, ["entered hello", "left hello a", "entered offer"]),
        (2, ["entered hello", "left hello b", "entered offer", "ended offer done"]),
        (3, ["entered hello"]),
    )
    for seq, line in enumerate(lines)
    for what, step, port in [(*line.split(), "")[:3]]
]


def test_steps_paths_and_flow_of_a_journey(tmp_path: Path) -> None:
    goals = [goal(1, ANN, day(1, 6), 10), goal(1, ANN, day(1, 7), 5, "USD"), goal(2, BEN, day(1, 5))]
    assert count(tmp_path, "journey_steps", runs=RUNS, passages=PASSAGES) == [
        [1, "hello", 3, 2, 1, 0, 0.0],
        [1, "offer", 2, 0, 1, 1, 0.5],
    ]
    assert count(tmp_path, "journey_flow", runs=RUNS, passages=PASSAGES) == [
        ["hello", "offer", 2],
        ["offer", "end:done", 1],
    ]
    # Ben's goal came before he took his path.
    assert count(tmp_path, "journey_paths", runs=RUNS, passages=PASSAGES, goals=goals) == [
        [1, "hello", "a", 1, 1, 1.0],
        [1, "hello", "b", 1, 0, 0.0],
    ]
    assert count(tmp_path, "journey_goals", goals=goals) == [
        ["welcome", "bought", "KRW", 2, 2, 2, 1, "10.00"],
        ["welcome", "bought", "USD", 1, 1, 1, 1, "5.00"],
    ]
    hours = {row[0]: row[1] for row in count(tmp_path, "time_to_convert", runs=RUNS, goals=goals)}
    assert (hours[1], hours[6], hours[24], hours[2160]) == (1, 1, 2, 2)


def test_the_funnel_counts_customers(tmp_path: Path) -> None:
    decided = [
        {"customer_id": one, "journey_key": "welcome", "version": 1, "decided_at": day(1, 5), "admitted": one != DAN}
        for one in (ANN, BEN, CAT, DAN)
    ]
    rows = count(tmp_path, "journey_funnel", runs=RUNS, sends=SENDS, goals=[goal(1, ANN, day(1, 6))], entries=decided)
    assert {row[0]: row[1] for row in rows} == {
        "decided": 4,
        "entered": 3,
        "sent": 2,  # of runs 1 and 2 by Ann, of 3 by Ben: whoever got one
        "opened": 1,
        "clicked": 1,
        "converted": 1,
    }


def test_messages_of_a_journey_with_what_they_earned(tmp_path: Path) -> None:
    sends = [send(1, ANN, day(1, 5, 9), clicked_at=day(1, 5, 10)), send(2, BEN, day(1, 5, 9)), send(3, CAT, day(1, 6))]
    orders = [order(ANN, day(1, 7), 40), order(BEN, day(1, 8), 2.5, "USD")]
    goals = [goal(1, ANN, day(1, 7)), goal(2, BEN, day(1, 5, 8))]  # Ben's before the message
    rows = count(tmp_path, "journey_messages", sends=sends, runs=RUNS, orders=orders, goals=goals)
    assert [row[:3] + row[5:6] + row[15:] for row in rows] == [
        ["welcome", 1, "hello", 3, 1, pytest.approx(1 / 3), "KRW", 1, "40.00"],
        ["welcome", 1, "hello", 3, 1, pytest.approx(1 / 3), "USD", 1, "2.50"],
    ]


def test_revenue_against_holdout(tmp_path: Path) -> None:
    def decided(one: UUID, admitted: bool, reason: str) -> Row:
        return {
            "customer_id": one,
            "journey_key": "welcome",
            "decided_at": day(1, 5),
            "admitted": admitted,
            "reason": reason,
        }

    entries = [
        decided(ANN, True, "admitted"),
        decided(BEN, True, "admitted"),
        decided(CAT, False, "holdout"),
        decided(DAN, False, "filter"),
    ]
    orders = [
        order(ANN, day(1, 6), 100),
        order(CAT, day(1, 7), 30),
        order(BEN, day(2, 7), 999),
        order(DAN, day(1, 6), 9),
    ]
    assert count(tmp_path, "holdout_revenue", entries=entries, orders=orders) == [
        ["welcome", "entered", "KRW", 2, 1, 1, "100.00", "50.00", 0.5],
        ["welcome", "holdout", "KRW", 1, 1, 1, "30.00", "30.00", 1.0],
    ]
