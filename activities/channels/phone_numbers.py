"""Phone numbers as Korean providers write them."""

import phonenumbers

from activities.channels.contract import Unreachable

KOREA = "82"


def national(number: str) -> tuple[str, str]:
    """An E.164 number as country code and national number: ``+821012345678`` is ``82`` and ``01012345678``.

    Raises ``Unreachable`` for one that no network can have.
    """
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        raise Unreachable("not a phone number") from None
    if not phonenumbers.is_possible_number(parsed):
        raise Unreachable("not a phone number")
    prefix = "0" if parsed.country_code == int(KOREA) else ""
    return str(parsed.country_code), prefix + phonenumbers.national_significant_number(parsed)


def international(number: str, country: str = KOREA) -> str:
    """The way back: a number as a provider writes it, as E.164."""
    digits = "".join(digit for digit in number if digit.isdecimal())
    return "+" + digits if digits.startswith(country) else f"+{country}{digits.removeprefix('0')}"
