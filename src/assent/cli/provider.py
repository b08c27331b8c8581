"""`assent provider …`: OpenID providers elsewhere, where people sign in."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from assent.cli.definitions import File, list_file, read_changes, read_definition, said, show_imported
from assent.cli.input import read_document
from assent.cli.installation import Opened, on_issuer, target_of
from assent.cli.options import taking
from assent.cli.output import AsJson, example, remark, show_done, show_json, show_list, show_thing
from assent.cli.provider_options import ProviderOptions

if TYPE_CHECKING:
    from assent.actions.providers.desk import Desk
    from assent.identity.probing import Step
    from assent.records.providers import Provider

app = typer.Typer(
    help="Manage the providers where people sign in.", no_args_is_help=True, rich_markup_mode=None
)

Name = Annotated[str, typer.Argument(help="The provider's name, as it is in URLs.")]


@app.command(
    "add",
    epilog=example(
        "assent provider add clinic --title 'Clinic account' --issuer https://id.clinic.example \\",
        "    --client-id assent --secret-stdin < secret.txt",
        "assent provider add --file clinic.json",
    ),
)
@taking(ProviderOptions)
def add(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="Its name in URLs: a-z, 0-9 and -.")] = None,
    *,
    options: ProviderOptions,
    file: File = None,
    as_json: AsJson = False,
) -> None:
    """Add a provider, by options or by a definition. Says what to register there."""
    from assent.actions.providers.providers import add_provider

    document = read_definition(file, said(name=name) | options.members())

    async def run(opened: Opened) -> tuple[dict[str, Any], bool]:
        provider = await add_provider(_desk(opened), document, actor=opened.actor)
        return _shown(opened, provider), "oidc" in opened.settings.sign_in.modules

    shown, is_on = on_issuer(context, run)
    show_thing(shown, as_json=as_json)
    remark(f"Register {shown['our_redirect_uri']} there as the redirect URI.")
    remark(f"Then try it out: assent provider test {shown['name']}")
    if not is_on:
        remark("Nobody can sign in there yet: sign_in.modules of the configuration lacks oidc.")


@app.command("list", epilog=example("assent provider list", "assent provider list --json"))
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List the OpenID providers, those of the configuration first; those of SAML, all configured, by name alone."""
    from assent.actions.providers.providers import list_providers

    async def run(opened: Opened) -> tuple[list[dict[str, Any]], list[str]]:
        providers = await list_providers(_desk(opened))
        return [_shown(opened, provider) for provider in providers], sorted(opened.settings.sign_in.saml)

    columns = {
        "name": "name",
        "title": "title",
        "enabled": "enabled",
        "issuer": "issuer",
        "trusted_for": "trusted for",
        "defined_in": "defined in",
    }
    shown, by_saml = on_issuer(context, run)
    show_list("providers", shown, columns, as_json=as_json)
    if by_saml:
        remark(f"By SAML, in the configuration alone: {', '.join(by_saml)}")


