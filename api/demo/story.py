"""The people of the demo shop, and what each will do: pure, and the same for the same seed.

A story is a customer's endless list of acts, each so long after the one before in journey time. Where a story was left
off is known by counting, so a restarted demo goes on instead of beginning again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Act:
    """One call to the intake: ``after`` the act before it. ``event`` empty: an identify call with ``properties``."""

    after: timedelta
    event: str
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Habits:
    """How somebody shops. Probabilities are per visit."""

    every: float
    """Mean days between visits."""
    buys: float
    """Probability that a filled cart is bought."""
    fills: float
    """Probability that a visit fills a cart."""
    leaves_after: int
    """Orders after which they may fall silent."""
    silence: tuple[float, float]
    """Days of such a silence, at least and at most."""
    returns: float
    """Probability that a silence ends with an order, and not with a look around."""


HABITS: dict[str, tuple[int, Habits]] = {
    "loyal": (26, Habits(7, 0.85, 0.75, 6, (35, 60), 0.9)),
    "occasional": (26, Habits(14, 0.6, 0.6, 3, (60, 110), 0.5)),
    "once": (16, Habits(9, 0.7, 0.6, 1, (120, 400), 0.3)),
    "hesitant": (20, Habits(5, 0.25, 0.85, 2, (45, 90), 0.4)),
    "browser": (12, Habits(8, 0.0, 0.3, 1, (60, 200), 0.0)),
}
"""By name: how many in a hundred live so."""

PRODUCTS: tuple[tuple[str, str, str, str, int], ...] = (
    ("tea-01", "제주 세작 녹차", "Jeju sejak green tea", "녹차", 18_000),
    ("tea-02", "보성 우전 녹차", "Boseong first-flush green tea", "녹차", 32_000),
    ("tea-03", "현미 녹차 티백", "Brown rice green tea bags", "녹차", 9_800),
    ("tea-04", "하동 발효 홍차", "Hadong black tea", "홍차", 16_500),
    ("tea-05", "얼그레이 홍차", "Earl Grey", "홍차", 14_000),
    ("herb-01", "캐모마일 허브차", "Camomile tea", "허브차", 12_000),
    ("herb-02", "루이보스 허브차", "Rooibos", "허브차", 13_500),
    ("ware-01", "백자 찻잔 2인 세트", "White porcelain cups, two", "다기", 45_000),
    ("ware-02", "유리 티포트 600ml", "Glass teapot, 600 ml", "다기", 38_000),
    ("sweet-01", "수제 양갱 6구", "Handmade yanggaeng, six", "다과", 15_000),
    ("sweet-02", "쌀 다쿠아즈 8구", "Rice dacquoise, eight", "다과", 19_000),
    ("gift-01", "녹차 선물 세트", "Green tea gift box", "선물", 59_000),
)
"""Id, Korean and English name, category, price in won."""
CATEGORY_EN = {
    "녹차": "green tea",
    "홍차": "black tea",
    "허브차": "herbal tea",
    "다기": "teaware",
    "다과": "sweets",
    "선물": "gifts",
}

_FAMILY = ["김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", "한", "오", "서", "신", "권", "황"]
_GIVEN = [
    "서연",
    "민준",
    "지우",
    "하윤",
    "도윤",
    "서준",
    "지민",
    "수아",
    "예준",
    "하은",
    "시우",
    "채원",
    "유진",
    "현우",
    "다은",
    "건우",
    "소율",
    "은우",
    "지안",
    "태윤",
    "나은",
    "재원",
    "수빈",
    "정우",
    "가은",
    "승현",
    "예린",
    "동현",
    "주아",
    "성민",
]
_ELSEWHERE: tuple[tuple[str, str, str, str], ...] = (
    ("Emma", "Clarke", "Europe/London", "+44 7400 1234"),
    ("Liam", "Walker", "America/New_York", "+1 202 555 01"),
    ("Sofia", "Rossi", "Europe/Rome", "+39 312 345 67"),
    ("Noah", "Becker", "Europe/Berlin", "+49 1512 34567"),
    ("Yuki", "Tanaka", "Asia/Tokyo", "+81 90 1234 56"),
    ("Olivia", "Martin", "Australia/Sydney", "+61 491 570 1"),
    ("Lucas", "Silva", "America/Sao_Paulo", "+55 11 91234 56"),
    ("Mei", "Chen", "Asia/Singapore", "+65 8123 45"),
    ("Ana", "Garcia", "Europe/Madrid", "+34 612 345 6"),
    ("Jack", "Wilson", "America/Los_Angeles", "+1 310 555 01"),
)
"""Given name, family name, time zone, and a phone number that lacks two digits."""


def story(seed: int, number: int) -> Iterator[Act]:
    """Everything that customer ``number`` (from 0) will ever do; the first act counts from the demo's own beginning."""
    random = Random(f"{seed}/{number}")  # noqa: S311 - to be repeated, not to be unguessable
    traits = person(random, number)
    habits = random.choices([h for _, h in HABITS.values()], [weight for weight, _ in HABITS.values()])[0]
    yield Act(_arrival(number, random), "", traits)
    yield Act(MINUTE, "Signed Up", {"method": random.choice(("email", "kakao", "naver", "google"))})
    yield from _life(random, habits, number, str(traits["locale"]).startswith("ko"))


def _arrival(number: int, random: Random) -> timedelta:
    """Two dozen at once, so that there is something to see; sixty within a month; after that one in three days."""
    if number < 24:
        return timedelta(hours=3) * random.random()
    if number < 60:
        return DAY * (number - 24) * 0.8 + DAY * random.random()
    return DAY * (29 + (number - 60) * 3) + DAY * random.random()


