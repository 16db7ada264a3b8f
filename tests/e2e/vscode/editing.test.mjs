// What a developer does all day: see a problem, mend it, ask for a script, change their mind.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, afterEach, before, test } from "node:test";
import { openEditor, SERVER } from "./editor.mjs";

const COINS = "-- a coin part that gives 5 coins when touched\n";
const DOOR = "local door = workspace.Door\nwait(2)\ndoor.Transparency = 1\n";
let editor;

before(async () => {
  const files = { "Coins.server.luau": COINS, "Door.server.luau": DOOR };
  editor = await openEditor({ files, settings: { "luau-lsp-ai.serverCommand": [SERVER] } });
});
after(() => editor?.close());
afterEach(async (context) => {
  if (!context.passed) await editor.shot(`failed-${context.name.replaceAll(/\W+/g, "-")}`);
});

test("a problem is underlined", async () => {
  await editor.open("Door.server.luau");
  await editor.page.locator(".squiggly-warning").first().waitFor({ timeout: 60000 });
  await editor.shot("underlined");
});

test("the Problems panel names it", async () => {
  await editor.press("Control+Shift+M");
  await editor.page.locator(".markers-panel").getByText("wait").first().waitFor();
  await editor.shot("problems");
  await editor.press("Control+Shift+M");
});

test("its quick fix is in the light bulb's menu and mends the file", async () => {
  await editor.act(2, "task.wait", "quick-fix");
  await editor.shows("task.wait(2)");
  assert.equal(await editor.saved("Door.server.luau"), DOOR.replace("wait(2)", "task.wait(2)"));
});

test("Generate from comment writes a script below the comment, from the keyboard, and one undo takes it back", async () => {
  await editor.open("Coins.server.luau");
  await editor.act(1, "Generate from comment", "light-bulb");
  await editor.shows("Touched", 60000);
  await editor.shot("generated");
  const script = await editor.saved("Coins.server.luau");
  assert.ok(script.startsWith(COINS), script);
  assert.match(script, /Touched:Connect/);
  assert.match(script, /\b5\b/);
  await editor.press("Control+Z");
  assert.equal(await editor.saved("Coins.server.luau"), COINS);
});
