"""What a user can set about the API; none of it can be changed through the API."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class ApiSettings(BaseModel):
    """Pictures that are given as addresses, under A1111's keys; off until somebody wants it, where A1111 has it on."""

    model_config = ConfigDict(frozen=True)

    api_enable_requests: bool = Field(
        False, title="Allow http:// and https:// URLs for input images in API", json_schema_extra={"restrict_api": True}
    )
    api_forbid_local_requests: bool = Field(
        True,
        title="Forbid URLs to local resources",
        description="This machine and its network.",
        json_schema_extra={"restrict_api": True, "guarded": True},
    )
    api_useragent: str = Field("", max_length=200, title="User agent for requests", json_schema_extra={"restrict_api": True})
