"""`assent skin new` and `assent skin check`: making a skin, and finding everything that is wrong with one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assent.cli.output import AsJson, complain, example, printable, remark, say, show_json

if TYPE_CHECKING:
    from assent.web.skins.findings import Finding

app = typer.Typer(help="Make and check skins.", no_args_is_help=True, rich_markup_mode=None)


@app.command(
    "new",
    epilog=example(
        "assent skin new skins/st-elsewhere",
        "assent skin new skins/kids --from little-oaks",
        "assent skin new skins/own --template login.html --template approve.html",
    ),
)
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to make it; new or empty.")],
    source: Annotated[
        str,
        typer.Option("--from", metavar="NAME", help="default, or an example: county-health, little-oaks."),
    ] = "default",
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Its name, a-z, 0-9 and -; the folder's by default.")
    ] = None,
    template: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="A template of ours to begin with; may be repeated."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a skin that works at once, with a word on everything that can be changed."""
    from assent.web.skin_check.contract import CONTRACT
    from assent.web.skins.new import make_skin

    named = name if name is not None else folder.resolve().name.lower().replace("_", "-")
    made = make_skin(folder, named, CONTRACT, source, tuple(template or ()))
    if as_json:
        show_json({"skin": named, "folder": str(folder), "made": [str(path) for path in made]})
        return
    for path in made:
        say(f"made  {path}")
    remark("")
    remark(
        f'Next: [skin] folder = "{folder}" in assent.toml, assent skin check {folder}, start the server anew'
    )


@app.command(
    "check", epilog=example("assent skin check skins/st-elsewhere", "assent skin check skins/kids --json")
)
def check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The skin's folder.")], as_json: AsJson = False
) -> None:
    """Draw every page of a skin with made-up content, in every language, and name all that is wrong at once."""
    from assent.web.skin_check.check import check_skin

    report = check_skin(folder)
    if as_json:
        show_json(
            {
                "skin": report.name,
                "mistakes": [_shown(one) for one in report.mistakes],
                "warnings": [_shown(one) for one in report.warnings],
            }
        )
    else:
        complain([str(one) for one in report.mistakes])
        for warning in report.warnings:
            say(f"warning  {printable(str(warning))}")
        if not report.mistakes:
            say(f"{folder}: no mistakes, {len(report.warnings)} warnings")
    raise typer.Exit(1 if report.mistakes else 0)


def _shown(finding: "Finding") -> dict[str, Any]:
    return {"file": finding.file, "line": finding.line, "text": finding.text}
