"""Tags, as somebody says them of a customer: each is borne from now on or is not, the others stay in their order."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.customers.traits import Profile, Traits, with_names, with_traits

NOW = datetime(2026, 5, 1, tzinfo=UTC)
TAGS = st.sampled_from(["vip", "b2b", "골드", "new"])


def test_tags_are_added_at_the_end_and_taken_away() -> None:
    profile = Profile(tags=("vip", "b2b"))
    said = Traits(NOW, tags={"vip": False, "new": True, "b2b": True, "unknown": False})
    assert bool(said)
    assert with_names(profile, said).tags == ("b2b", "new")


@given(st.lists(TAGS, unique=True), st.dictionaries(TAGS, st.booleans()))
def test_said_twice_they_are_as_said_once(borne: list[str], said: dict[str, bool]) -> None:
    once = with_traits(Profile(tags=tuple(borne)), Traits(NOW, tags=said))
    assert with_traits(once, Traits(NOW, tags=said)) == once
    assert len(set(once.tags)) == len(once.tags)
    assert all((tag in once.tags) is is_borne for tag, is_borne in said.items())
    assert [tag for tag in once.tags if tag in borne] == [tag for tag in borne if said.get(tag, True)]
