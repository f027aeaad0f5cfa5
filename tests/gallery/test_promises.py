"""Every journey of the gallery compiles without a complaint, speaks both languages, and does what it promises."""

from datetime import timedelta
from pathlib import Path

import pytest

from orchestrator.core.journey.plan import compile_journey
from orchestrator.core.messages.compose import compose
from orchestrator.core.sending.advertising import Sender
from orchestrator.core.sending.policies import KR
from orchestrator.core.steps.message import Sending
from orchestrator.core.timing import zone
from orchestrator.journey_gallery import FOLDER, ORDER, Template, find_template, templates
from tests.gallery.lives import (
    EVERY,
    GIVEN,
    NO_CODES,
    START,
    VOCABULARY,
    agreed,
    answered,
    delivered,
    ends,
    lived,
    never_sent,
    often,
    only_information,
    order,
    renewal,
    scored,
    sends,
    silent_from,
    twice_reviewed,
)


def test_the_gallery_has_its_journeys_and_no_file_beside_them() -> None:
    assert [one.id for one in templates()] == list(ORDER)
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(ORDER)
    assert find_template("no-such") is None


@pytest.mark.parametrize("template", EVERY)
def test_a_template_compiles_without_a_word_of_complaint(template: Template) -> None:
    assert [problem.text.to("en") for problem in compile_journey(template.document, VOCABULARY).problems] == []


@pytest.mark.parametrize("template", EVERY)
def test_a_template_speaks_both_languages_everywhere(template: Template) -> None:
    journey = template.plan.journey
    assert set(journey.name) == set(journey.description) == {"en", "ko"}
    for step in journey.steps:
        assert set(step.label) == {"en", "ko"}, step.id
        if isinstance(step, Sending):
            assert set(step.settings.content) == {"en", "ko"}, step.id
            texts = {locale: content.body for locale, content in step.settings.content.items()}
            assert any("가" <= letter <= "힣" for letter in texts["ko"]), step.id
            assert not any("가" <= letter <= "힣" for letter in texts["en"].replace("josa('을/를')", "")), step.id


@pytest.mark.parametrize("template", EVERY)
def test_every_message_can_be_read_by_a_customer_of_whom_little_is_known(template: Template) -> None:
    for step in template.plan.journey.steps:
        if isinstance(step, Sending):
            for locale, content in step.settings.content.items():
                composed = compose(
                    content, step.settings.channel, step.settings.message_class,
                    {
                        "customer": {}, "entry": {"order_id": "o-1"}, "event": {}, "workspace": {},
                        "var": GIVEN, "links": {"survey": "https://example.com/s/x", "preferences": "https://example.com/p/x"},
                    },
                    KR, Sender("오늘찻집"), locale, zone("Asia/Seoul"),
                )  # fmt: skip
                assert not composed.blank
                assert composed.missing == (), step.id
                assert "\n\n\n" not in composed.words.body
                assert composed.words.subject.startswith("(광고)") is (step.settings.message_class == "advertising")


def test_the_layout_is_left_to_the_canvas() -> None:
    assert all("layout" not in one.document for one in templates())


# --- what each promises ----------------------------------------------------------------------------------------------


def test_welcome_helps_those_who_look_around_to_choose_and_the_others_to_find_their_way() -> None:
    looked = (0, "Product Viewed"), (0.1, "Signed Up")
    assert sends(lived("welcome", *looked)) == ["hello", "coupon-for-first"]
    assert sends(lived("welcome", *looked, pools=NO_CODES)) == ["hello", "how-to-choose"]
    quiet = lived("welcome", (0, "Signed Up"))
    assert (sends(quiet), ends(quiet)) == (["hello", "guide"], ["welcomed"])


def test_welcome_ends_with_the_first_order() -> None:
    passage = lived("welcome", (0, "Signed Up"), (0.5, "Product Viewed"), order(0.6))
    assert (sends(passage), ends(passage)) == (["hello"], ["goal:first-order"])


def test_nobody_who_has_bought_is_offered_a_first_purchase() -> None:
    before = lived("first-purchase", order(0), (1, "Signed Up"))
    assert [entered.admission.reason for entered in before.entries] == ["filter"]
    for day in (1, 3.5, 8, 12):
        passage = lived("first-purchase", (0, "Signed Up"), order(day))
        assert ends(passage) == ["goal:first-order"]
        assert all(send.at < START + timedelta(days=day) for send in passage.sends)


def test_who_does_not_buy_is_helped_and_then_left_alone() -> None:
    looking = [lived("first-purchase", (0, "Signed Up"), (1, "Product Viewed"), id=f"c{n}") for n in range(20)]
    seen = {tuple(sends(passage)) for passage in looking}
    assert seen == {("help-choosing", "benefit"), ("help-choosing",)}  # the second are the control
    assert sends(lived("first-purchase", (0, "Signed Up")))[0] == "favourites"
    assert {reason for passage in looking for reason in ends(passage)} == {"not_yet"}


