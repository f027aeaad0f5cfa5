"""`make test-changed` finds what a change touches, and nothing is touched by what nobody uses."""

from tests.changed import touched


def test_a_changed_module_touches_the_tests_that_import_it_nearest_first() -> None:
    found = touched(["orchestrator/stack/ports.py"])
    assert found[0].startswith("tests/")
    assert "tests/orchestrator/stack/test_ports.py" in found
    near = touched(["orchestrator/stack/ports.py"], 1)
    assert near == found[: len(near)]
    assert "tests/orchestrator/stack/test_ports.py" in near


def test_a_changed_conftest_touches_what_stands_below_it() -> None:
    below = touched(["tests/activities/webhooks/conftest.py"])
    assert below
    assert all(path.startswith("tests/activities/webhooks/") for path in below)


def test_a_changed_test_touches_itself_alone() -> None:
    assert touched(["tests/test_changed.py"]) == ["tests/test_changed.py"]


def test_what_is_no_module_touches_the_tests_of_its_folder() -> None:
    assert touched(["examples/cart-recovery.yaml"]) == ["tests/test_examples.py"]
    assert touched(["web/canvas/src/page.ts", "LICENSE"]) == ["tests/web", "tests/browser"]
