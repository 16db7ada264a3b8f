from __future__ import annotations

from ...finding import Edit, Fix, Span
from ...flow import always_runs, asks_state, conditions_before
from ...handlers import serves
from ...nodes import calls_builtin, enclosing_function, is_statement
from ...rule import Invalid, Match, Rule

_FRAMES = ("Heartbeat", "Stepped", "RenderStepped", "PreRender", "PreSimulation", "PostSimulation", "BindToRenderStep")


class WaitInFrameHandler(Rule):
    """A wait in a function that runs on every frame.

    It does not slow the frames down: each frame starts the function anew while the earlier ones still wait, so that
    after a second sixty of them run. Count up the time that the event hands over, or use a loop with the wait in it.
    Where the wait is the last thing that the function does, it does nothing at all, and the fix takes it out.
    """

    severity = "warning"
    message = "this runs on every frame: the wait does not slow it down, waiting threads pile up"
    query = """
      (function_call name: (_) @name (#any-of? @name "task.wait" "wait")) @here
    """
    valid = (
        "while true do\n\ttask.wait(1)\nend",
        'game:GetService("RunService").Heartbeat:Connect(function(delta)\n\tcoroutine.yield(delta)\nend)',
        """
local busy = false
game:GetService("RunService").Heartbeat:Connect(function()
	if busy then
		return
	end
	busy = true
	task.wait(1)
	busy = false
end)
""",
    )
    invalid = (
        Invalid(
            """
local RunService = game:GetService("RunService")
RunService:BindToRenderStep("Tick", 1, function()
    task.wait(1)
--  ^^^^^^^^^^^^
    print("tick")
end)
"""
        ),
        Invalid(
            """
local function spin(delta)
    script.Parent.CFrame *= CFrame.Angles(0, delta, 0)
    wait()
--  ^^^^^^
end
game:GetService("RunService").RenderStepped:Connect(spin)
""",
            fixed="""
local function spin(delta)
    script.Parent.CFrame *= CFrame.Angles(0, delta, 0)
end
game:GetService("RunService").RenderStepped:Connect(spin)
""",
        ),
    )

    def check(self, match: Match) -> bool:
        here, scopes = match["here"], match.document.scopes
        function = enclosing_function(here)
        if function is None or not serves(function, _FRAMES, scopes) or not always_runs(here, function):
            return False
        if any(asks_state(condition, function, scopes) for condition in conditions_before(here, function)):
            return False
        return calls_builtin(here, match.text("name"), scopes)

    def fix(self, match: Match) -> Fix | None:
        here = match["here"]
        document = match.document
        if not is_statement(here) or document.after(here) is not None or document.before(here) is None:
            return None
        before = match.document.source[: here.start_byte].rstrip()
        return Fix("Take the wait out", (Edit(Span(len(before), here.end_byte), ""),))
