"""The table of the Roblox API: what it tells, how it is built, and the commands for it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from luau_scorers.api import build, curated, rbxts, typescript
from luau_scorers.api.luau_types import Types
from luau_scorers.api.settle import settle
from luau_scorers.api.table import Table
from luau_scorers.roblox_api import SHIPPED, Api

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

API = Api(SHIPPED.read_text("utf-8"))
TYPES = Types(frozenset({"Player", "Vector3"}), frozenset({"UserInfo"}), {"Id": "string | number"})
LOAD_MS = 15
SLOW_MACHINE = 6


# What it tells


def test_it_is_about_as_large_as_roblox() -> None:
    members = [member for cls in API.classes() for member in API.own_members(cls).values()]
    assert len(API.classes()) > 900
    assert len(API.services()) > 330
    assert len(API.enums()) > 620
    assert sum(len(API.enum(name) or ()) for name in API.enums()) > 3500
    assert len(members) > 4700
    assert sum(member.deprecated for member in members) > 430
    assert sum(member.yields for member in members) > 390


def test_members_are_inherited() -> None:
    position = API.member("SpawnLocation", "Position")
    assert position is not None
    assert position.owner == "BasePart"
    assert API.is_a("SpawnLocation", "BasePart")
    assert not API.is_a("BasePart", "SpawnLocation")
    assert API.members("Part").keys() > API.members("BasePart").keys() > API.members("Instance").keys()
    assert API.member("Part", "Positon") is None
    assert API.member("NoSuchClass", "Name") is None
    assert API.members("NoSuchClass") == {}


@pytest.mark.parametrize(
    ("cls", "name", "kind", "type", "parameters"),
    [
        ("Players", "PlayerAdded", "event", None, ("Player",)),
        ("Players", "GetPlayers", "method", "{ Player }", ()),
        ("Players", "GetPlayerFromCharacter", "method", "Player?", ("Instance?",)),
        ("Workspace", "FindFirstChild", "method", "Instance?", ("number | string", "boolean?")),
        ("Workspace", "Raycast", "method", "RaycastResult?", ("Vector3", "Vector3", "RaycastParams?")),
        ("Part", "Material", "property", "Enum.Material", ()),
        ("Part", "Touched", "event", None, ("BasePart",)),
        ("RemoteEvent", "OnServerEvent", "event", None, ("Player", "...any")),
        ("RemoteFunction", "OnServerInvoke", "callback", "()", ("Player", "...any")),
        ("BindableFunction", "OnInvoke", "callback", None, ("...any",)),
        ("Instance", "Destroy", "method", "()", ()),
        ("Instance", "Changed", "event", None, ("string",)),
        ("Instance", "IsA", "method", "boolean", ("any",)),
    ],
)
def test_types(cls: str, name: str, kind: str, type: str | None, parameters: tuple[str, ...]) -> None:
    member = API.member(cls, name)
    assert member is not None
    assert (member.kind, member.type, member.parameters) == (kind, type, parameters)


@pytest.mark.parametrize(
    ("cls", "name", "replacement"),
    [
        ("Instance", "children", "GetChildren"),
        ("Instance", "Remove", "Destroy"),
        ("Humanoid", "LoadAnimation", "Animator:LoadAnimation"),
        ("Workspace", "FindPartOnRay", "Raycast"),
        ("Part", "Velocity", "AssemblyLinearVelocity"),
        ("Mouse", "KeyDown", "UserInputService.InputBegan"),
        ("DataModel", "OnClose", "BindToClose"),
    ],
)
def test_what_replaces_what(cls: str, name: str, replacement: str) -> None:
    member = API.member(cls, name)
    assert member is not None
    assert member.deprecated
    assert member.replacement == replacement


def test_what_is_not_deprecated() -> None:
    for cls, name in [("RunService", "Heartbeat"), ("RunService", "Stepped"), ("Sound", "Play"), ("Part", "Color")]:
        member = API.member(cls, name)
        assert member is not None
        assert not member.deprecated


def test_classes() -> None:
    velocity, service, part = API.cls("BodyVelocity"), API.cls("DataStoreService"), API.cls("Part")
    assert velocity is not None
    assert service is not None
    assert part is not None
    assert (velocity.deprecated, velocity.replacement) == (True, "LinearVelocity")
    assert (service.service, service.creatable, service.side) == (True, False, "server")
    assert (part.service, part.creatable, part.side, part.superclass) == (False, True, "both", "FormFactorPart")
    assert API.cls("Prat") is None


def test_what_yields_and_where_it_runs() -> None:
    saving, waiting, local = (
        API.member(*place)
        for place in [("OrderedDataStore", "SetAsync"), ("Part", "WaitForChild"), ("Players", "LocalPlayer")]
    )
    assert saving is not None
    assert waiting is not None
    assert local is not None
    assert saving.yields
    assert waiting.yields
    assert (local.side, local.read_only, local.yields) == ("client", True, False)
    assert API.library("task")["wait"].yields


def test_enums() -> None:
    assert "Plastic" in (API.enum("Material") or ())
    assert API.enum("NoSuchEnum") is None
    assert API.renamed_items("RaycastFilterType") == {"Blacklist": "Exclude", "Whitelist": "Include"}
    assert API.deprecated_items("AlignType") == {"Parallel", "Perpendicular"}


def test_datatypes_libraries_and_globals() -> None:
    vector = API.datatype("Vector3")
    assert vector is not None
    assert vector.static["new"].type == vector.static["zero"].type == vector.members["Unit"].type == "Vector3"
    assert vector.members["magnitude"].replacement == "Magnitude"
    assert API.datatype("Vector4") is None
    assert API.libraries["table"] >= {"insert", "remove", "find", "clone", "freeze"}
    assert API.globals >= {"game", "workspace", "print", "task", "Vector3", "Instance", "Enum", "typeof"}
    wait = API.builtin("wait")
    assert wait is not None
    assert (wait.deprecated, wait.replacement, wait.yields) == (True, "task.wait", True)


def test_types_and_replacements_are_in_the_table() -> None:
    known = {*API.classes(), *API.datatypes(), *API.libraries, *API.globals}
    plain = set("any boolean buffer function never nil number string thread true false vector".split())
    for cls in API.classes():
        for member in API.own_members(cls).values():
            for name in re.findall(r"\w+(?:\.\w+)?", " ".join((member.type or "", *member.parameters))):
                enum = name.removeprefix("Enum.")
                assert name in plain | known or API.enum(enum) is not None, f"{cls}.{member.name}: {name}"
            assert member.replacement is None or member.deprecated, f"{cls}.{member.name}"


def test_it_is_loaded_fast() -> None:
    def load() -> float:
        start = time.process_time()
        Api(SHIPPED.read_text("utf-8")).member("SpawnLocation", "Position")
        return (time.process_time() - start) * 1000

    assert min(load() for _ in range(5)) < LOAD_MS * SLOW_MACHINE
    assert SHIPPED.stat().st_size < 400_000


# How it is built


def test_the_file_is_what_it_is_read_from() -> None:
    assert Table.of(API).text() == SHIPPED.read_text("utf-8")


def test_all_curated_facts_are_in_the_shipped_table() -> None:
    table = Table.of(API)
    facts = tomllib.loads(curated.FILE.read_text("utf-8"))
    curated.add(table, facts)
    settle(table)
    assert table.text() == SHIPPED.read_text("utf-8"), "run python -m luau_scorers.api.build"


def test_every_curated_fact_has_a_source() -> None:
    for section in tomllib.loads(curated.FILE.read_text("utf-8")).values():
        for entry in section if isinstance(section, list) else [section]:
            assert entry["source"]


def test_a_curated_member_that_is_none() -> None:
    with pytest.raises(ValueError, match="propety Name"):
        curated.member("Part", "propety Name: string")


@pytest.mark.parametrize(
    ("typescript", "luau"),
    [
        ("Array<Player>", "{ Player }"),
        ("Player | undefined", "Player?"),
        ("CastsToEnum<Enum.Material>", "Enum.Material"),
        ("LuaTuple<[Player, number]>", "(Player, number)"),
        ("Map<string, Vector3>", "{ [string]: Vector3 }"),
        ('"a" | "b"', "string"),
        ("(player: Player) => void", "function"),
        ("UserInfo", "{ [string]: any }"),
        ("Id", "number | string"),
        ("unknown", "any"),
        ("T[K]", None),
    ],
)
def test_types_of_typescript(typescript: str, luau: str | None) -> None:
    assert TYPES.luau(typescript) == luau


def test_declarations_of_typescript() -> None:
    text = """
    /** A part. */
    interface Part<T extends { A: 1 } = any> extends BasePart {
        /** - **Tags**: Yields */
        Wait(this: Part, ...names: Array<string>): () => void;
        readonly Shape: Enum.PartType; // plain
    }
    declare const Part: { new (): Part };
    declare function wait(seconds?: number): number;
    """
    part, const, function = typescript.declarations(text)
    assert (part.kind, part.name, part.extends.strip(), part.doc) == ("interface", "Part", "BasePart", "/** A part. */")
    method, field = typescript.members(part.text)
    assert "Yields" in method.doc
    assert typescript.signature(method.text).parameters == (("this", "Part"), ("...names", "Array<string>"))
    assert (field.name, field.text, field.read_only) == ("Shape", "Enum.PartType", True)
    assert (const.kind, const.text) == ("const", "{ new (): Part }")
    assert typescript.signature(function.text).result == "number"


def test_the_types_of_roblox_ts(tmp_path: Path) -> None:
    """A package in small: overloads, a plugin's part of a class, an enum, a datatype and a global."""
    files = {
        "generated/None.d.ts": """
            interface Services { Players: Players; }
            interface CreatableInstances { Part: Part; }
            interface RBXObject { readonly ClassName: string; }
            /** **Deprecated:** Use `Players` instead. */
            interface Part extends RBXObject {
                readonly Locked: boolean;
                WaitFor(name: string): Part;
                WaitFor(name: string, timeOut: number): Part | undefined;
                /** @deprecated Locked */
                locked: boolean;
                Touched: RBXScriptSignal<(other: Part) => void>;
            }
            interface Players extends RBXObject {}
            """,
        "generated/PluginSecurity.d.ts": """
            interface Services {}
            interface CreatableInstances {}
            interface Part extends RBXObject { Locked: boolean; Paint(color: Colour): void; }
            """,
        "generated/enums.d.ts": """
            declare namespace Enum {
                export namespace Shape {
                    export interface Ball extends EnumItem { Name: "Ball"; }
                    export const Ball: Ball;
                    /** @deprecated renamed to Ball */
                    export const Sphere: Ball;
                    /** **Deprecated:** */
                    export interface Cube extends EnumItem { Name: "Cube"; }
                    export const Cube: Cube;
                }
            }
            """,
        "roblox.d.ts": """
            interface Colour { readonly _nominal_Colour: unique symbol; R: number; }
            interface ColourConstructor { readonly red: Colour; new (r?: number): Colour; }
            declare const Colour: ColourConstructor;
            """,
        "lua.d.ts": "declare namespace task { function wait(seconds?: number): number; }",
    }
    for name, text in files.items():
        place = tmp_path / "include" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    table = rbxts.table(tmp_path, "1", "2026-01-01", "a test")
    settle(table)
    api = Api(table.text())
    part = api.cls("Part")
    assert part is not None
    assert (part.superclass, part.creatable, part.deprecated, part.replacement) == ("Object", True, True, "Players")
    members = api.own_members("Part")
    assert not members["Locked"].read_only
    assert members["locked"].replacement == "Locked"
    assert (members["WaitFor"].type, members["WaitFor"].parameters) == ("Part", ("string", "number?"))
    assert members["Touched"].parameters == ("Part",)
    assert (members["Paint"].security, members["Paint"].parameters) == ("plugin", ("Colour",))
    assert api.services() == {"Players"}
    assert (api.enum("Shape") or set()) == {"Ball", "Cube", "Sphere"}
    assert api.deprecated_items("Shape") == {"Cube"}
    assert api.renamed_items("Shape") == {"Sphere": "Ball"}
    colour = api.datatype("Colour")
    assert colour is not None
    assert (colour.static["new"].parameters, colour.static["red"].type) == (("number?",), "Colour")
    assert api.library("task")["wait"].type == "number"


