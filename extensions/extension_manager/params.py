"""Settings of the Extensions tab."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

LAST = 1000
SECTION = "extensions"
INDEX = "https://raw.githubusercontent.com/AUTOMATIC1111/stable-diffusion-webui-extensions/master/index.json"
INDEX_VARIABLE = "WEBUI_EXTENSIONS_INDEX"
ALLOWED_SCRIPTS = "extensions_allowed_scripts"


class ExtensionSettings(BaseModel):
    """Where extensions come from, and what was allowed to those written for A1111."""

    model_config = ConfigDict(frozen=True)

    extensions_index: str = Field(
        INDEX,
        title="Extensions index",
        description="JSON list of extensions in A1111's form: an https address, or a file in the data folder; set in config.json only,"
        f" because who may change settings may not install. The environment variable {INDEX_VARIABLE} wins.",
        json_schema_extra={"hidden": True, "restrict_api": True},
    )
    extensions_allowed_scripts: list[str] = Field(
        [],
        title="Allowed JavaScript",
        description="Extensions for A1111 whose JavaScript runs in the page, each with the state of its files that was allowed.",
        json_schema_extra={"hidden": True, "restrict_api": True},
    )


WORDS = (
    *("none", "extra", "all", "extensions", "webui", "both", "hide", "show", "or", "and"),
    *("newest first", "oldest first", "internal order", "update time", "create time", "stars"),
    *(
        "built-in",
        "Built-in",
        "failed",
        "failed in part",
        "written for A1111",
        "latest",
        "new commits",
        "unknown",
        "conflict",
        "needs packages",
    ),
    *("active", "disabled", "quarantined", "used", "not run", "new", "changed", "gone", "not there", "another value", "not in use"),
    *("asks other machines", "writes files", "runs other programs", "nothing beside its hooks"),
    *("{}  before enabling {}", "{}  before disabling {}", "{}  before switching {}", "{}  before removing {}", "{}  before restoring {}"),
    *("{}  before install of {}", "{}  before update of {}", "{}  before packages of {}", "Files"),
    *("Style presets", "Tag lists", "Scripts of the page", "Style sheet", "Command-line flags", "Lists of Python packages"),
)
"""What choices, states and kinds are called on the page."""
