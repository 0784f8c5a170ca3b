"""Why a template cannot become a message."""

from journeyman.kit.errors import DomainError


class RenderError(DomainError):
    """A template cannot be read, or cannot be rendered for this customer; `mend` says what its author can do."""

    code = "render_failed"

    def __init__(self, detail: str, mend: str) -> None:
        super().__init__(detail)
        self.mend = mend
