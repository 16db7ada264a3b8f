import { describe, expect, test } from "vitest";
import type { Alternative, Model, ModelState } from "../src/protocol";
import { alternativeRow, modelRow, scoreLine, size, status } from "../src/words";

const scores = { syntax: 1, api: 1, bugs: 0.954, quality: 0.5, composite: 0.87 };
const model: ModelState = { engine: "embedded", name: "luau-mini", state: "ready", message: "" };

describe("the status bar", () => {
  test("names the model, and says in words where it is and how it does", () => {
    expect(status("running", model)).toEqual({
      text: "$(sparkle) luau-mini",
      tooltip: "Luau AI: the model luau-mini (on this computer) is ready.",
      alarming: false,
    });
    expect(status("running", { ...model, engine: "http" }).tooltip).toContain("(on a server)");
  });

  test.each(["starting", "busy", "restarting"] as const)("turns while the model is %s", (state) => {
    expect(status("running", { ...model, state }).text).toBe("$(loading~spin) luau-mini");
  });

  test("alarms where something is to be done, and says what went wrong", () => {
    const failed = status("running", { ...model, state: "failed", message: "The file is truncated." });
    expect(failed).toMatchObject({ text: "$(error) luau-mini", alarming: true });
    expect(failed.tooltip).toBe("Luau AI: the model luau-mini (on this computer) cannot run: The file is truncated.");
    expect(status("missing", undefined).alarming).toBe(true);
    expect(status("stopped", undefined).alarming).toBe(true);
  });

  test("does not alarm for a model that merely is not loaded", () => {
    expect(status("running", { ...model, state: "stopped" })).toMatchObject({ text: "$(sparkle) luau-mini", alarming: false });
    expect(status("starting", undefined).alarming).toBe(false);
  });
});

describe("an alternative's row", () => {
  const script = "local a = 1\nprint(a)\n";
  const edit = { range: { start: { line: 1, character: 0 }, end: { line: 1, character: 0 } }, newText: script };
  const alternative: Alternative = { script, edit, scores, problems: [], differs: [], accepted: true };

  test("shows its score, all four scores and how long it is", () => {
    expect(alternativeRow(alternative, 0)).toEqual({
      label: "$(pass) Script 1: 0.87",
      description: "syntax 1.00 · API 1.00 · bugs 0.95 · quality 0.50",
      detail: "2 lines, no problems found",
    });
  });

  test("says in what it is not quite what was asked for", () => {
    const other = { ...alternative, differs: ["with sound", "without Lava"] };
    expect(alternativeRow(other, 1).detail).toBe("with sound; without Lava; 2 lines, no problems found");
  });

  test("shows what is wrong with one that was not accepted", () => {
    const bad = { ...alternative, problems: ["`wait` is deprecated", "no debounce"], accepted: false };
    expect(alternativeRow(bad, 2)).toMatchObject({
      label: "$(warning) Script 3: 0.87",
      detail: "`wait` is deprecated; no debounce",
    });
  });
});

describe("a model's row", () => {
  const big: Model = {
    name: "mistral-7b",
    title: "Mistral 7B",
    state: "here",
    inUse: false,
    size: 4_372_000_000,
    quantization: "Q4_K_M",
    licence: "apache-2.0",
    memory: 5_400_000_000,
    fits: false,
    tokensPerSecond: 4.23,
    build: null,
  };

  test("says how big it is, whether it fits, and how fast it will be", () => {
    expect(modelRow(big)).toEqual({
      label: "$(package) mistral-7b",
      description: "4.4 GB · Q4_K_M",
      detail: "does not fit into memory now, needs 5.4 GB, about 4.2 tokens/s, licence: apache-2.0; Mistral 7B",
    });
  });

  test("marks the one in use, and leaves out what is not known", () => {
    const unknown = { ...big, inUse: true, title: "", licence: "", fits: null, tokensPerSecond: null };
    expect(modelRow(unknown)).toMatchObject({
      label: "$(check) mistral-7b",
      detail: "needs 5.4 GB, licence: not stated",
    });
  });

  test("says that one is to be built", () => {
    expect(modelRow({ ...big, state: "to build", fits: true }).description).toBe("to be built here · 4.4 GB · Q4_K_M");
  });
});

test("scores have two decimals", () => {
  expect(scoreLine({ ...scores, api: 0.333 })).toBe("syntax 1.00 · API 0.33 · bugs 0.95 · quality 0.50");
});

test.each([
  [0, "0 bytes"],
  [512, "512 bytes"],
  [6_200_000, "6.2 MB"],
  [23_456_789, "23 MB"],
  [4_368_439_584, "4.4 GB"],
  [999_600, "1.0 MB"],
])("%i bytes are read as %s", (bytes, words) => {
  expect(size(bytes)).toBe(words);
});
