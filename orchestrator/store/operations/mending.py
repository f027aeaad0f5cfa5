"""Whether something was changed since that a paused step's fault may have lain in."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.store.journeys.sending_steps import steps_that_send
from orchestrator.store.workspace import SENDER

# What a message of the step is made of, beside the customer: its templates, its journey, who sends, by which provider.
_BASIS = text("""
select md5(jsonb_build_array(
    (select jsonb_agg(jsonb_build_array(t.key, t.live_revision, t.archived_at) order by t.key) from templates t
        where t.key = any(cast(:templates as text[]))),
    (select j.live_version from journeys j where j.key = :journey),
    (select jsonb_object_agg(s.key, s.value) from workspace w, jsonb_each(w.settings) s
        where s.key = any(cast(:settings as text[]))),
    (select jsonb_agg(jsonb_build_array(p.name, p.revision) order by p.name) from channel_providers p)
)::text)
""")
_SETTINGS = (*SENDER, "sending", "providers", "brand")


async def basis_of(session: AsyncSession, journey: str, step: str) -> str:
    """What a step's messages are made of, as a hash: another one means that somebody has changed something."""
    plan = (await steps_that_send(session, journey)).get(step)
    references = plan.steps[step].references() if plan else ()
    templates = sorted({one.name for one in references if one.kind == "template"})
    given = {"templates": templates, "journey": journey, "settings": list(_SETTINGS)}
    return str((await session.execute(_BASIS, given)).scalar_one())