def test_a_review_is_asked_for_after_the_delivery_and_thanked_for() -> None:
    reviewed = (9, "Product Reviewed", {"order_id": "o1", "rating": 5})
    passage = lived("post-purchase", order(0), delivered(2), reviewed)
    assert (sends(passage), ends(passage)) == (["thanks", "ask-review", "thanks-with-coupon"], ["reviewed"])
    assert passage.person.attributes["reviews"] == 1
    silent = lived("post-purchase", order(0), delivered(2))
    assert (sends(silent), ends(silent)) == (["thanks", "ask-review"], ["no_review"])
    lost = lived("post-purchase", order(0), delivered(2, "another"))
    assert (sends(lost), ends(lost)) == (["thanks"], ["no_review"])


def test_a_review_is_rewarded_with_a_coupon_once_however_many_are_written() -> None:
    assert [send for send in sends(twice_reviewed()) if send.startswith("thanks-")] == [
        "thanks-with-coupon",
        "thanks-for-review",
    ]
    assert sends(twice_reviewed(closed=["review-thanks"])).count("thanks-for-review") == 2


def test_who_wants_no_advertising_is_thanked_for_a_review_without_the_coupon() -> None:
    assert sends(twice_reviewed(sent=only_information)).count("thanks-for-review") == 2


def test_no_review_is_asked_for_while_a_complaint_is_open() -> None:
    open_still = lived("post-purchase", order(0), delivered(2), attributes={"open_complaint": True})
    assert (sends(open_still), ends(open_still)) == (["thanks"], ["no_review"])
    refused = lived("post-purchase", order(0), delivered(2), sent=never_sent)
    assert ends(refused) == ["no_review"]


@pytest.mark.parametrize(("event", "reason"), [("Order Cancelled", "cancelled"), ("Order Refunded", "refunded")])
def test_who_sends_an_order_back_is_asked_nothing(event: str, reason: str) -> None:
    passage = lived("post-purchase", order(0), delivered(2), (3, event, {"order_id": "o1"}))
    assert (sends(passage), ends(passage)) == (["thanks"], [reason])


def test_each_order_has_its_own_thanks() -> None:
    passage = lived("post-purchase", order(0, "o1"), order(1, "o2"), days=3)
    assert sends(passage) == ["thanks", "thanks"]


def test_the_repurchase_reminder_comes_at_the_customers_own_interval_and_not_after_an_order() -> None:
    passage = lived("repurchase", order(0), order(20, "o2"), days=45)
    assert passage.sends[0].at.date() == (START + timedelta(days=41)).date()  # the 40th day's next ten in the morning
    early = lived("repurchase", order(0), order(20, "o2"), order(35, "o3"), days=50)
    assert sends(early) == []
    assert [entered.admission.reason for entered in passage.entries] == ["filter", "admitted"]


def test_who_orders_after_the_reminder_goes_round_and_who_does_not_falls_silent() -> None:
    again = lived("repurchase", order(0), order(20, "o2"), order(42, "o3"), days=60)
    assert sends(again) == ["reminder"]
    later = lived("repurchase", order(0), order(20, "o2"), order(55, "o3"), days=60)
    assert sends(later) == ["reminder", "anything-else"]
    silent = lived("repurchase", order(0), order(20, "o2"))
    assert ends(silent) == ["fell_silent"]


def test_five_orders_in_a_year_make_a_vip_and_so_does_one_large() -> None:
    assert sends(lived("vip", *often(100), days=85)) == ["promoted"]
    large = lived("vip", order(0, revenue=600_000), days=1)
    assert (sends(large), large.person.attributes["tier"]) == (["promoted"], "vip")
    assert [entered.admission.reason for entered in lived("vip", *often(60)).entries] == ["filter"] * 3


def test_a_vip_who_keeps_ordering_stays_one() -> None:
    passage = lived("vip", *often(500), days=480)
    assert sends(passage) == ["promoted", "early-access", "kept"]
    assert passage.person.attributes["tier"] == "vip"


def test_a_vip_who_stops_is_asked_warned_in_time_and_then_no_vip() -> None:
    passage = lived("vip", order(0, revenue=600_000), days=400)
    assert sends(passage) == ["promoted", "ask-vip", "notice"]
    assert passage.sends[-1].at == START + timedelta(days=335)
    assert (ends(passage), "tier" in passage.person.attributes) == (["status_ended"], False)


def test_a_vip_who_returns_in_the_last_month_keeps_the_status() -> None:
    passage = lived("vip", order(0, revenue=600_000), order(340, "o2", revenue=550_000), days=380)
    assert sends(passage)[-2:] == ["notice", "kept"]


