"""Statements whose conditions are chosen by the caller: each is written out here, and each is known before it is run.

``tests/store/test_statements.py`` prepares every statement of the store against the migrated schema. It finds module
constants: so no SQL is put together inside of a function, except by :class:`Filtered`, which tells what it may become.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import TextClause, text


@dataclass(frozen=True)
class Filtered:
    """A statement with ``{where}`` in it, which becomes the conditions that are asked for.

    ``conditions`` by name, each a boolean expression; ``always`` hold in any case.
    """

    template: str
    conditions: Mapping[str, str]
    always: tuple[str, ...] = ()
    _made: dict[frozenset[str], TextClause] = field(default_factory=dict, repr=False, compare=False)

    def statement(self, wanted: Collection[str]) -> TextClause:
        """With the conditions of these names. Raises ``KeyError`` on one that there is not."""
        names = frozenset(wanted)
        if names not in self._made:
            held = [*self.always, *(self.conditions[name] for name in sorted(names))]
            self._made[names] = text(self.template.replace("{where}", f"where {' and '.join(held)}" if held else ""))
        return self._made[names]

    def statements(self) -> Iterator[TextClause]:
        """Without any condition, and with each."""
        yield self.statement(())
        for name in self.conditions:
            yield self.statement((name,))


def containing(part: str) -> str:
    """The pattern for ``like`` that finds ``part`` anywhere in a text, letter by letter."""
    escaped = part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def plan_of_line(line: str) -> str:
    """The hash of the plan by which a line of a run's trace was written: that which the next move left, else that which
    the run ``r`` follows. ``line``: the row's name."""
    return f"""coalesce((
        select m.note ->> 'from' from transitions m where m.run_id = {line}.run_id and m.what = 'moved'
            and m.note ->> 'from' is not null and m.seq >= {line}.seq order by m.seq limit 1
    ), r.plan_hash)"""


def plan_of_visit(visit: str) -> str:
    """The same of a visit to a step, as it was when the run left it. ``visit``: the name of a row that has ``run_id``,
    ``step`` and ``occurrence``."""
    return f"""coalesce((
        select m.note ->> 'from' from transitions m where m.run_id = {visit}.run_id and m.what = 'moved'
            and m.note ->> 'from' is not null and m.seq > (
                select max(e.seq) from transitions e
                where e.run_id = {visit}.run_id and e.step = {visit}.step and e.occurrence = {visit}.occurrence
                    and (e.what in ('entered', 'left') or e.note ->> 'stays' is not null)
            )
        order by m.seq limit 1
    ), r.plan_hash)"""
