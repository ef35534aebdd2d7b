"""What a user can set of the completion, by the keys of A1111's tag completion extension."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

AUTOMATIC, EVERY, NOTHING = "Automatic", "All", "None"
TAG_FILE = "tac_tagFile"


class AutocompleteSettings(BaseModel):
    """On by itself; the tags are those of a file that the user brings."""

    model_config = ConfigDict(frozen=True)

    tac_active: bool = Field(True, title="Complete what is typed into prompts")
    tac_tagFile: str = Field(
        AUTOMATIC,
        title="Tag filename",
        description='A CSV file (tag, category, count, "aliases") in the folder "tags" of the data folder or of an extension. '
        "Automatic: danbooru.csv, else the first one.",
    )
    tac_maxResults: int = Field(10, ge=1, le=50, title="Maximum results")
    tac_replaceUnderscores: bool = Field(True, title="Replace underscores with spaces on insertion")
    tac_escapeParentheses: bool = Field(True, title="Escape parentheses on insertion")
    tac_appendComma: bool = Field(True, title="Append comma on tag autocompletion")
    tac_useWildcards: bool = Field(True, title="Search for wildcards")
    tac_useEmbeddings: bool = Field(True, title="Search for embeddings")
    tac_useLoras: bool = Field(True, title="Search for LoRAs")
    tac_useHypernetworks: bool = Field(True, title="Search for hypernetworks")
    tac_useStyles: bool = Field(True, title="Search for styles")
