"""``sojourn pull``, ``plan``, ``push`` and ``diff``: journeys, segments and templates as files in git."""

import difflib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.commands.as_code.folder import Folder, UnreadableFile
from orchestrator.commands.as_code.planning import PULLED, PUSHED, Compared, compare
from orchestrator.commands.as_code.report import STATES, Item, item_of, markdown, told
from orchestrator.commands.as_code.resources import Changed, ServerProblem, Workspace
from orchestrator.commands.testing.said import Language, fail, locale_of
from orchestrator.core.text import Text
from orchestrator.files.journeys import to_yaml
from orchestrator.settings import SettingsProblem, load_settings

pull_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
plan_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
push_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
diff_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
Path_ = Annotated[Path, typer.Argument(file_okay=False, help="The folder of the files.")]
Server = Annotated[str, typer.Option(envvar="SOJOURN_SERVER", help="Address of Sojourn; else this machine's.")]
Token = Annotated[str, typer.Option(envvar="SOJOURN_TOKEN", help="An API token that may draw; else this machine's.")]
HERE = Path()


def _connected(server: str, token: str, locale: str) -> Workspace:
    """The workspace asked for; of this machine, where nothing is said."""
    if server and token:
        return Workspace(server, token, locale)
    try:
        settings = load_settings()
    except SettingsProblem as problem:
        fail([str(problem)])
    return Workspace(server or settings.public_url, token or settings.admin_token.get_secret_value(), locale)


def _within(folder: Path, server: str, token: str, lang: str, work: Callable[[Folder, Workspace, str], int]) -> None:
    locale = locale_of(lang)
    with _connected(server, token, locale) as workspace:
        try:
            code = work(Folder(folder), workspace, locale)
        except (ServerProblem, UnreadableFile) as problem:
            fail([str(problem)])
    if code:
        raise typer.Exit(code)


@pull_app.command()
def pull(folder: Path_ = HERE, server: Server = "", token: Token = "", lang: Language = "") -> None:
    """Bring files up to the workspace. What was changed here stays; where both sides were changed, what the workspace
    has is laid beside it as KEY.theirs.yaml: put the two together, and delete that file. Ends with 1 then."""
    _within(folder, server, token, lang, _pull)


def _pull(folder: Folder, workspace: Workspace, locale: str) -> int:
    conflicts = 0
    for one in compare(folder, workspace):
        if one.theirs is None:
            continue
        if one.state in PULLED:
            folder.write(one.kind, one.key, one.theirs.document)
        elif one.state == "conflict":
            conflicts += 1
            beside = folder.lay_beside(one.kind, one.key, one.theirs.document, one.theirs.revision)
            typer.echo(f"{one.kind}/{one.key}: {STATES[one.state].to(locale)} ({beside})")
        if one.state in ("same", *PULLED):
            folder.agree(one.kind, one.key, one.theirs.document, one.theirs.revision)
        if one.state in PULLED:
            typer.echo(f"{one.kind}/{one.key}: {Text('pulled').to(locale)}")
    folder.save()
    return 1 if conflicts else 0


@plan_app.command()
def plan(
    folder: Path_ = HERE,
    server: Server = "",
    token: Token = "",
    as_markdown: Annotated[bool, typer.Option("--markdown", help="As a comment on a pull request.")] = False,
    lang: Language = "",
) -> None:
    """Say what a push would do: steps added, changed and removed, who stands in them, all that is wrong and where.
    Ends with 1 where something could not be pushed."""

    def work(of: Folder, workspace: Workspace, locale: str) -> int:
        items = [item_of(of, workspace, one, locale) for one in compare(of, workspace)]
        typer.echo(markdown(items, locale) if as_markdown else _text(items, locale))
        return 1 if any(item.stops for item in items) else 0

    _within(folder, server, token, lang, work)


def _text(items: Sequence[Item], locale: str) -> str:
    shown = [line for item in items if item.compared.state != "same" for line in told(item, locale)]
    return "\n".join(shown) if shown else Text("Nothing would change.").to(locale)


@push_app.command()
def push(
    folder: Path_ = HERE,
    server: Server = "",
    token: Token = "",
    publish: Annotated[bool, typer.Option("--publish", help="Publish what was pushed.")] = False,
    lang: Language = "",
) -> None:
    """Save what was changed here as drafts of the workspace, over just what was there when it was pulled.

    Where somebody else was ahead, or a file has errors, nothing at all is pushed, and it ends with 1."""
    _within(folder, server, token, lang, lambda of, there, locale: _push(of, there, locale, publish))


def _push(folder: Folder, workspace: Workspace, locale: str, publish: bool) -> int:
    found = compare(folder, workspace)
    items = [item_of(folder, workspace, one, locale) for one in found]
    stopping = [item for item in items if item.stops]
    if stopping:
        for item in stopping:
            typer.echo("\n".join(told(item, locale)), err=True)
        return 1
    for one in found:
        if one.own is None or one.state not in PUSHED:
            continue
        try:
            revision = _carried(workspace, one)
        except Changed:
            folder.save()
            typer.echo(f"{one.kind}/{one.key}: {STATES['conflict'].to(locale)}", err=True)
            return 1
        folder.agree(one.kind, one.key, one.own, revision)
        folder.save()  # after each, so that what was pushed is known to be, whatever happens to the next
        if publish:
            workspace.publish(one.kind, one.key)
        typer.echo(f"{one.kind}/{one.key}: {Text('pushed').to(locale)}")
    return 0


def _carried(workspace: Workspace, one: Compared) -> int:
    own = dict(one.own or {})
    if one.theirs is None:
        return workspace.create(one.kind, one.key, own)
    return workspace.save(one.kind, one.key, own, one.theirs.revision)


@diff_app.command()
def diff(folder: Path_ = HERE, server: Server = "", token: Token = "", lang: Language = "") -> None:
    """Show what differs between the files and the workspace, line by line. Ends with 1 where anything does."""

    def work(of: Folder, workspace: Workspace, _: str) -> int:
        lines: list[str] = []
        for one in compare(of, workspace):
            before = to_yaml(one.theirs.document) if one.theirs else ""
            after = to_yaml(dict(one.own)) if one.own is not None else ""
            name = f"{one.kind}/{one.key}.yaml"
            lines += difflib.unified_diff(
                before.splitlines(), after.splitlines(), f"workspace/{name}", name, lineterm="", n=2
            )
        typer.echo("\n".join(lines))
        return 1 if lines else 0

    _within(folder, server, token, lang, work)
