"""Every recipe, with every combination of its options, is a script that we would ship."""

import pytest
from luau_scorers.score import score
from luau_training import compiler
from luau_training.embedded.recipe import Recipe, RecipeError, load, load_all

RECIPES = load_all()


def renders(recipe: Recipe) -> list[str]:
    return [recipe.render({}, options) for options in recipe.choices()]


def test_there_are_at_least_sixty_recipes() -> None:
    assert len(RECIPES) >= 60


def test_the_official_compiler_accepts_every_combination_of_options() -> None:
    scripts = [script for recipe in RECIPES for script in renders(recipe)]
    refused = [(script, error) for script, error in zip(scripts, compiler.errors(scripts), strict=True) if error]
    assert refused == []


def test_the_official_compiler_does_refuse_what_is_broken() -> None:
    assert all(compiler.errors(["local = 1", "if x then", "break", "x != 1"]))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_recipe_passes_our_own_rules(recipe: Recipe) -> None:
    for script in renders(recipe):
        report = score(script)
        assert report.composite >= 0.9
        assert [f.message for f in report.findings if f.severity in ("error", "warning")] == []


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_recipe_is_formatted(recipe: Recipe) -> None:
    for script in renders(recipe):
        assert script.endswith("\n")
        assert not script.startswith("\n")
        assert "\n\n\n" not in script
        assert not script.endswith("\n\n")
        assert not any(line != line.rstrip() for line in script.splitlines())
        assert not any(line.startswith("  ") for line in script.splitlines())


def test_no_two_recipes_are_asked_for_in_the_same_words() -> None:
    seen: dict[str, str] = {}
    for recipe in RECIPES:
        for phrasing in recipe.phrasings:
            other = seen.setdefault(phrasing.text.lower(), recipe.name)
            assert other == recipe.name, f"{phrasing.text!r} asks for {other} and for {recipe.name}"


BROKEN = {
    "title = ": "not TOML",
    'title = "x"\nside = "server"\nphrasings = []\nshows = ["x"]\nscript = "x"\nextra = 1': "unknown key 'extra'",
    'title = "x"\nside = "both"\nphrasings = []\nshows = ["x"]\nscript = "x"': "side is 'both'",
    'title = "x"\nside = "server"\nphrasings = []\nshows = ["x"]\nscript = "x"': "at least 12",
}


@pytest.mark.parametrize(("text", "said"), BROKEN.items())
def test_a_bad_recipe_file_is_named_with_what_is_wrong(tmp_path, text: str, said: str) -> None:
    path = tmp_path / "parts" / "bad.toml"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(RecipeError) as error:
        load(path)
    assert str(path) in str(error.value)
    assert said in str(error.value)
