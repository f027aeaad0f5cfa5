"""Numbers, dates and lists as each language writes them (Unicode's CLDR by Babel).

The patterns are messages too (context ``format``), so that a language may write a date in an order of its own.
"""

from datetime import date, datetime, time
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal

from orchestrator.core.locale.catalogue import load

Number = int | float | Decimal


@cache
def _babel(locale: str) -> Locale:
    return Locale.parse(locale, sep="-")


def pattern(locale: str, name: str) -> str:
    """A date or number pattern of a language. An unknown name is a mistake of ours: KeyError."""
    forms = load(locale).forms("format", name)
    if forms is None:
        raise KeyError(name)
    return forms[0]


def number(value: Number, locale: str, decimals: str = "#,##0.###") -> str:
    """In groups, with the language's own marks; by default up to three decimals, where there are any."""
    return format_decimal(value, format=decimals, locale=_babel(locale))


def moment(at: datetime | date | time, locale: str, name: str) -> str:
    """A date, a time or both by one of the catalogue's patterns, such as ``minute``; on the clock that they are of."""
    said = pattern(locale, name)
    if isinstance(at, datetime):
        return format_datetime(at, said, locale=_babel(locale))
    if isinstance(at, date):
        return format_date(at, said, locale=_babel(locale))
    return format_time(at, said, locale=_babel(locale))


def country_name(code: str, locale: str) -> str:
    """What a language calls a country, by ISO 3166: KR is 대한민국 in Korean. The code itself where nobody knows it."""
    return str(_babel(locale).territories.get(code.upper(), code))


def language_name(code: str, locale: str) -> str:
    """What a language calls another: English is 영어 in Korean. The code itself where nobody knows it."""
    try:
        return Locale.parse(code, sep="-").get_display_name(_babel(locale)) or code
    except ValueError:
        return code


def share(value: Number, locale: str) -> str:
    """A part of a whole, 0 to 1, as a percentage; one decimal where there is any."""
    return format_decimal(value, format="#,##0.#%", locale=_babel(locale))


def money(value: Number, currency: str, locale: str) -> str:
    """With the currency's own sign and decimals; its code where it has no sign."""
    return format_currency(value, currency, locale=_babel(locale))
