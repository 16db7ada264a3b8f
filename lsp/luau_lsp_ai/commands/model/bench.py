"""``luau-lsp-ai model bench``: how fast a model is, here or on a server."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ...quantities import rate
from ...settings import Settings

if TYPE_CHECKING:
    from luau_model.engines.bench import Speed

_SERVED = (1, 2, 4, 8, 16, 32)  # requests in flight; the model on this machine answers one after the other


@click.command("bench")
@click.option("--model", default="", metavar="NAME", help="A model of the catalog, a GGUF file, or the server's name.")
@click.option("--lora", default="", metavar="PATH", help="A LoRA adapter in GGUF format for that model.")
@click.option("--endpoint", default="", metavar="URL", help="A server that speaks OpenAI's protocol.")
@click.option(
    "--in-flight", type=click.IntRange(1, 256), multiple=True, help="How many requests at a time; may be given often."
)
@click.option("--tokens", type=click.IntRange(2, 4096), default=64, show_default=True, help="The length of an answer.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def command(model: str, lora: str, endpoint: str, in_flight: tuple[int, ...], tokens: int, as_json: bool) -> None:
    """Measure the wait for the first token and tokens per second.

    Without --in-flight it is 1 to 32 requests at a time on a server, and one on this machine.
    """
    settings = Settings(engine="http" if endpoint else "embedded", model=model, lora=lora, endpoint=endpoint)
    bench(settings, in_flight or (_SERVED if endpoint else (1,)), tokens, as_json)


def bench(settings: Settings, in_flight: Sequence[int], tokens: int = 64, as_json: bool = False) -> list[Speed]:
    """Measure and print. Raises click.ClickException where there is no such engine."""
    from luau_model.engines.base import EngineError

    try:
        speeds = asyncio.run(_bench(settings, in_flight, tokens, as_json))
    except EngineError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(speed) for speed in speeds], indent=2))
    return speeds


async def _bench(settings: Settings, in_flight: Sequence[int], tokens: int, silent: bool) -> list[Speed]:
    from luau_model.engines import bench

    from ...engines import engine_from

    engine = engine_from(settings)
    speeds = []
    try:
        await bench.warm_up(engine)
        if not silent:
            click.echo(f"{engine.name}, answers of at most {tokens} tokens")
            click.echo("in flight  first token  slowest first token  tokens/s")
        for count in in_flight:
            speed = await bench.measure(engine, count, tokens)
            speeds.append(speed)
            if not silent:
                first, slowest = speed.first_token_seconds, speed.slowest_first_token_seconds
                click.echo(f"{count:9}  {first:9.2f} s  {slowest:17.2f} s  {rate(speed.tokens_per_second):>8}")
    finally:
        await engine.close()
    return speeds
