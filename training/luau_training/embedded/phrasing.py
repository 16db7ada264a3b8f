"""A grammar of how people ask: multiplies each written phrasing by synonyms, politeness, case and typing slips.

``{slot}`` mentions pass through unchanged, so that values keep their exact spelling.
"""

from __future__ import annotations

import random
import re

# Each line: words that may stand for one another in a request. Longer entries are tried first.
_GROUPS = """
make|create|build|add|set up|do
script|code|program
players|people|everyone|users|plrs
a player|someone|anyone|somebody|a user|the player
player|user|plr
touches|steps on|walks into|hits|runs into|walks over|collides with
touch|step on|walk into|hit|run into|walk over|collide with
touched|stepped on|walked over|hit
touching|stepping on|walking into|hitting
part|block|brick
parts|blocks|bricks
gives|awards|grants|adds|rewards with
give|award|grant|hand out
called|named|with the name
named|called|with name
seconds|secs|sec|s
second|sec
minutes|mins|min
minute|min
save|store|persist|keep|remember
saves|stores|persists|keeps
saving|storing|persisting|keeping
datastore|data store|DataStore
load|restore|fetch
leaderboard|leaderstats|leader board
leaderstats|leaderboard stats|leaderboard
teleport|tp|warp|send|move
teleports|warps|sends|tps|moves
teleporter|teleport pad|warp pad
walkspeed|walk speed|WalkSpeed|speed
npc|NPC|bot
zombie|monster|enemy
enemy|enemies|mob
door|gate
opens|unlocks
button|switch
shows|displays
show|display
screen|display
message|text
notification|popup|pop up
appears|shows up|pops up
shows up|appears|pops up
appear|show up|pop up
show up|appear|pop up
runs over|walks over|touches
run over|walk over|touch
runs around|walks around|moves around
gets hit|takes a hit
get hit|take a hit
hit points|health points
make sure|see to it that
add up|sum up
set off|trigger
spawns|appears|gets created
spawn|create|place
disappears|vanishes|goes away
disappear|vanish|go away
respawns|comes back|reappears
respawn|come back|reappear
kills|defeats|murders
dies|gets killed|is killed
die|get killed
damage|dmg|harm
hurts|damages|harms
heals|restores health to|regenerates
health|hp|HP
every|each
when|whenever|if|once
while|as long as
buys|purchases
buy|purchase|get
shop|store
costs|is priced at
gamepass|game pass|gamepasses
owners|holders|people who own it
random|randomly chosen|a random
item|tool
tool|item|gear
sound|sound effect|sfx|audio
music|songs|soundtrack
plays|starts|triggers
play|start
holding|pressing|holding down
hold|press|hold down
press|hit|tap|push
key|button
sprint|run
run|sprint
jump|leap
round|match|game
rounds|matches
intermission|break|lobby wait
timer|countdown
countdown|timer|count down
color|colour
turns|changes to|becomes
change|switch|turn
rotates|spins|turns
spinning|rotating|turning
follows|chases|goes after
follow|chase|go after
walks|moves|goes|patrols
walking|moving
waypoints|points|way points
folder|group
currency|money
money|cash
cash|money
inside|in
location|place|position
checkpoint|check point|save point
checkpoints|check points
obby|obstacle course
stage|level
team|squad
weapon|sword
light|lamp
nearby|close by|near
near|close to|next to
get|receive|obtain
gets|receives|obtains
lasts|takes|is
cycle|loop
in the game|on the server|
automatically|auto|by itself
slowly|gradually|smoothly
want|need|would like
need|want
""".strip().splitlines()
_SYNONYMS: dict[str, list[str]] = {}
for _line in _GROUPS:
    _first, *_others = _line.split("|")
    _SYNONYMS[_first] = _others
_WORDS = re.compile(r"(?<![\w{])(" + "|".join(sorted(map(re.escape, _SYNONYMS), key=len, reverse=True)) + r")(?![\w}])")

