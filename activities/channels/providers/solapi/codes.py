"""What Solapi's status codes mean to us.

Source: https://developers.solapi.com/references/message-status-codes (1xxx: while it was taken in, 2xxx: inside Solapi,
3xxx: at the carrier or Kakao; 2000 and 3000: on its way; 4000: done).
"""

from datetime import timedelta
from typing import Literal

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

Meaning = Literal["accepted", "delivered", "unreachable", "opted_out", "rejected", "definition", "temporary", "failed"]

TOP_UP = timedelta(minutes=5)
"""An empty account is nobody's message's fault: messages wait until it is filled."""
_ON_ITS_WAY = {"2000", "3000"}
_NOBODY_THERE = {"3010", "3032", "3050", "3104"}
_CODES: dict[Meaning, frozenset[str]] = {
    "accepted": frozenset(_ON_ITS_WAY),
    "delivered": frozenset({"4000"}),
    # Not a friend of the channel, not a user, blocked or inactive; no such number, switched off, out of reach, refuses.
    "unreachable": frozenset(
        {
            *_NOBODY_THERE,
            *("1060", "2060", "3041", "3042", "3043", "3044", "3045", "3046", "3047", "3051", "3057", "3060"),
            *("3102", "3107"),
        }
    ),
    "opted_out": frozenset({"1061", "2061"}),
    "rejected": frozenset({"1014", "1028", "1029", "1031", "2254", "3054", "3055"}),
    "definition": frozenset(
        {
            *("1010", "1011", "1013", "1020", "1023", "1025", "1027", "1032", "1033", "1034", "1062", "1064"),
            *(str(code) for code in range(1041, 1054)),
            *("2062", "2063", "2064", "3013", "3059", "3101", "3103", "3105", "3106"),
        }
    ),
    # 1026: the same number twice in a call, of which the other went.
    "temporary": frozenset({"1024", "1026", "1030", "1058", "2024", "2230", "3012", "3024", "3053", "3108"}),
}
_MEANING: dict[str, Meaning] = {code: meaning for meaning, codes in _CODES.items() for code in codes}


def error_of(code: str) -> DeliveryError:
    """Why a message was not taken in. A code that we do not know stops the step: somebody should look."""
    raw, said = {"statusCode": code}, f"Solapi {code}"
    match _MEANING.get(code):
        case "unreachable":
            return Unreachable(said, raw)
        case "opted_out":
            return OptedOut(said, raw)
        case "rejected":
            return Rejected(said, raw)
        case "temporary":
            return Temporary(said, TOP_UP if code in ("1030", "2230") else None, raw)
        case "accepted" | "delivered":
            return Ambiguous(said, raw)
    return DefinitionError(said, raw)


def callback_kind(code: str) -> CallbackKind:
    """What a report says of a message that had been taken in: all but a few codes say that it will not arrive."""
    match _MEANING.get(code):
        case "accepted":
            return "accepted"
        case "delivered":
            return "delivered"
        case "unreachable" | "opted_out":
            return "unreachable"
    return "failed"


def opted_out(code: str) -> bool:
    """Whether it says that the receiver wants no advertising by this channel."""
    return _MEANING.get(code) == "opted_out"


def lasting(code: str) -> bool:
    """Whether nobody will ever be reached there."""
    return code in _NOBODY_THERE
