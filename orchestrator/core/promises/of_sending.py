"""What every message keeps: once, wanted, consented to, by day, within caps, marked as what it is."""

from datetime import datetime, timedelta

from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.promises.witness import Witness, holds
from orchestrator.core.scenarios.play import ScenarioRun
from orchestrator.core.sending.frequency import LENGTH, Cap
from orchestrator.core.simulation.interactive_run import NarratedSend
from orchestrator.core.simulation.outcome import SimulatedRun
from orchestrator.core.steps.message import MessageSettings, Sending
from orchestrator.core.text import Text
from orchestrator.core.timing import zone

WENT_OUT = ("sent", "unknown")


class SendingPromises(Witness):
    """Of messages, by the rules of the workspace as they are written down, and not as they are decided."""

    def __init__(self) -> None:
        super().__init__()
        self._sent: set[tuple[str, str, int]] = set()
        self._went: list[tuple[datetime, str, MessageSettings]] = []
        self._held: dict[tuple[str, str, int], datetime] = {}

    def decided(self, run: ScenarioRun, one: SimulatedRun, told: NarratedSend) -> None:
        send = told.send
        step = run.plan_of(one).steps[send.step]
        if not isinstance(step, Sending):
            return
        settings = run.environment.words(step.settings).strictest
        place = one.run_id, send.step, send.occurrence
        if place in self._sent:
            self.broken("once", send.at, one, send.step, Text("one visit to a step sends twice"))
        self._wanted(run, one, told, settings)
        held = self._held.pop(place, None)
        if held is not None and send.at < held:
            self.broken("hold", send.at, one, send.step, Text("a held message is decided before its time"))
        if send.outcome == "held" and told.until is not None:
            self._held[place] = told.until
            if told.until <= send.at:
                self.broken("hold", send.at, one, send.step, Text("a message is held until an instant that is past"))
        if send.outcome in WENT_OUT:
            self._sent.add(place)
            self._reachable(run, one, told, settings)
            if settings.message_class == "advertising":
                self._advertising(run, one, told, settings)
            self._went.append((send.at, send.channel, settings))

    def _wanted(self, run: ScenarioRun, one: SimulatedRun, told: NarratedSend, settings: MessageSettings) -> None:
        wanted = settings.only_if is None or holds(run, one, settings.only_if)
        if wanted and told.send.reason == "not_wanted":
            self.broken("only_if", told.send.at, one, told.send.step, Text("its condition holds, and it is not sent"))
        if not wanted and told.send.outcome != "skipped":
            words = Text("its condition does not hold, and it is not given up")
            self.broken("only_if", told.send.at, one, told.send.step, words)

    def _reachable(self, run: ScenarioRun, one: SimulatedRun, told: NarratedSend, settings: MessageSettings) -> None:
        channel = told.send.channel
        if channel not in (settings.channel, *settings.fallback):
            words = Text("it goes out on a channel that is none of its own")
            self.broken("channel", told.send.at, one, told.send.step, words)
        contact = CHANNELS[channel].contact.name
        if contact != "customer" and not run.person.contacts.get(contact):
            words = Text("it goes to somebody who has no address there")
            self.broken("channel", told.send.at, one, told.send.step, words)

    def _advertising(self, run: ScenarioRun, one: SimulatedRun, told: NarratedSend, settings: MessageSettings) -> None:
        send, policy, person = told.send, run.environment.policy, run.person
        free = settings.same_goods and policy.same_goods and person.consents.get(send.channel) is not False
        if policy.consent and not free and person.consents.get(send.channel) is not True:
            self.broken("consent", send.at, one, send.step, Text("an advertisement without consent"))
        local = send.at.astimezone(zone(person.zone)).time()
        for hours in (policy.night, policy.quiet_hours):
            if hours is None or not hours.covers(local) or send.channel in hours.exempt:
                continue
            if hours is policy.night and person.consents.get(f"{send.channel}:night") is True:
                continue
            self.broken("night", send.at, one, send.step, Text("an advertisement at night"))
        if policy.complaints and person.complaint:
            self.broken("complaint", send.at, one, send.step, Text("an advertisement while a complaint is open"))
        for cap in policy.caps:
            self._within(cap, run, one, told, settings)
        self._marked(run, one, told)

    def _within(
        self, cap: Cap, run: ScenarioRun, one: SimulatedRun, told: NarratedSend, settings: MessageSettings
    ) -> None:
        at = told.send.at
        if not cap.covers(told.send.channel, settings.tags):
            return
        begin = _begin_of(cap, at, run.person.zone)
        counted = [
            then
            for then, channel, words in self._went
            if begin <= then <= at and cap.covers(channel, words.tags) and words.message_class in cap.counts
        ]
        if len(counted) >= cap.most:
            self.broken("cap", at, one, told.send.step, Text("more messages than the cap allows"))

    def _marked(self, run: ScenarioRun, one: SimulatedRun, told: NarratedSend) -> None:
        label, marks = run.environment.policy.label, CHANNELS[told.send.channel].marks
        if told.content is None or not label or marks.by_owner:
            return
        words = told.content.words
        if not (words.subject.startswith(label) or words.body.startswith(label)):
            self.broken("label", told.send.at, one, told.send.step, Text("an advertisement that does not say so"))

    def finished(self, run: ScenarioRun) -> None:
        live = {one.run_id: one for one in run.live.values()}
        for (identity, step, occurrence), until in self._held.items():
            one = live.get(identity)
            stands = one is not None and one.state.step == step and one.state.occurrences.get(step) == occurrence
            if stands and until < run.until - timedelta(minutes=1):
                words = Text("a held message is never decided again")
                self.broken("hold", run.until, one, step, words)


def _begin_of(cap: Cap, at: datetime, time_zone: str) -> datetime:
    """From when a cap counts what was sent up to an instant."""
    if not cap.calendar:
        return at - LENGTH[cap.per] + timedelta(microseconds=1)
    local = at.astimezone(zone(time_zone))
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return day if cap.per == "day" else day - timedelta(days=day.weekday())
