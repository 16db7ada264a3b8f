from __future__ import annotations

from tree_sitter import Node

from ...flow import job
from ...nodes import arguments, method, receiver, text
from ...rule import Invalid, Match, Rule
from ...stores import is_store, store_uses


class SetAsyncOverwrites(Rule):
    """`GetAsync` and then `SetAsync` of the same key in one function.

    Between the two another server may save: its change is lost. `UpdateAsync` hands the newest value to a function
    and saves what that returns, as one step. Reported only where the store is known to come from `GetDataStore`.
    """

    severity = "info"
    message = "what another server saved since GetAsync is lost here: use UpdateAsync"
    query = """
      (function_call name: (method_index_expression method: (identifier) @method (#eq? @method "SetAsync"))) @here
    """
    valid = (
        """
local store = game:GetService("DataStoreService"):GetDataStore("Visits")
local function visit(key)
	store:UpdateAsync(key, function(visits)
		return (visits or 0) + 1
	end)
end
visit("all")
""",
        """
local store = game:GetService("DataStoreService"):GetDataStore("Visits")
local visits = {}
local function load(key)
	visits[key] = store:GetAsync(key)
	store:IncrementAsync(key, 1)
end
local function save(key)
	store:SetAsync(key, visits[key])
end
load("all")
save("all")
""",
        "local function visit(key)\n\tcache:SetAsync(key, cache:GetAsync(key) + 1)\nend\nvisit('all')",
    )
    invalid = (
        Invalid(
            """
local store = game:GetService("DataStoreService"):GetDataStore("Visits")
local function visit(key)
    local ok, visits = pcall(function()
        return store:GetAsync(key)
    end)
    if ok then
        store:SetAsync(key, (visits or 0) + 1)
--      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    end
end
visit("all")
"""
        ),
    )

    def check(self, match: Match) -> bool:
        here, document = match["here"], match.document
        store, key = receiver(here), arguments(here)[:1]
        if store is None or not key or not is_store(store, document):
            return False
        outer = job(here, document.scopes)
        reads = [use.parent for use in store_uses(outer, ("GetAsync",), document) if use.parent is not None]
        return any(_reads_same(read, store, key[0]) for read in reads if read.start_byte < here.start_byte)


def _reads_same(read: Node, store: Node, key: Node) -> bool:
    """Whether this is ``store:GetAsync(key)``."""
    same_store = method(read) == "GetAsync" and text(receiver(read)) == text(store)
    return same_store and text(arguments(read)[0]) == text(key)
