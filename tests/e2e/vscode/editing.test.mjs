// What a developer does all day: see a problem, mend it, ask for a script, change their mind.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { openEditor, SERVER, steps, until } from "./editor.mjs";
import { slowServer } from "./model_server.mjs";

const COINS = "-- a coin part that gives 5 coins when touched\n";
const DOOR = "local door = workspace.Door\nwait(2)\ndoor.Transparency = 1\n";
const settings = { "luau-lsp-ai.serverCommand": [SERVER], "luau-lsp-ai.ghostText": false }; // it mixes with the text
let editor;
const step = steps(() => editor);
let slow;

before(async () => {
  editor = await openEditor({ files: { "Coins.server.luau": COINS, "Door.server.luau": DOOR }, settings });
  slow = await slowServer();
});
after(async () => {
  await editor?.close();
  slow?.close();
});

step("a problem is underlined", async () => {
  await editor.open("Door.server.luau");
  await editor.page.locator(".squiggly-warning").first().waitFor({ timeout: 60000 });
  await editor.shot("underlined");
});

step("the Problems panel names it", async () => {
  await editor.press("Control+Shift+M");
  await editor.page.locator(".markers-panel").getByText("wait").first().waitFor();
  await editor.shot("problems");
  await editor.press("Control+Shift+M");
});

step("its quick fix is in the light bulb's menu and mends the file", async () => {
  await editor.act(2, "task.wait", "quick-fix");
  await editor.shows("task.wait(2)");
  assert.equal(await editor.saved("Door.server.luau"), DOOR.replace("wait(2)", "task.wait(2)"));
});

step("Generate from comment writes a script below the comment, from the keyboard, and one undo takes it back", async () => {
  await editor.open("Coins.server.luau");
  await editor.goTo(1, COINS.length);
  await editor.shot("comment");
  await editor.act(1, "Generate from comment", "light-bulb");
  await editor.toast("Writing the script").waitFor();
  await editor.shot("writing");
  await editor.shows("Touched", 60000);
  await editor.shot("generated");
  const script = await editor.saved("Coins.server.luau");
  assert.ok(script.startsWith(COINS), script);
  assert.match(script, /Touched:Connect/);
  assert.match(script, /\b5\b/);
  await editor.press("Control+Z");
  assert.equal(await editor.saved("Coins.server.luau"), COINS);
});

step("Generate alternatives shows what each would change, and inserts the one that is chosen", async () => {
  await editor.act(1, "Generate alternatives");
  await editor.row("Script 1").waitFor({ timeout: 60000 });
  const preview = editor.page.getByRole("tab", { name: "Script 1 of" });
  await preview.waitFor();
  await until(async () => (await editor.text()).includes("Touched"), "the preview shows the script");
  await editor.shot("alternatives");
  await editor.press("ArrowDown");
  await editor.page.getByRole("tab", { name: "Script 2 of" }).waitFor();
  await editor.press("Escape");
  await editor.list.waitFor({ state: "hidden" });
  await editor.page.getByRole("tab", { name: /Script \d of/ }).waitFor({ state: "detached" });
  await editor.shows(COINS.trim());
  assert.ok(!(await editor.text()).includes("Touched"), "Escape inserts nothing");
  await editor.act(1, "Generate alternatives");
  await editor.row("Script 1").waitFor({ timeout: 60000 });
  await preview.waitFor();
  await editor.press("Enter");
  await preview.waitFor({ state: "detached" });
  await editor.shows("Touched");
  assert.match(await editor.saved("Coins.server.luau"), /Touched:Connect/);
});

step("Show Scores tells the file's scores", async () => {
  await editor.command("Luau AI: Show Scores");
  await editor.toast("Score").getByText("quality").waitFor();
  await editor.shot("scores");
  await editor.command("Notifications: Clear All Notifications");
  await editor.press("Control+Z");
  assert.equal(await editor.saved("Coins.server.luau"), COINS);
});

step("the status bar names the model, and its menu leads to the models", async () => {
  await editor.status.getByText("luau-mini").waitFor();
  await editor.status.click();
  await editor.row("Choose model").waitFor();
  await editor.shot("menu");
  await editor.row("Choose model").click();
  await editor.row("luau-mini").waitFor({ timeout: 60000 });
  await editor.row("Use a server").waitFor();
  await editor.shot("models");
  await editor.press("Escape");
});

step("Cancel in the notification stops a slow model and leaves the file as it was", async () => {
  editor.settings({ ...settings, "luau-lsp-ai.engine": "http", "luau-lsp-ai.endpoint": slow.address, "luau-lsp-ai.model": "served" });
  await editor.status.getByText("served").waitFor();
  await editor.open("Coins.server.luau");
  await editor.goTo(1);
  await editor.press("Control+Alt+G");
  await slow.busy();
  const progress = editor.toast("Writing the script");
  await progress.getByText("tokens/s").waitFor();
  await editor.shot("progress");
  await progress.getByRole("button", { name: "Cancel" }).click();
  await progress.waitFor({ state: "hidden" });
  await slow.idle();
  assert.equal((await editor.text()).trim(), COINS.trim());
});