def test_win_back_asks_before_it_offers_and_lets_go_quietly() -> None:
    passage = silent_from()
    assert (sends(passage), ends(passage)) == (["ask", "reason"], ["dormant"])
    assert passage.sends[0].at >= START + timedelta(days=60)


def test_win_back_gives_a_benefit_to_those_alone_who_named_the_price() -> None:
    assert sends(silent_from(answered(64, "price"))) == ["ask", "coupon-offer"]
    assert sends(silent_from(answered(64, "price"), pools=NO_CODES)) == ["ask", "benefit"]
    assert sends(silent_from(answered(64, "moved"))) == ["ask", "thanks"]


def test_win_back_has_a_person_see_to_a_problem_and_advertises_nothing_meanwhile() -> None:
    passage = silent_from(answered(64, "delivery"))
    assert sends(passage) == ["ask", "apology"]
    assert (passage.person.attributes["open_complaint"], passage.person.tags) == (True, ["needs_call"])
    resolved = silent_from(answered(64, "delivery"), (66, "Complaint Resolved"))
    assert (resolved.person.attributes["open_complaint"], resolved.person.tags) == (False, [])


@pytest.mark.parametrize("day", [64, 80])
def test_win_back_welcomes_who_returns_and_watches_on(day: float) -> None:
    passage = silent_from(order(day, "o2"), days=day + 30)
    assert sends(passage)[-1] == "welcome-back"
    (run,) = passage.runs
    assert run.live


@pytest.mark.parametrize("day", [4.5, 10])
@pytest.mark.parametrize(
    ("score", "step", "reason"), [(10, "thanks-happy", "answered"), (7, "thanks-neutral", "answered")]
)
def test_a_score_is_thanked_for_also_after_the_reminder(day: float, score: int, step: str, reason: str) -> None:
    passage = lived("satisfaction-survey", delivered(0), scored(day, score))
    assert sends(passage) == (["ask", step] if day < 8 else ["ask", "remind", step])
    assert ends(passage) == [reason]


@pytest.mark.parametrize("day", [4.5, 10])
def test_a_low_score_reaches_a_person_first(day: float) -> None:
    passage = lived("satisfaction-survey", delivered(0), scored(day, 3))
    assert sends(passage)[-1] == "apology"
    assert passage.person.attributes["open_complaint"] is True
    assert (ends(passage), len(passage.person.log.named("Complaint Escalated")[1])) == (["escalated"], 1)
    mended = lived("satisfaction-survey", delivered(0), scored(day, 3), (day + 2, "Complaint Resolved"))
    assert (ends(mended), mended.person.attributes["open_complaint"]) == (["put_right"], False)


def test_the_survey_asks_twice_at_most_and_nobody_again_within_ninety_days() -> None:
    passage = lived("satisfaction-survey", delivered(0), delivered(30, "o2"), delivered(100, "o3"), days=130)
    assert sends(passage) == ["ask", "remind", "ask", "remind"]
    assert [entered.admission.reason for entered in passage.entries] == ["admitted", "filter", "admitted"]
    assert set(ends(passage)) == {"no_answer"}


def test_the_survey_keeps_quiet_while_a_complaint_is_open() -> None:
    passage = lived("satisfaction-survey", delivered(0), attributes={"open_complaint": True})
    assert [entered.admission.reason for entered in passage.entries] == ["filter"]
    assert ends(lived("satisfaction-survey", delivered(0), sent=never_sent)) == ["no_answer"]


def test_a_consent_is_asked_for_again_before_its_two_years_are_over() -> None:
    passage = renewal()
    assert (sends(passage), ends(passage)) == (["ask", "remind"], ["not_confirmed"])
    asked, reminded = (send.at - START for send in passage.sends)
    assert timedelta(days=700) <= asked < timedelta(days=706)
    assert reminded < timedelta(days=730)


@pytest.mark.parametrize("day", [710, 725])
def test_who_confirms_is_asked_again_two_years_later(day: float) -> None:
    passage = renewal(agreed(day, "confirmed"), days=day + 720)
    assert [send for send in sends(passage) if send == "ask"] == ["ask", "ask"]
    assert passage.sends[-1].at > START + timedelta(days=day + 700)


def test_who_confirmed_earlier_is_not_asked_and_who_withdraws_is_left_alone() -> None:
    assert sends(renewal(agreed(400, "confirmed"), days=1_000)) == []
    for day in (10, 705, 720):
        passage = renewal((day, "Consent Changed", {"withdrawn": ["email"]}))
        assert ends(passage) == ["withdrawn"]
        assert all(send.at < START + timedelta(days=day) for send in passage.sends)


def test_the_examples_folder_shows_the_same_files() -> None:
    examples = Path(__file__).parents[2] / "examples"
    for name in ("lifecycle", "cart-recovery", "birthday"):
        assert (examples / f"{name}.yaml").read_bytes() == (FOLDER / f"{name}.yaml").read_bytes()
