from __future__ import annotations

from tree_sitter import Node

from ...finding import Edit, Fix, Span
from ...layout import lines_after, starts_line
from ...nodes import arguments, is_statement
from ...rule import Invalid, Match, Rule
from ...stores import SAVES, store_uses


class SaveFailureDropped(Rule):
    """A save under `pcall` whose failure nobody hears of.

    DataStores fail now and then. With the result of `pcall` thrown away the player's progress is lost, and no line in
    the log says so. Keep the result: warn at least, better try again. The fix warns.
    """

    severity = "info"
    message = "where this save fails nobody hears of it: keep the result of pcall and warn or try again"
    query = """
      (function_call name: (identifier) @pcall (#eq? @pcall "pcall")) @here
    """
    valid = (
        """
local store = game:GetService("DataStoreService"):GetDataStore("Coins")
local ok, message = pcall(store.SetAsync, store, "key", 1)
if not ok then
	warn(message)
end
""",
        "pcall(cache.SetAsync, cache, 'key', 1)",
        'xpcall(game:GetService("DataStoreService"):GetDataStore("Coins").SetAsync, warn, "key", 1)',
        """
local store = game:GetService("DataStoreService"):GetDataStore("Coins")
local saved = false
pcall(function()
	store:SetAsync("key", 1)
	saved = true
end)
print(saved)
""",
    )
    invalid = (
        Invalid(
            """
local store = game:GetService("DataStoreService"):GetDataStore("Coins")
local function save(key, coins)
    pcall(store.SetAsync, store, key, coins)
--  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
end
save("key", 1)
""",
            fixed="""
local store = game:GetService("DataStoreService"):GetDataStore("Coins")
local function save(key, coins)
    local success, message = pcall(store.SetAsync, store, key, coins)
    if not success then
        warn(message)
    end
end
save("key", 1)
""",
        ),
        Invalid(
            """
local success = 0
do
    pcall(function() game:GetService("DataStoreService"):GetDataStore("Wins"):SetAsync("key", success) end)
--  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
end
"""
        ),
    )

    def check(self, match: Match) -> bool:
        here, document = match["here"], match.document
        if not is_statement(here) or not document.scopes.builtin(match["pcall"]):
            return False
        return _only_saves(here) and any(store_uses(here, SAVES, document))

    def fix(self, match: Match) -> Fix | None:
        taken = any(match.document.scopes.is_declared(name) for name in ("success", "message"))
        if taken or not starts_line(match["here"], match.document):
            return None
        start = match["here"].start_byte
        keep = Edit(Span(start, start), "local success, message = ")
        tell = lines_after(match["here"], "if not success then\n\twarn(message)\nend", match.document)
        return Fix("Warn where it fails", (keep, tell), safe=False)


def _only_saves(call: Node) -> bool:
    """Whether all that runs under the pcall is one call: with more than that, something inside may report."""
    given = arguments(call)
    if not given or given[0].type != "function_definition":
        return bool(given)
    body = given[0].child_by_field_name("body")
    statements = body.named_children if body is not None else []
    return [node.type for node in statements if node.type != "comment"] == ["function_call"]
