"""Settings of where uploaded pictures and the columns of reports are kept: part of
:class:`orchestrator.settings.Settings`."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings


class MediaSettings(BaseSettings):
    """Pictures: a folder, or a bucket of S3 or a service that speaks as it does. Columns: a folder."""

    media_store: str = Field(
        default="",
        description="Where uploaded pictures are kept: a folder that every API process sees, or `s3://bucket/prefix`. "
        "Empty: the folder `media` in the data folder.",
    )
    media_s3_endpoint: str = Field(
        default="", description="URL of an S3-compatible service, such as MinIO or R2. Empty: Amazon's."
    )
    media_s3_region: str = Field(default="us-east-1", min_length=1, description="Region of the bucket.")
    media_s3_key_id: str = Field(
        default="",
        repr=False,
        description="Access key id for the bucket. Empty: what the machine is allowed (environment, instance role).",
    )
    media_s3_secret: SecretStr = Field(default=SecretStr(""), description="Secret access key for the bucket.")

    columns_dir: str = Field(
        default="",
        description="Folder of the columns (Parquet) that reports are counted from. Every worker and every API process "
        "needs it; one that does not see it counts in the database. Empty: the folder `columns` in the data folder.",
    )

    @field_validator("columns_dir")
    @classmethod
    def _folder(cls, value: str) -> str:
        return str(Path(value).expanduser().absolute()) if value else value

    @field_validator("media_store")
    @classmethod
    def _folder_or_bucket(cls, value: str) -> str:
        """A folder becomes an absolute one: a child process may have another working directory."""
        if value.startswith("s3://"):
            if not urlsplit(value).netloc:
                raise ValueError("must name a bucket: s3://bucket or s3://bucket/prefix")
            return value.rstrip("/")
        if "://" in value:
            raise ValueError("must be a folder or s3://bucket/prefix")
        return str(Path(value).expanduser().absolute()) if value else value
