"""What pays and what does not: right answers do, tricks do not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from luau_training import tasks
from luau_training.problems import Problem, load_problems
from luau_training.reward import reward

GOLD = load_problems("gold")
SAMPLE = GOLD[:: max(1, len(GOLD) // 8)]
SAMPLE += [problem for problem in GOLD if problem.side == "multi" and problem not in SAMPLE][:1]
TIDY = "\n".join(f"local value{i} = math.clamp({i}, 0, 9)\nworkspace.Gravity = value{i}" for i in range(8)) + "\n"


def names(problem: Problem) -> str:
    return problem.name


@pytest.mark.parametrize("problem", SAMPLE, ids=names)
class TestEachTask:
    def test_the_reference_pays_nearly_all(self, problem: Problem) -> None:
        assert reward(problem.reference, problem).total > 0.95

    def test_wrong_variants_pay_less(self, problem: Problem) -> None:
        task = next(task for task in tasks.load_all() if task.name == problem.name)
        right = reward(problem.reference, problem).total
        for wrong in task.wrong:
            assert reward(tasks.as_text(wrong.scripts), problem).total < right

    def test_comment_spam_does_not_pay(self, problem: Problem) -> None:
        spam = "-- This is robust and production-ready.\n" * 60
        assert reward(spam + problem.reference, problem).total < reward(problem.reference, problem).total
        assert reward(spam, problem).total == 0

    def test_padding_with_statements_does_not_pay(self, problem: Problem) -> None:
        pad = "".join(f"local padding{i} = {i}\nprint(padding{i})\n" for i in range(40))
        assert reward(problem.reference + pad * 4, problem).total < reward(problem.reference, problem).total

    def test_saying_it_twice_does_not_pay(self, problem: Problem) -> None:
        twice = problem.reference + "\n" + problem.reference
        assert reward(twice, problem).total <= reward(problem.reference, problem).total

    def test_words_around_the_script_cost(self, problem: Problem) -> None:
        talk = f"Sure! Here is your script:\n```luau\n{problem.reference}```\nEnjoy!"
        assert 0.8 < reward(talk, problem).total < reward(problem.reference, problem).total

    @pytest.mark.parametrize("answer", ["", "\n\n", "-- nothing here\n", "I would rather not.", "```luau\n```"])
    def test_empty_answers_pay_nothing(self, problem: Problem, answer: str) -> None:
        assert reward(answer, problem).total == 0

    def test_the_request_said_back_pays_nothing(self, problem: Problem) -> None:
        for copied in (
            problem.request,
            f"-- {problem.request}",
            f'print("{problem.request}")',
            f"--[[{problem.request}]]",
        ):
            assert reward(copied, problem).total < 0.05

    def test_tidy_code_that_does_nothing_of_it_pays_little(self, problem: Problem) -> None:
        idle = reward(TIDY, problem)
        assert idle.total < 0.35 * reward(problem.reference, problem).total
        assert idle.task < 0.5

    def test_what_does_not_parse_pays_little(self, problem: Problem) -> None:
        assert reward(problem.reference + "\nif true the\n", problem).total < 0.15


def test_a_judge_takes_the_place_of_the_checks() -> None:
    problem = GOLD[0]
    assert reward(problem.reference, problem, judged=0.5).total == pytest.approx(0.7, abs=0.02)
    assert reward(problem.reference, problem, judged=1.0).total == pytest.approx(1.0, abs=0.02)


@given(st.text(max_size=300), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_every_reward_is_between_nothing_and_all(answer: str, judged: float) -> None:
    for verdict in (None, judged):
        assert 0 <= reward(answer, GOLD[0], verdict).total <= 1


@given(st.integers(0, 80))
@settings(max_examples=15, deadline=None)
def test_more_comments_never_pay_more(lines: int) -> None:
    problem = GOLD[0]
    fewer = reward("-- note\n" * lines + problem.reference, problem).total
    assert reward("-- note\n" * (lines + 1) + problem.reference, problem).total <= fewer
