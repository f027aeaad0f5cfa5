"""One Brand Message of each of the eight bubbles, as an author writes it, complete and within Kakao's limits."""

from typing import Any

LINK = "https://shop.example/spring"
PICTURE = "https://shop.example/spring.jpg"
BUTTON = {"kind": "WL", "name": "보러 가기", "link_mobile": LINK}
COUPON = {"title": "3000원 할인 쿠폰", "text": "봄맞이 할인", "link": LINK}
PRODUCT = {"title": "봄 원피스", "price": "39000", "sale_price": "29,000", "percent_off": "25"}

BUBBLES: dict[str, dict[str, Any]] = {
    "TEXT": {"body": "봄 신상품이 나왔습니다", "buttons": [BUTTON], "coupon": COUPON},
    "IMAGE": {"body": "봄 신상품", "image": PICTURE, "image_link": LINK, "buttons": [BUTTON]},
    "WIDE": {"body": "봄 신상품", "image": PICTURE, "buttons": [BUTTON]},
    "WIDE_ITEM_LIST": {
        "header": "이번 주 인기 상품",
        "items": [{"title": f"상품 {n}", "image": PICTURE, "link": LINK} for n in range(1, 5)],
        "buttons": [BUTTON],
    },
    "PREMIUM_VIDEO": {
        "header": "봄 화보",
        "body": "영상으로 만나 보세요",
        "video": {"url": "https://tv.kakao.com/v/123456", "image": PICTURE},
        "buttons": [BUTTON],
    },
    "COMMERCE": {"image": PICTURE, "product": PRODUCT, "extra": "무료 배송", "buttons": [BUTTON], "coupon": COUPON},
    "CAROUSEL_FEED": {
        "cards": [
            {"header": f"소식 {n}", "text": "자세히 보기", "image": PICTURE, "buttons": [BUTTON]} for n in range(1, 4)
        ],
        "more": LINK,
    },
    "CAROUSEL_COMMERCE": {
        "intro": {"header": "봄 기획전", "text": "최대 25% 할인", "image": PICTURE, "link": LINK},
        "goods": [
            {"image": PICTURE, "product": PRODUCT, "extra": "무료 배송", "buttons": [BUTTON], "coupon": COUPON}
            for _ in range(2)
        ],
        "more": LINK,
    },
}
"""By the name of the bubble, its words without the name."""


def words_of(bubble: str) -> dict[str, Any]:
    """The words of a bubble, as a template has them."""
    return {"bubble": bubble, **BUBBLES[bubble]}
