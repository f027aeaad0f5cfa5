"""What has to be known to send by NHN Cloud."""

from typing import Self

from pydantic import BaseModel, Field, SecretStr, model_validator

from activities.channels.contract import ConfigFault
from orchestrator.core.channels.kinds.kakao import TARGETING_TEXT, Targeting
from orchestrator.core.labels import labelled
from orchestrator.core.text import Text

TITLE = Text("NHN Cloud", "NHN Cloud")
CARRIES = frozenset({"sms", "alimtalk", "kakao_brand"})


class Config(BaseModel):
    """Keys of the two products; one is enough."""

    kakao_app_key: str = Field(
        "",
        pattern=r"^\w*$",
        json_schema_extra=labelled(
            "App key of KakaoTalk Bizmessage",
            "KakaoTalk Bizmessage Appkey",
            help=("Needed for Alimtalk and Brand Message.", "알림톡과 브랜드 메시지에 필요합니다."),
        ),
    )
    kakao_secret_key: SecretStr = Field(
        SecretStr(""),
        json_schema_extra=labelled("Secret key of KakaoTalk Bizmessage", "KakaoTalk Bizmessage SecretKey"),
    )
    sender_key: str = Field("", json_schema_extra=labelled("Sender key of the Kakao channel", "카카오 발신 키"))
    targeting: Targeting = Field(
        "I",
        json_schema_extra=labelled(
            "Brand Message goes to",
            "브랜드 메시지 대상",
            options=TARGETING_TEXT,
            help=(
                "M and N only for channels that Kakao has approved, with evidence of consent.",
                "M과 N은 카카오가 승인한 채널만, 수신 동의 증빙이 있어야 합니다.",
            ),
        ),
    )
    sms_app_key: str = Field(
        "",
        pattern=r"^\w*$",
        json_schema_extra=labelled(
            "App key of SMS",
            "SMS Appkey",
            help=("Needed for text messages.", "문자 발송에 필요합니다."),
        ),
    )
    sms_secret_key: SecretStr = Field(SecretStr(""), json_schema_extra=labelled("Secret key of SMS", "SMS SecretKey"))
    sms_sender: str = Field(
        "",
        pattern=r"^[0-9-]*$",
        json_schema_extra=labelled(
            "Sender number",
            "발신번호",
            help=("Registered with NHN Cloud.", "NHN Cloud에 등록한 번호입니다."),
        ),
    )
    webhook_signature: SecretStr = Field(
        SecretStr(""),
        json_schema_extra=labelled(
            "Webhook signature",
            "웹훅 서명",
            help=(
                "As entered at NHN Cloud with the callback address. Without it reports are refused.",
                "NHN Cloud 웹훅 설정에 입력한 서명. 없으면 결과를 받지 않습니다.",
            ),
        ),
    )
    rate_per_second: float | None = Field(
        None,
        gt=0,
        json_schema_extra=labelled("Messages per second at most", "초당 최대 발송 수", advanced=True),
    )
    kakao_address: str = Field(
        "https://kakaotalk-bizmessage.api.nhncloudservice.com",
        pattern=r"^https?://[^\s/]+$",
        json_schema_extra=labelled("Address of the Kakao API", "카카오 API 주소", advanced=True),
    )
    sms_address: str = Field(
        "https://api-sms.cloud.toast.com",
        pattern=r"^https?://[^\s/]+$",
        json_schema_extra=labelled("Address of the SMS API", "SMS API 주소", advanced=True),
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.kakao_app_key and not self.sms_app_key:
            raise ConfigFault(
                "An app key of KakaoTalk Bizmessage or of SMS is needed.",
                "KakaoTalk Bizmessage 또는 SMS Appkey가 필요합니다.",
            )
        if self.kakao_app_key and not (self.kakao_secret_key.get_secret_value() and self.sender_key):
            raise ConfigFault(
                "KakaoTalk Bizmessage needs its secret key and the sender key.",
                "KakaoTalk Bizmessage에는 SecretKey와 발신 키가 필요합니다.",
            )
        if self.sms_app_key and not (self.sms_secret_key.get_secret_value() and self.sms_sender):
            raise ConfigFault(
                "SMS needs its secret key and the sender number.", "SMS에는 SecretKey와 발신번호가 필요합니다."
            )
        return self