_VERBS = ("make", "create", "build", "write", "add", "script", "code", "give me", "i need", "i want", "need", "want")
_VERB = re.compile(r"^(make|create|build|write|add|script|code)\b(?! for| that| so| where)")
_NOUNY = re.compile(r"^(an?|the)\s|^(?!how|when|if|i |let|can|every|all|on |in |so )(?=\S+)")
_OPENINGS = (
    "please ", "pls ", "plz ", "can you ", "could you ", "can u ", "i want you to ", "i need you to ", "hey, ",
    "hi ", "you should ", "now ", "ok ", "lets ", "let's ", "help me ",
)  # fmt: skip
_NOUN_OPENINGS = (
    "make ", "create ", "i need ", "i want ", "give me ", "write ", "a script for ", "script: ", "code for ",
    "can you make ", "please make ", "pls make ", "how do i make ", "how to make ", "add ", "build ",
    "generate ", "i would like ", "todo: ", "TODO ", "script that does this: ", "need ", "we need ",
    "could you write ", "looking for ", "make me ",
)  # fmt: skip
_CLOSINGS = (
    " please", " pls", " plz", " thanks", " thank you", " for my game", " for my roblox game", " in roblox",
    " in roblox studio", " script", " with a script", " asap", " thx", " for my obby", " using luau",
    " in luau", " in my game", " for me",
)  # fmt: skip
_JOINERS = (" ", " ", " ", ", ", ". also ", " - ")
_ARTICLES = re.compile(r"\b(the|a|an) (?=[\w{])")
_LONG_WORD = re.compile(r"(?<![\w{])[a-z]{4,}(?![\w}])")
_NEIGHBOURS = {
    "a": "s",
    "e": "r",
    "i": "o",
    "o": "p",
    "t": "r",
    "n": "m",
    "s": "a",
    "r": "t",
    "l": "k",
    "c": "v",
    "u": "y",
}


def join(rng: random.Random, request: str, clauses: list[str]) -> str:
    """Append what options ask for; their order is the caller's."""
    for clause in clauses:
        joiner = rng.choice(_JOINERS)
        if joiner in (". also ", ", ", " - "):
            clause = re.sub(r"^(and|plus|also) ", "", clause)
        request += joiner + clause
    return request


def vary(rng: random.Random, request: str) -> str:
    """One of the many ways to type this request."""
    request = _synonyms(rng, request)
    request = _wrap(rng, request)
    if rng.random() < 0.15:
        request = _ARTICLES.sub(lambda found: "" if rng.random() < 0.6 else found[0], request)
    if rng.random() < 0.15:
        for _ in range(rng.choice((1, 1, 2))):
            request = _slip(rng, request)
    return _case(rng, request)


def _synonyms(rng: random.Random, request: str) -> str:
    share = rng.choice((0.0, 0.25, 0.5))
    return _WORDS.sub(lambda found: rng.choice(_SYNONYMS[found[1]]) if rng.random() < share else found[0], request)


def _wrap(rng: random.Random, request: str) -> str:
    chance = rng.random()
    if chance < 0.25 and (found := _VERB.match(request)):
        request = rng.choice(_VERBS) + request[found.end() :]
    elif chance < 0.4 and _VERB.match(request):
        request = rng.choice(_OPENINGS) + request
    elif chance < 0.45 and _NOUNY.match(request):
        request = rng.choice(_NOUN_OPENINGS) + request
    if rng.random() < 0.2:
        request += rng.choice(_CLOSINGS)
    return request


def _slip(rng: random.Random, request: str) -> str:
    """One typing slip in a word of at least four lower-case letters."""
    words = list(_LONG_WORD.finditer(request))
    if not words:
        return request
    found = rng.choice(words)
    word, at = found[0], rng.randrange(1, len(found[0]) - 1)
    kind = rng.randrange(4)
    if kind == 0:
        slipped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    elif kind == 1:
        slipped = word[:at] + word[at + 1 :]
    elif kind == 2:
        slipped = word[:at] + word[at] + word[at:]
    else:
        slipped = word[:at] + _NEIGHBOURS.get(word[at], word[at]) + word[at + 1 :]
    return request[: found.start()] + slipped + request[found.end() :]


def _case(rng: random.Random, request: str) -> str:
    chance = rng.random()
    if chance < 0.3 and request[0].isalpha():
        request = request[0].upper() + request[1:]
    if chance < 0.12:
        request += "."
    elif chance > 0.97:
        request += "!"
    return re.sub(r" {2,}", " ", request).strip()
