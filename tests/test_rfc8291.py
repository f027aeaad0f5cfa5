"""The receiver's side of web push against the RFC's own example, before it is believed about anything else."""

import pytest

from tests.rfc8291 import NotReadable, Receiver, decoded, point, private_key

# RFC 8291, section 5 and appendix A.
TEXT = b"When I grow up, I want to be a watermelon"
SENDER_PUBLIC = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
RECEIVER_PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
RECEIVER = Receiver(
    private_key(decoded("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")), decoded("BTBZMqHH6r4Tts7J_aSIgg")
)
BODY = decoded(
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
    "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
    "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_the_keys_are_the_examples() -> None:
    assert point(RECEIVER.key.public_key()) == decoded(RECEIVER_PUBLIC)
    shared = decoded("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs")
    content_key, nonce = RECEIVER._keys(shared, decoded(SENDER_PUBLIC), decoded("DGv6ra1nlYgDCS1FRnbzlw"))
    assert content_key == decoded("oIhVW04MRdy2XN9CiKLxTg")
    assert nonce == decoded("4h_95klXJ5E_qnoN")


def test_the_message_is_the_examples() -> None:
    assert RECEIVER.read(BODY) == TEXT


@pytest.mark.parametrize("at", [0, 15, 19, 20, 21, 60, 86, 100, -1])
def test_a_message_that_was_changed_anywhere_is_not_read(at: int) -> None:
    changed = bytearray(BODY)
    changed[at] ^= 1
    if at == 19:  # a larger record size is still none that is exceeded
        assert RECEIVER.read(bytes(changed)) == TEXT
        return
    with pytest.raises(NotReadable):
        RECEIVER.read(bytes(changed))


@pytest.mark.parametrize("body", [b"", b"short", BODY[:21], BODY[:86], BODY[:-1]])
def test_half_a_message_is_none(body: bytes) -> None:
    with pytest.raises(NotReadable):
        RECEIVER.read(body)


def test_another_receiver_reads_nothing() -> None:
    with pytest.raises(NotReadable):
        Receiver().read(BODY)
    with pytest.raises(NotReadable):
        Receiver(RECEIVER.key).read(BODY)
