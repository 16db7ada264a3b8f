"""What a place in a script is about."""

from __future__ import annotations

import pytest
from luau_scorers.subject import Subject, subject_at
from luau_scorers.syntax_tree import parse

SOURCE = """
local part = Instance.new("Part")
local Players = game:GetService("Players")
part.Touched:Connect(function(hit)
	task.wait(1)
	wait(2)
end)
part.Material = Enum.Material.Neon
part.Position = Vector3.new(0, 1, 0) + part.CFrame.LookVector
local seat: VehicleSeat = workspace:FindFirstChildOfClass("VehicleSeat")
Players:GetUserThumbnailAsync(1)
local unknown = require(script.Other)
unknown.thing()
part:MoveTo(Vector3.zero)
print("Part")
"""


def at(before: str, name: str) -> Subject | None:
    """The subject of a name in the source, which follows a text."""
    return subject_at(parse(SOURCE.encode()), SOURCE.encode().index((before + name).encode()) + len(before))


@pytest.mark.parametrize(
    ("before", "name", "title", "page"),
    [
        ("part.", "Touched", "BasePart.Touched: RBXScriptSignal<BasePart>", "classes/BasePart#Touched"),
        ('new("', "Part", "Part: FormFactorPart", "classes/Part"),
        ('GetService("', "Players", "Players: Instance", "classes/Players"),
        ("task.", "wait", "task.wait(number?): number", "libraries/task#wait"),
        ("\t", "wait(2", "wait(number?): (number, number)", "globals/RobloxGlobals#wait"),
        ("Enum.Material.", "Neon", "Enum.Material.Neon", "enums/Material#Neon"),
        ("Enum.", "Material", "Enum.Material", "enums/Material"),
        ("", "Vector3", "Vector3", "datatypes/Vector3"),
        ("CFrame.", "LookVector", "CFrame.LookVector: Vector3", "datatypes/CFrame#LookVector"),
        ("seat: ", "VehicleSeat", "VehicleSeat: BasePart", "classes/VehicleSeat"),
        ("Enum.Material.Neon\n", "part", "part: Part", "classes/Part"),
    ],
)
def test_what_it_is_and_where_one_reads_of_it(before: str, name: str, title: str, page: str) -> None:
    subject = at(before, name)
    assert subject is not None
    assert subject.title == title
    assert subject.url.endswith("/reference/engine/" + page)


def test_a_yielding_method_and_a_deprecated_function() -> None:
    thumbnail, wait = at("Players:", "GetUserThumbnailAsync"), at("\t", "wait(2")
    assert thumbnail is not None
    assert thumbnail.member is not None
    assert thumbnail.member.yields
    assert wait is not None
    assert wait.member is not None
    assert (wait.member.deprecated, wait.member.replacement) == (True, "task.wait")


@pytest.mark.parametrize(
    ("before", "name"), [("unknown.", "thing"), ('print("', "Part"), ("", "local"), ("part:", "MoveTo")]
)
def test_what_is_not_known_is_not_told(before: str, name: str) -> None:
    assert at(before, name) is None