def person(random: Random, number: int) -> dict[str, Any]:
    """Traits as a shop would send them: contact, birthday, consents."""
    korean = random.random() < 0.7
    if korean:
        first, last = random.choice(_GIVEN), random.choice(_FAMILY)
        name, zone, phone = last + first, "Asia/Seoul", f"+82 10 2345 {number % 10_000:04d}"
    else:
        first, last, zone, phone = random.choice(_ELSEWHERE)
        name, phone = f"{first} {last}", f"{phone}{number % 100:02d}"
    born = date(1962, 1, 1) + timedelta(days=random.randrange(16_000))
    agreed = random.random()
    traits = {
        "name": name,
        "first_name": first,
        "email": f"demo{number:03d}@example.com",
        "phone": phone.replace(" ", ""),
        "locale": "ko-KR" if korean else "en",
        "timezone": zone,
        "push_token": f"demo-device-{number:04d}" if random.random() < 0.7 else None,
        "birthday": born.isoformat() if random.random() < 0.75 else None,
        "consents": {"email": agreed < 0.85, "sms": agreed < 0.5, "push": agreed < 0.7, "push:night": agreed < 0.2},
    }
    return {name: value for name, value in traits.items() if value is not None}


def _life(random: Random, habits: Habits, number: int, korean: bool) -> Iterator[Act]:
    orders, visit, gap = 0, 0, DAY * random.expovariate(1 / 2.5)
    while True:
        visit += 1
        bought = False
        for act in _visit(random, habits, f"c{number:03d}-{visit}", korean):
            bought = bought or act.event == "Order Completed"
            yield Act(act.after + gap, act.event, act.properties)
            gap = timedelta(0)
        orders += bought
        if bought:
            yield from _afterwards(random)
        gap = DAY * max(0.3, random.gauss(habits.every, habits.every / 3))
        if orders and orders % habits.leaves_after == 0 and (bought or random.random() < 0.3):
            gap = DAY * random.uniform(*habits.silence)
            if random.random() < habits.returns:
                yield from _order(random, f"c{number:03d}-{visit}r", korean, gap)
                orders += 1
                gap = DAY * habits.every


def _visit(random: Random, habits: Habits, cart: str, korean: bool) -> Iterator[Act]:
    """A look around, perhaps a cart, perhaps an order: at once, hours later, or never."""
    chosen = random.sample(PRODUCTS, random.randint(1, 3))
    for product in chosen:
        yield Act(MINUTE * random.uniform(1, 4), "Product Viewed", _item(product, korean))
    if random.random() >= habits.fills:
        return
    for product in chosen[: random.randint(1, 2)]:
        yield Act(MINUTE * random.uniform(1, 5), "Product Added", {"cart_id": cart, **_item(product, korean)})
    yield Act(MINUTE, "Cart Viewed", {"cart_id": cart})
    buys = random.random() < habits.buys
    if random.random() < 0.45:  # left behind for now: after an hour they are reminded
        yield Act(timedelta(hours=random.uniform(2, 20)), "Cart Viewed", {"cart_id": cart})
    if buys or random.random() < 0.3:
        yield Act(MINUTE * 3, "Checkout Started", {"cart_id": cart, "revenue": _total(chosen)})
    if buys:
        yield Act(MINUTE * random.uniform(2, 8), "Order Completed", _receipt(cart, chosen, korean))


def _order(random: Random, cart: str, korean: bool, after: timedelta) -> Iterator[Act]:
    """Somebody who has been away comes straight to the point."""
    chosen = random.sample(PRODUCTS, 1)
    yield Act(after, "Product Viewed", _item(chosen[0], korean))
    yield Act(MINUTE * 4, "Product Added", {"cart_id": cart, **_item(chosen[0], korean)})
    yield Act(MINUTE * 2, "Checkout Started", {"cart_id": cart, "revenue": _total(chosen)})
    yield Act(MINUTE * 3, "Order Completed", _receipt(cart, chosen, korean))


def _afterwards(random: Random) -> Iterator[Act]:
    """A review, a complaint that is settled, a consent withdrawn: now and then."""
    chance = random.random()
    if chance < 0.25:
        yield Act(DAY * random.uniform(2, 5), "Product Reviewed", {"rating": random.choice((3, 4, 4, 5, 5, 5))})
    elif chance < 0.32:
        yield Act(DAY * 2, "", {"open_complaint": True})
        yield Act(DAY * random.uniform(1, 4), "", {"open_complaint": False})
    elif chance < 0.35:
        yield Act(DAY, "", {"consents": {"push": False, "push:night": False}})


def _item(product: tuple[str, str, str, str, int], korean: bool) -> dict[str, Any]:
    key, ko, en, category, price = product
    words = {"name": ko, "category": category} if korean else {"name": en, "category": CATEGORY_EN[category]}
    url = f"https://shop.example/{key}"
    return {"product_id": key, **words, "price": price, "quantity": 1, "currency": "KRW", "url": url}


def _total(chosen: list[tuple[str, str, str, str, int]]) -> int:
    return sum(product[4] for product in chosen)


def _receipt(cart: str, chosen: list[tuple[str, str, str, str, int]], korean: bool) -> dict[str, Any]:
    items = [_item(product, korean) for product in chosen]
    return {
        "order_id": f"o-{cart}",
        "cart_id": cart,
        "revenue": _total(chosen),
        "currency": "KRW",
        "category": items[0]["category"],
        "products": items,
    }