@app.command("show", epilog=example("assent provider show clinic --json"))
def show(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Show a provider's definition, and what is registered there for us. Secrets are never shown."""
    from assent.actions.providers.providers import get_provider

    async def run(opened: Opened) -> dict[str, Any]:
        return _shown(opened, await get_provider(_desk(opened), name))

    show_thing(on_issuer(context, run), as_json=as_json)


@app.command(
    "edit",
    epilog=example(
        "assent provider edit clinic --title 'Clinic' --permission-rule 'doctors => FHIR_ALL_READ'",
        """echo '{"claims": {"groups": "roles"}}' | assent provider edit clinic --file -""",
    ),
)
@taking(ProviderOptions)
def edit(
    context: typer.Context,
    name: Name,
    *,
    options: ProviderOptions,
    file: File = None,
    as_json: AsJson = False,
) -> None:
    """Change the fields that are named and leave the others; in a definition, null gives a field its default."""
    from assent.actions.providers.providers import edit_provider

    document = read_changes(file, options.members())

    async def run(opened: Opened) -> dict[str, Any]:
        provider = await edit_provider(_desk(opened), name, document, actor=opened.actor)
        return _shown(opened, provider)

    show_thing(on_issuer(context, run), as_json=as_json)


@app.command("enable", epilog=example("assent provider enable clinic"))
def enable(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Switch a provider on again."""
    from assent.actions.providers.providers import enable_provider

    async def run(opened: Opened) -> dict[str, Any]:
        return _shown(opened, await enable_provider(_desk(opened), name, actor=opened.actor))

    shown = on_issuer(context, run)
    show_done(shown, f"{shown['name']} is enabled", as_json=as_json)


@app.command("disable", epilog=example("assent provider disable clinic"))
def disable(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Switch a provider off: nobody signs in there from now on. Who is signed in stays so."""
    from assent.actions.providers.providers import disable_provider

    async def run(opened: Opened) -> dict[str, Any]:
        return _shown(opened, await disable_provider(_desk(opened), name, actor=opened.actor))

    shown = on_issuer(context, run)
    show_done(shown, f"{shown['name']} is disabled: nobody signs in there any more", as_json=as_json)


@app.command("test", epilog=example("assent provider test clinic"))
def try_(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Ask a provider, live: its discovery document or SAML metadata, its keys, and whether it knows us."""
    from assent.actions.providers.providers import try_provider
    from assent.app.examination.saml import try_saml_provider

    async def run(opened: Opened) -> "tuple[Step, ...]":
        if name in opened.settings.sign_in.saml:
            folder = target_of(context).config.parent
            return await try_saml_provider(opened.server, opened.settings, name, folder, opened.sealer)
        return await try_provider(_desk(opened), name)

    steps = on_issuer(context, run)
    shown = [{"status": step.status, "step": step.name, "detail": step.detail} for step in steps]
    columns = {"status": "", "step": "step", "detail": "what came of it"}
    show_list("steps", shown, columns, as_json=as_json)
    if any(step.status == "fail" for step in steps):
        raise typer.Exit(1)


@app.command("remove", epilog=example("assent provider remove clinic"))
def remove(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Remove a provider with our credentials there. The accounts of those who signed in there stay."""
    from assent.actions.providers.providers import remove_provider

    async def run(opened: Opened) -> dict[str, Any]:
        return _shown(opened, await remove_provider(_desk(opened), name, actor=opened.actor))

    shown = on_issuer(context, run)
    show_done(shown, f"{shown['name']} is removed; the accounts of its people stay", as_json=as_json)


@app.command("import", epilog=example("assent provider import providers.json", "assent provider import -"))
def import_(
    context: typer.Context,
    file: Annotated[str, list_file("providers")],
    as_json: AsJson = False,
) -> None:
    """Add or replace providers by name, all or none of them. Secrets that are left out are kept."""
    from assent.actions.providers.providers import import_providers

    document = read_document(file)
    done = on_issuer(context, lambda opened: import_providers(_desk(opened), document, actor=opened.actor))
    show_imported(done, as_json=as_json)


@app.command("export", epilog=example("assent provider export > providers.json"))
def export(context: typer.Context, as_json: AsJson = False) -> None:
    """Print the definitions of the database's providers as JSON, as import reads them. Secrets are not in it."""
    from assent.actions.providers.providers import export_providers

    show_json(on_issuer(context, lambda opened: export_providers(_desk(opened))))


def _desk(opened: Opened) -> "Desk":
    from assent.actions.providers.desk import Desk, configured_providers

    settings = opened.settings
    taken = frozenset(settings.sign_in.saml)
    return Desk(opened.server, opened.sealer, configured_providers(settings.providers), taken)


def _shown(opened: Opened, provider: "Provider") -> dict[str, Any]:
    """The definition, where it stands, and the addresses that are registered at the provider for us."""
    from dataclasses import asdict

    from assent.actions.providers.definition import provider_definition
    from assent.actions.providers.desk import addresses_of

    is_configured = provider.name in opened.settings.providers
    return {
        **provider_definition(provider),
        "defined_in": "the configuration" if is_configured else "the database",
        **{f"our_{kind}": url for kind, url in asdict(addresses_of(opened.server, provider.name)).items()},
    }
