"""``sojourn traits fit``: what it prints, and what it says of files that it cannot use."""

import csv
import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestrator.commands.traits import app
from orchestrator.core.traits.orders import by_customer, summarised
from orchestrator.files.orders import read_orders

CDNOW = "tests/data/cdnow/orders.csv.gz"


def fit(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["fit", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_fit_prints_parameters_likelihood_and_holdout_as_json(tmp_path: Path) -> None:
    each = tmp_path / "customers.csv"
    code, output, _ = fit(
        "--orders", CDNOW, "--until", "1997-09-30", "--unit", "week", "--json", "--customers", str(each)
    )
    assert code == 0
    told = json.loads(output)
    model = told["models"]["bg_nbd"]
    assert [round(model[name], 3) for name in ("r", "alpha", "a", "b")] == [0.243, 4.414, 0.793, 2.426]
    assert round(model["log_likelihood"], 1) == -9582.4
    assert round(told["models"]["gamma_gamma"]["p"], 2) == 6.25
    assert [row["label"] for row in told["repeat_orders"]] == ["0", "1", "2", "3", "4", "5", "6", "7+"]
    assert sum(row["customers"] for row in told["holdout"]) == told["customers"] == 2357
    assert told["cumulative"][-1]["actual"] > told["cumulative"][38]["actual"]
    rows = list(csv.DictReader(each.read_text().splitlines()))
    assert len(rows) == 2357
    assert {"customer_id", "p_alive", "expected_orders_30", "expected_orders_90", "mean_value", "clv"} <= set(rows[0])
    assert 0 < float(rows[0]["p_alive"]) < 1
    assert float(rows[0]["expected_orders_30"]) < float(rows[0]["expected_orders_90"])


def test_without_later_orders_there_is_no_holdout() -> None:
    code, output, _ = fit("--orders", CDNOW, "--json")
    assert code == 0
    assert json.loads(output)["holdout"] == json.loads(output)["cumulative"] == []


def test_a_summary_gives_the_same_model_and_names_no_value_where_there_is_none(tmp_path: Path) -> None:
    summary = tmp_path / "summary.csv"
    rows = summarised(by_customer(read_orders(Path(CDNOW))), date(1997, 9, 30), "week")
    summary.write_text("x,t_x,T\n" + "".join(f"{one.x},{one.t_x},{one.t}\n" for one in rows))
    code, output, _ = fit("--summary", str(summary))
    assert code == 0
    assert "r=0.2426  alpha=4.4136  a=0.7929  b=2.4259" in output
    assert "gamma_gamma" not in output
    summary.write_text("x,t_x,T,m_x\n" + "".join(f"{one.x},{one.t_x},{one.t},{one.mean}\n" for one in rows))
    assert "p=6.2496" in fit("--summary", str(summary))[1]


def test_a_cohort_of_subscribers_gives_sbg(tmp_path: Path) -> None:
    cohort = tmp_path / "cohort.csv"
    counts = [1000, 869, 743, 653, 593, 551, 517, 491]
    cohort.write_text("period,surviving\n" + "".join(f"{n},{count}\n" for n, count in enumerate(counts)))
    code, output, _ = fit("--subscriptions", str(cohort), "--json")
    assert code == 0
    told = json.loads(output)
    assert [round(told["models"]["sbg"][name], 3) for name in ("alpha", "beta")] == [0.668, 3.806]
    assert told["survival"][12]["actual"] is None


@pytest.mark.parametrize(
    ("option", "text", "place", "advice"),
    [
        ("--orders", "customer,ordered_at,amount\n1,2026-01-01,5\n", "line 1: there is no column", "Name the columns"),
        ("--orders", "customer_id,ordered_at,amount\n", "no row", "one line"),
        ("--orders", "customer_id,ordered_at,amount\na,2026-01-01,5\n,2026-01-02,5\n", "line 3", "“customer_id”"),
        ("--orders", "customer_id,ordered_at,amount\na,2026-02-30,5\n", "line 2: column “ordered_at”", "2026-01-31"),
        ("--orders", "customer_id,ordered_at,amount\na,2026-02-03,₩5\n", "line 2: column “amount”", "without signs"),
        ("--orders", "customer_id,ordered_at,amount\na,2026-02-03,-5\n", "line 2: column “amount”", "returned orders"),
        ("--orders", "customer_id,ordered_at,amount\na,2026-02-03,5\n", "10 customers are needed", "there are 1"),
        ("--summary", "x,t_x,T\n1.5,2,3\n", "line 2: column “x”", "whole number"),
        ("--summary", "x,t_x,T\n1,4,3\n", "line 2: column “t_x”", "since the first order"),
        ("--summary", "x,t_x,T\n0,2,3\n", "line 2: columns “x”", "both are 0"),
        ("--summary", "x,t_x,T\n1,nan,3\n", "line 2: column “t_x”", "a number"),
        ("--subscriptions", "period,surviving\n0,10\n1,11\n", "line 3: column “surviving”", "another cohort"),
        ("--subscriptions", "period,surviving\n1,10\n", "line 2: column “period”", "Begin with 0"),
        ("--subscriptions", "period,surviving\n0,10\n1,10\n2,10\n", "Nobody left", "nothing to learn"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_of_with_its_place(
    tmp_path: Path, option: str, text: str, place: str, advice: str
) -> None:
    file = tmp_path / "given.csv"
    file.write_text(text)
    code, output, error = fit(option, str(file))
    assert code == 2
    assert output == ""
    assert str(file) in error
    assert place in error
    assert advice in error


def test_a_file_that_is_no_text_is_told_of(tmp_path: Path) -> None:
    file = tmp_path / "given.csv.gz"
    file.write_bytes(b"customer_id")
    code, _, error = fit("--orders", str(file))
    assert code == 2
    assert "UTF-8" in error


def test_one_file_is_wanted() -> None:
    assert fit()[0] == 2
    assert fit("--orders", CDNOW, "--summary", CDNOW)[0] == 2
    assert fit("--orders", CDNOW, "--until", "1996-01-01")[0] == 2


def test_neither_api_nor_worker_nor_router_loads_numpy_at_their_start() -> None:
    program = (
        "import sys, api.app, workflows.worker, orchestrator.router.serve, orchestrator.commands.traits;"
        "print([name for name in ('numpy', 'scipy') if name in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
