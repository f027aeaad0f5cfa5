"""What NHN Cloud's codes mean to us: of its APIs while a message is handed over, of Kakao and of carriers afterwards.

Sources: NHN Cloud, KakaoTalk Bizmessage, error codes and delivery results; SMS, result codes. The same number means one
thing of Kakao's results and another of carriers'.
"""

from datetime import timedelta

from activities.channels.contract import (
    Ambiguous,
    CallbackKind,
    DefinitionError,
    DeliveryError,
    OptedOut,
    Rejected,
    Temporary,
    Unreachable,
)

ACCEPTED_BEFORE = -1005
"""Of Alimtalk: the same idempotency key within ten minutes. Refused, not answered again: the first call was heard."""
OF_THE_ACCOUNT = frozenset({-1000, -1001, -1002, -1003, -1004, -1006, -1007, -1008, -1019, -1027, -9995, -9996, -9998})
"""Codes that have nothing to do with any message: keys, profiles, blocked projects."""

_UNREACHABLE = frozenset({-2018, -2019})
_OPTED_OUT = frozenset({-3301, -6001})
_REJECTED = frozenset({-2015, -2023, -2024, -8008})

_KAKAO_OPEN = frozenset({"", "3005", "3012", "4000", "4001", "4161", "9998", "9999"})
"""Not known yet, or not surely: a message that Kakao stores may still arrive within three days."""
_KAKAO_UNREACHABLE = frozenset({"1020", "3008", "3018", "3019", "3020", "3021"})
_KAKAO_NOBODY = frozenset({"1020", "3008"})
_SMS_UNREACHABLE = frozenset(
    {"1002", "2003", "2004", "2005", "2007", "3001", "3003", "3004", "3005", "3006", "3008", "3010"}
)
_SMS_NOBODY = frozenset({"1002", "3001", "3003"})
_ON_ITS_WAY = frozenset({"1", "2", "7", "RESERVED", "SENDING", "RESEND_AD"})


def error_of(code: int) -> DeliveryError:
    """Why one message was not taken. A code that we do not know stops the step: somebody should look."""
    raw, said = {"resultCode": code}, f"NHN Cloud {code}"
    if code in _OPTED_OUT:
        return OptedOut(said, raw)
    if code in _UNREACHABLE:
        return Unreachable(said, raw)
    if code in _REJECTED:
        return Rejected(said, raw)
    if code == -2021:
        return Temporary(said, timedelta(seconds=5), raw)
    if code == -9999:
        return Ambiguous(said, raw)
    return DefinitionError(said, raw)


def kakao_callback_kind(code: str) -> CallbackKind:
    """What a result says of an Alimtalk or a Brand Message."""
    if code in ("1000", "MRC01"):
        return "delivered"
    if code in _KAKAO_OPEN:
        return "accepted"
    return "unreachable" if code in _KAKAO_UNREACHABLE else "failed"


def carrier_callback_kind(code: str, status: str) -> CallbackKind:
    """What a result says of a text message. ``status``: of lists a digit, of webhooks a word."""
    if code == "1000" or (not code and status in ("3", "COMPLETED")):
        return "delivered"
    if not code and (not status or status in _ON_ITS_WAY):
        return "accepted"
    return "unreachable" if code in _SMS_UNREACHABLE else "failed"


def lasting(kakao: bool, code: str) -> bool:
    """Whether nobody will ever be reached at that number."""
    return code in (_KAKAO_NOBODY if kakao else _SMS_NOBODY)
