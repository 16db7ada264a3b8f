"""``luau-lsp-ai rules``: which rules there are, and what each says."""

from __future__ import annotations

from difflib import get_close_matches
from inspect import cleandoc

import click


@click.command("rules")
@click.argument("rule", required=False)
def command(rule: str | None) -> None:
    """Print all rules, or the page of RULE.

    The list has each rule's name, group, severity, whether --fix mends what it finds, and what it is about.
    """
    click.echo(page_of(rule) if rule else listed(), nl=False)


def listed() -> str:
    """A line for each rule."""
    from luau_scorers.rule import all_rules

    rows = [
        (
            rule.code,
            rule.group,
            rule.severity,
            "fix" if any(case.fixed is not None for case in rule.invalid) else "-",
            cleandoc(rule.__doc__ or "").split("\n\n")[0].replace("\n", " "),
        )
        for rule in all_rules()
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "".join("  ".join((*map(str.ljust, row, widths), row[4])) + "\n" for row in rows)


def page_of(code: str) -> str:
    """The page of a rule, in Markdown. Raises click.UsageError where there is no such rule."""
    from luau_scorers.docs import page
    from luau_scorers.rule import all_rules

    rules = {rule.code: rule for rule in all_rules()}
    if code not in rules:
        near = get_close_matches(code, rules, n=1, cutoff=0.5)
        raise click.UsageError(f"There is no rule {code}." + (f" Is it {near[0]}?" if near else ""))
    return page(rules[code])
