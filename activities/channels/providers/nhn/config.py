"""What has to be known to send by NHN Cloud."""

from typing import Self

from pydantic import BaseModel, Field, SecretStr, model_validator

from activities.channels.contract import ConfigFault
from orchestrator.core.channels.kinds.kakao_limits import TARGETING_TEXT, Targeting
from orchestrator.core.labels import labelled
from orchestrator.core.text import Text

TITLE = Text("NHN Cloud")
SENDER = "sms_sender"
CARRIES = frozenset({"sms", "alimtalk", "kakao_brand"})


class Config(BaseModel):
    """Keys of the two products; one is enough."""

    kakao_app_key: str = Field(
        "",
        pattern=r"^\w*$",
        json_schema_extra=labelled(
            Text("App key of KakaoTalk Bizmessage"),
            help=Text("Needed for Alimtalk and Brand Message."),
        ),
    )
    kakao_secret_key: SecretStr = Field(
        SecretStr(""),
        json_schema_extra=labelled(Text("Secret key of KakaoTalk Bizmessage")),
    )
    sender_key: str = Field("", json_schema_extra=labelled(Text("Sender key of the Kakao channel")))
    targeting: Targeting = Field(
        "I",
        json_schema_extra=labelled(
            Text("Brand Message goes to"),
            options=TARGETING_TEXT,
            help=Text("M and N only for channels that Kakao has approved, with evidence of consent."),
        ),
    )
    sms_app_key: str = Field(
        "",
        pattern=r"^\w*$",
        json_schema_extra=labelled(
            Text("App key of SMS"),
            help=Text("Needed for text messages."),
        ),
    )
    sms_secret_key: SecretStr = Field(SecretStr(""), json_schema_extra=labelled(Text("Secret key of SMS")))
    sms_sender: str = Field(
        "",
        pattern=r"^[0-9-]*$",
        json_schema_extra=labelled(
            Text("Sender number"),
            help=Text("Registered with NHN Cloud."),
        ),
    )
    webhook_signature: SecretStr = Field(
        SecretStr(""),
        json_schema_extra=labelled(
            Text("Webhook signature"),
            help=Text("As entered at NHN Cloud with the callback address. Without it reports are refused."),
        ),
    )
    rate_per_second: float | None = Field(
        None,
        gt=0,
        json_schema_extra=labelled(Text("Messages per second at most"), advanced=True),
    )
    kakao_address: str = Field(
        "https://kakaotalk-bizmessage.api.nhncloudservice.com",
        pattern=r"^https?://[^\s/]+$",
        json_schema_extra=labelled(Text("Address of the Kakao API"), advanced=True),
    )
    sms_address: str = Field(
        "https://api-sms.cloud.toast.com",
        pattern=r"^https?://[^\s/]+$",
        json_schema_extra=labelled(Text("Address of the SMS API"), advanced=True),
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.kakao_app_key and not self.sms_app_key:
            raise ConfigFault(
                Text("An app key of KakaoTalk Bizmessage or of SMS is needed."),
            )
        if self.kakao_app_key and not (self.kakao_secret_key.get_secret_value() and self.sender_key):
            raise ConfigFault(
                Text("KakaoTalk Bizmessage needs its secret key and the sender key."),
            )
        if self.sms_app_key and not (self.sms_secret_key.get_secret_value() and self.sms_sender):
            raise ConfigFault(Text("SMS needs its secret key and the sender number."))
        return self