def test_an_archive_with_another_hash_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "types.tgz"
    archive.write_bytes(b"something else")
    with pytest.raises(build.BuildError, match="its hash differs"):
        build.build(archive)


# The commands


def run(cache: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``luau-lsp-ai api`` with a cache of its own, and no way to the network."""
    command = [sys.executable, "-c", "from luau_lsp_ai.cli import main; main()", "api", *arguments]
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), **nowhere, "no_proxy": "", "NO_PROXY": ""}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=180, check=False)


def dump(*members: dict[str, Any]) -> dict[str, Any]:
    """An API dump with the classes that none lacks; the members are Instance's."""
    parents = {"Object": "<<<ROOT>>>", "Instance": "Object", "DataModel": "Instance", "Players": "Instance"}
    parents["Workspace"] = "Instance"
    classes = [
        {"Name": name, "Superclass": parent, "Members": list(members) if name == "Instance" else [], "Tags": []}
        for name, parent in parents.items()
    ]
    items = [
        {"Name": "Ball", "Value": 0, "LegacyNames": ["Sphere"]},
        {"Name": "Cube", "Value": 1, "Tags": ["Deprecated"]},
    ]
    return {"Version": 1, "Classes": classes, "Enums": [{"Name": "Shape", "Items": items}]}


NEW_METHOD = {
    "MemberType": "Function",
    "Name": "Polish",
    "Security": "None",
    "Tags": ["Yields", "Deprecated", {"PreferredDescriptorName": "Shine", "ThreadSafety": "Safe"}],
    "Parameters": [{"Name": "shape", "Type": {"Category": "Enum", "Name": "Shape"}, "Default": "Ball"}],
    "ReturnType": {"Category": "Primitive", "Name": "float"},
}
NEW_PROPERTIES = [
    {
        "MemberType": "Property",
        "Name": name,
        "Security": {"Read": "None", "Write": write},
        "Tags": [],
        "ValueType": {"Category": "Primitive", "Name": "bool"},
    }
    for name, write in (("Shine", "RobloxSecurity"), ("Matt", "PluginSecurity"))
]


def dump_file(folder: Path, content: dict[str, Any], day: str) -> Path:
    file = folder / "API-Dump.json"
    file.write_text(json.dumps(content))
    stamp = time.mktime(time.strptime(day, "%Y-%m-%d")) + 12 * 3600
    os.utime(file, (stamp, stamp))
    return file


def test_info(tmp_path: Path) -> None:
    result = run(tmp_path, "info")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(f"{API.stamp}\n")
    assert f"classes: {len(API.classes())}" in result.stdout


def test_a_newer_dump_is_used(tmp_path: Path) -> None:
    file = dump_file(tmp_path, dump(NEW_METHOD, *NEW_PROPERTIES), "2099-02-03")
    result = run(tmp_path, "update", str(file))
    assert result.returncode == 0, result.stderr
    assert "Roblox API dump, 2099-02-03" in result.stdout
    assert run(tmp_path, "info").stdout.startswith("Roblox API dump, 2099-02-03")
    (table,) = tmp_path.rglob("roblox_api.txt")
    api = Api(table.read_text())
    polish, shine, matt = (api.member("Workspace", name) for name in ("Polish", "Shine", "Matt"))
    assert polish is not None
    assert shine is not None
    assert matt is not None
    assert (polish.type, polish.parameters, polish.yields) == ("number", ("Enum.Shape?",), True)
    assert (polish.deprecated, polish.replacement) == (True, "Shine")
    assert (shine.read_only, matt.read_only) == (True, False)
    assert (api.enum("Shape") or set()) == {"Ball", "Cube", "Sphere"}
    assert api.renamed_items("Shape") == {"Sphere": "Ball"}
    assert api.datatypes() == API.datatypes()


def test_an_older_dump_is_not_used(tmp_path: Path) -> None:
    result = run(tmp_path, "update", str(dump_file(tmp_path, dump(), "2020-02-03")))
    assert result.returncode == 0, result.stderr
    assert f"not newer than the one in use: {API.stamp}" in result.stdout
    assert run(tmp_path, "info").stdout.startswith(API.stamp)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"Classes": []}, "This is no API dump of Roblox"),
        ({"Classes": [], "Enums": []}, "it has no class Object"),
        ({"Classes": [{"Name": "A", "Superclass": "A", "Members": []}], "Enums": []}, "This is no API dump"),
        (dump({**NEW_METHOD, "Name": "a\tb"}), "This is no API dump"),
        ([], "This is no API dump"),
    ],
)
def test_a_file_that_is_no_dump(tmp_path: Path, content: Any, message: str) -> None:
    result = run(tmp_path, "update", str(dump_file(tmp_path, content, "2099-02-03")))
    assert result.returncode == 1
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not list(tmp_path.rglob("roblox_api.txt"))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    result = run(tmp_path, "update", str(tmp_path / "none.json"))
    assert result.returncode == 2
    assert "none.json can't be read" in result.stderr


def test_offline(tmp_path: Path) -> None:
    result = run(tmp_path, "update")
    assert result.returncode == 1
    assert result.stderr.startswith("Error: Roblox can't be reached (")
    assert len(result.stderr.splitlines()) == 1


def test_a_damaged_table_of_the_user_is_left_aside(tmp_path: Path) -> None:
    assert run(tmp_path, "update", str(dump_file(tmp_path, dump(), "2099-02-03"))).returncode == 0
    (table,) = tmp_path.rglob("roblox_api.txt")
    table.write_text(table.read_text().replace("format\t1", "format\t0"))
    assert run(tmp_path, "info").stdout.startswith(API.stamp)
