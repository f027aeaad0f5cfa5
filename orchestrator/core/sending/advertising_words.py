"""Words by which a text looks like advertising, whatever class its author gave it.

A hint, not a judgement: mixed content counts as advertising under the Korean Network Act (Article 50), and the usual
way to get there is a coupon added to a notice. False alarms cost a look; silence may cost a fine.
"""

import re

_SIGNS = re.compile(
    r"할인|쿠폰|세일|특가|프로모션|기획전|사은품|경품|증정|최저가|파격|핫딜|적립금?\s{0,9}(?:지급|증정|2배|두\s{0,9}배)|1\s{0,9}\+\s{0,9}1"
    r"|\d{1,4}\s{0,9}%\s{0,9}(?:off|할인|적립)|\bsale\b|\bdiscounts?\b|\bcoupons?\b|\bpromo(?:tions?|s)?\b|\bvouchers?\b|\bgiveaway\b"
    r"|\bspecial offer\b|\blimited[- ]time\b|\bfree gift\b|\bsave \d+\b|\bbuy one\b|\bhot deals?\b",
    re.IGNORECASE,
)


def looks_like_advertising(text: str) -> str | None:
    """The first word in it that does, as it is written; None where none does."""
    found = _SIGNS.search(text)
    return found[0].strip() if found else None
