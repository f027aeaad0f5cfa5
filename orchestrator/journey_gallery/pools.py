"""The coupon pools that journeys of the gallery take from: what a workspace makes before it publishes them."""

from collections.abc import Mapping

from orchestrator.core.coupons.pool import PoolDocument

POOLS: Mapping[str, PoolDocument] = {
    key: PoolDocument.model_validate(document)
    for key, document in {
        "welcome": {
            "name": {"ko": "가입 환영 쿠폰", "en": "Welcome coupon"},
            "worth": {"ko": "첫 구매 10% 할인", "en": "10% off the first order"},
            "percent": "10",
            "valid_days": 14,
            "pattern": {"prefix": "WELCOME"},
        },
        "win-back": {
            "name": {"ko": "다시 모시기 쿠폰", "en": "Win-back coupon"},
            "worth": {"ko": "5,000원 할인", "en": "5,000 won off"},
            "amount": "5000",
            "currency": "KRW",
            "valid_days": 30,
            "pattern": {"prefix": "BACK"},
        },
        "review-thanks": {
            "name": {"ko": "후기 감사 쿠폰", "en": "Review coupon"},
            "worth": {"ko": "다음 주문 3,000원 할인", "en": "3,000 won off the next order"},
            "amount": "3000",
            "currency": "KRW",
            "valid_days": 30,
            "pattern": {"prefix": "REVIEW"},
        },
    }.items()
}
