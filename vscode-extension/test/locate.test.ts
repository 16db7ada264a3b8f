import { chmodSync, mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { locate, type Places, program, programs } from "../src/server/locate";

let root: string;
let places: Places;

/** Puts a server into a folder, which is made. */
function install(folder: string): string {
  const file = program(folder, "luau-lsp-ai");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, "");
  chmodSync(file, 0o755);
  return file;
}

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "locate-")));
  const game = join(root, "game");
  mkdirSync(game);
  places = {
    setting: [],
    trusted: true,
    workspace: [game],
    project: [programs(join(game, ".venv"))],
    path: [join(root, "tools"), join(root, "bin")],
    own: programs(join(root, "own")),
  };
});

describe("the server that is started", () => {
  test("is none where none is installed", () => {
    expect(locate(places)).toBeUndefined();
  });

  test("is the setting's before all others, with its arguments, even if it is not there", () => {
    install(places.own);
    const setting = ["/elsewhere/luau-lsp-ai", "--verbose"];
    const found = { command: "/elsewhere/luau-lsp-ai", args: ["--verbose"], source: "setting" };
    expect(locate({ ...places, setting })).toEqual(found);
  });

  test("is the project's before the PATH's before the extension's own", () => {
    const own = install(places.own);
    expect(locate(places)).toEqual({ command: own, args: [], source: "own" });
    const onPath = install(join(root, "bin"));
    expect(locate(places)).toEqual({ command: onPath, args: [], source: "PATH" });
    const project = install(programs(join(root, "game", ".venv")));
    expect(locate(places)).toEqual({ command: project, args: [], source: "project" });
  });

  test("is not a folder that has its name", () => {
    mkdirSync(program(join(root, "bin"), "luau-lsp-ai"), { recursive: true });
    expect(locate(places)).toBeUndefined();
  });

  test("is never looked for in a PATH entry that depends on the current folder", () => {
    expect(locate({ ...places, path: [".", "", "node_modules/.bin"] })).toBeUndefined();
  });
});

describe("in a folder that is not trusted", () => {
  beforeEach(() => {
    places = { ...places, trusted: false };
  });

  test("the project's environment is left out, by whatever way it is found", () => {
    const inside = programs(join(root, "game", ".venv"));
    install(inside);
    expect(locate(places)).toBeUndefined();
    expect(locate({ ...places, path: [inside] })).toBeUndefined();
  });

  test("a link on the PATH that leads into the folder is left out", () => {
    const file = install(join(root, "game", "evil"));
    mkdirSync(join(root, "bin"));
    symlinkSync(file, program(join(root, "bin"), "luau-lsp-ai"));
    expect(locate(places)).toBeUndefined();
  });

  test("a link on the PATH to a folder beside it with a longer name is used", () => {
    const file = install(join(root, "game-tools"));
    expect(locate({ ...places, path: [join(root, "game-tools")] })?.command).toBe(file);
  });

  test("the PATH's and the extension's own are used", () => {
    const own = install(places.own);
    expect(locate(places)?.command).toBe(own);
    const onPath = install(join(root, "tools"));
    expect(locate(places)?.command).toBe(onPath);
  });
});
