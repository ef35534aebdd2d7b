"""What can be set about model files, and the request of the job that downloads one."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from app.api import Value

KIND = "download_model"
PREFIX = "/paintbox/v1/models"
ASKED_AT = f"{PREFIX}/downloads"
SHA256 = "^([0-9a-fA-F]{64})?$"


class ModelFileSettings(BaseModel):
    """Tokens and rules of downloads; in the file of settings, which never leaves this machine."""

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
    model_download_http: bool = Field(
        False,
        title="Download model files over http:// too",
        description="Anybody between the server and this machine could exchange such a file; give its sha256 with the address.",
        json_schema_extra={"restrict_api": True},
    )
    model_download_private: bool = Field(
        False,
        title="Download model files from addresses of the local network too",
        description="Otherwise nobody can make this machine ask others that only it can reach.",
        json_schema_extra={"restrict_api": True},
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
