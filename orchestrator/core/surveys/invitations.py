"""What a new survey asks, and what the message says that asks it: ready words by kind, to begin with."""

from collections.abc import Mapping
from typing import Any

from orchestrator.core.surveys.questionnaire import SurveyDocument, SurveyKind

_HELLO_KO = "{{ customer.first_name | default('고객') }}님"
_HELLO_EN = "{{ customer.first_name | default('friend') }}"
_LINK = "{{ links.survey }}"


def _invitation(subject: tuple[str, str], preheader: tuple[str, str], ask: tuple[str, str]) -> dict[str, Any]:
    """Content by language, as the settings of a message hold it."""
    return {
        "ko": {
            "subject": subject[0],
            "preheader": preheader[0],
            "body": f"{_HELLO_KO}, 이용해 주셔서 감사합니다.\n\n{ask[0]}\n{_LINK}",
        },
        "en": {
            "subject": subject[1],
            "preheader": preheader[1],
            "body": f"Hello {_HELLO_EN},\n\n{ask[1]}\n{_LINK}",
        },
    }


INVITATIONS: Mapping[SurveyKind, dict[str, Any]] = {
    "nps": _invitation(
        ("저희를 주변에 추천하시겠어요?", "Would you recommend us?"),
        ("0점부터 10점까지, 질문은 하나입니다.", "One question, from 0 to 10."),
        (
            "가족이나 친구에게 저희를 추천하실 마음은 몇 점인가요? 누르면 바로 답할 수 있습니다.",
            "How likely are you to recommend us to family or friends? It takes one tap.",
        ),
    ),
    "csat": _invitation(
        ("이번 이용은 어떠셨나요?", "How was it?"),
        ("만족하신 정도를 골라 주세요.", "Tell us how satisfied you are."),
        (
            "얼마나 만족하셨는지 알려 주세요. 누르면 바로 답할 수 있습니다.",
            "How satisfied are you? It takes one tap.",
        ),
    ),
    "choice": _invitation(
        ("한 가지만 골라 주세요", "One question for you"),
        ("질문은 하나입니다.", "Choose one answer."),
        (
            "한 가지만 골라 주시면 더 알맞은 소식을 준비하겠습니다.",
            "Choose one answer, and we can serve you better.",
        ),
    ),
    "multiple": _invitation(
        ("해당하는 것을 모두 골라 주세요", "One question for you"),
        ("여러 개를 고르실 수 있습니다.", "Choose as many as apply."),
        (
            "해당하는 것을 모두 골라 주시면 더 알맞은 소식을 준비하겠습니다.",
            "Choose all that apply, and we can serve you better.",
        ),
    ),
    "text": _invitation(
        ("의견을 들려주세요", "Tell us what you think"),
        ("한 줄이면 충분합니다.", "One line is enough."),
        (
            "어떤 점이 좋았고 어떤 점이 아쉬웠는지 한 줄이면 충분합니다.",
            "What did you like, and what could be better? One line is enough.",
        ),
    ),
}
"""Content of the message, by kind and language."""

QUESTIONS: Mapping[SurveyKind, dict[str, Any]] = {
    "nps": {
        "name": {"ko": "추천 의향", "en": "Recommendation"},
        "question": {
            "ko": "가족이나 친구에게 저희를 추천하실 마음은 어느 정도인가요?",
            "en": "How likely are you to recommend us to family or friends?",
        },
        "low": {"ko": "전혀 추천하지 않음", "en": "Not at all likely"},
        "high": {"ko": "꼭 추천함", "en": "Very likely"},
        "comment": {"ko": "그 점수를 주신 이유를 들려주세요.", "en": "What is the main reason for your score?"},
        "comment_for": {
            "detractor": {
                "ko": "어떤 점이 불편하셨나요? 담당자가 확인하겠습니다.",
                "en": "What went wrong? A person will read it.",
            }
        },
        "complaint_groups": ["detractor"],
    },
    "csat": {
        "name": {"ko": "만족도", "en": "Satisfaction"},
        "question": {"ko": "이번 이용에 얼마나 만족하셨나요?", "en": "How satisfied are you with your last order?"},
        "low": {"ko": "매우 불만족", "en": "Very dissatisfied"},
        "high": {"ko": "매우 만족", "en": "Very satisfied"},
        "comment": {"ko": "더 하고 싶은 말씀이 있나요?", "en": "Is there anything you would like to add?"},
        "comment_for": {
            "low": {
                "ko": "어떤 점이 불편하셨나요? 담당자가 확인하겠습니다.",
                "en": "What went wrong? A person will read it.",
            }
        },
        "complaint_groups": ["low"],
    },
    "choice": {
        "name": {"ko": "하나 선택", "en": "One choice"},
        "question": {"ko": "저희를 어떻게 알게 되셨나요?", "en": "How did you hear about us?"},
        "options": [
            {"key": "friend", "label": {"ko": "지인 추천", "en": "A friend"}},
            {"key": "search", "label": {"ko": "검색", "en": "A search engine"}},
            {"key": "social", "label": {"ko": "소셜 미디어", "en": "Social media"}},
            {"key": "other", "label": {"ko": "기타", "en": "Something else"}},
        ],
    },
    "multiple": {
        "name": {"ko": "여러 개 선택", "en": "Several choices"},
        "question": {"ko": "어떤 소식을 받고 싶으신가요?", "en": "What would you like to hear about?"},
        "options": [
            {"key": "new", "label": {"ko": "신상품", "en": "New products"}},
            {"key": "sale", "label": {"ko": "할인과 쿠폰", "en": "Sales and coupons"}},
            {"key": "tips", "label": {"ko": "활용 방법", "en": "How to use things"}},
        ],
    },
    "text": {
        "name": {"ko": "의견", "en": "Opinion"},
        "question": {
            "ko": "저희에게 바라는 점을 자유롭게 적어 주세요.",
            "en": "What should we do better? Write as you like.",
        },
    },
}
"""Words of a new survey's document, by kind."""

THANKS = {
    "ko": "보내 주신 응답은 더 나은 서비스를 만드는 데 쓰겠습니다.",
    "en": "Your answer helps us to do better.",
}


def new_document(kind: SurveyKind) -> dict[str, Any]:
    """The document of a new survey, ready to be asked."""
    return {"kind": kind, **QUESTIONS[kind], "thanks": THANKS}


READY: Mapping[str, SurveyDocument] = {
    "satisfaction": SurveyDocument.model_validate(new_document("nps")),
    "after-delivery": SurveyDocument.model_validate(
        {
            **new_document("csat"),
            "name": {"ko": "배송 후 만족도", "en": "After the delivery"},
            "question": {"ko": "받아 보신 상품에 얼마나 만족하셨나요?", "en": "How satisfied are you with your order?"},
        }
    ),
}
"""Surveys that are there from the beginning, so that the gallery's journeys can be published as they are. Once edited,
a survey is the workspace's own."""
