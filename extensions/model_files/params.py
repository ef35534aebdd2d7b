"""What can be set about model files, and the request of the job that downloads one."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from app.api import Value

KIND = "download_model"
PREFIX = "/paintbox/v1/models"
HTTP_FLAG, PRIVATE_FLAG, PROXY_FLAG = "model-download-http", "model-download-private", "model-download-proxy"
ASKED_AT = f"{PREFIX}/downloads"
SHA256 = "^([0-9a-fA-F]{64})?$"


class ModelFileSettings(BaseModel):
    """Tokens of sites; in the file of settings, which never leaves this machine."""

    model_config = ConfigDict(frozen=True)

    huggingface_token: str = Field(
        "",
        title="Token for Hugging Face",
        description="For files that need a login there. It is sent to huggingface.co alone.",
        json_schema_extra={"secret": True, "restrict_api": True},
    )
    civitai_token: str = Field(
        "",
        title="Token for Civitai",
        description="For files that need a login there (API key of your account). It is sent to civitai.com alone.",
        json_schema_extra={"secret": True, "restrict_api": True},
    )


class DownloadRequest(Value):
    """A file by its address, and where it goes; "": by the file's header, and named as its server names it.

    ``folder``: sub-folder below the kind's folder with "/" separators; ``sha256``: what the file must hash to.
    """

    url: str = Field(max_length=4000)
    folder_kind: str = ""
    folder: str = ""
    name: str = ""
    sha256: str = Field("", pattern=SHA256)
