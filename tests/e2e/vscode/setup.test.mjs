// The first run, on a computer that has Python and nothing else.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before } from "node:test";
import { openEditor, steps, until } from "./editor.mjs";

const { HUB, PYTHON_FOLDER, SHOTS, WHEELS } = process.env;
let editor;
const step = steps(() => editor);
const made = () => {
  const storage = path.join(editor.data, "User/globalStorage/ai-luau.luau-lsp-ai");
  return fs.existsSync(storage) ? fs.readdirSync(storage) : [];
};

before(async () => {
  const environment = {
    PATH: `${PYTHON_FOLDER}:/usr/bin:/bin`,
    PIP_NO_INDEX: "1",
    PIP_FIND_LINKS: WHEELS,
    HF_ENDPOINT: HUB,
    LUAU_LSP_AI_CACHE: path.join(SHOTS, "cache"),
  };
  editor = await openEditor({ files: { "Door.server.luau": "wait(2)\n", "Lava.server.luau": "" }, environment });
});
after(() => editor?.close());

/** The mark before a step of the walkthrough. */
const tick = (name) => editor.page.locator(`[data-done-step-id="ai-luau.luau-lsp-ai#start#${name}"]`).first();
const ticked = (name) => until(async () => (await tick(name).getAttribute("aria-checked")) === "true", `${name} is ticked`, 120000);

async function walkthrough() {
  await editor.command("Welcome: Open Walkthrough...");
  await editor.row("Write Luau with a comment").waitFor();
  await editor.page.keyboard.type("Write Luau");
  await editor.press("Enter");
  await tick("server").waitFor();
}

step("the extension says that the server is missing and offers to set it up", async () => {
  await editor.open("Door.server.luau");
  await editor.toast("server is not installed").waitFor({ timeout: 60000 });
  await editor.shot("offer");
});

step("Cancel stops the setting up and leaves nothing behind", async () => {
  await editor.toast("server is not installed").getByRole("button", { name: "Set Up" }).click();
  const progress = editor.toast("Setting up");
  await progress.getByRole("button", { name: "Cancel" }).click();
  await progress.waitFor({ state: "hidden" });
  await until(() => made().length === 0, "nothing is left");
});

step("set up from the status bar, the server starts and finds problems, and the walkthrough ticks it", async () => {
  await walkthrough(); // VS Code opens it when the extension is installed
  assert.equal(await tick("server").getAttribute("aria-checked"), "false");
  await editor.status.click();
  await editor.row("Set up the server").waitFor();
  await editor.press("Enter");
  await editor.toast("Setting up").waitFor();
  await editor.shot("setting-up");
  await ticked("server");
  assert.equal(made().length, 1);
  await editor.open("Door.server.luau");
  await editor.page.locator(".squiggly-warning").first().waitFor({ timeout: 120000 });
});

step("a comment and Enter bring the first lines in grey, and Tab takes the whole script", async () => {
  await editor.open("Lava.server.luau");
  await editor.page.keyboard.type("-- kill brick named Lava");
  await editor.press("Enter");
  await editor.page.locator(".ghost-text, .ghost-text-decoration").first().waitFor({ timeout: 60000 });
  await editor.shot("ghost-text");
  await editor.press("Tab");
  await editor.shows("Touched:Connect");
  assert.match(await editor.saved("Lava.server.luau"), /^-- kill brick named Lava\nlocal [^]*Touched:Connect\(.*\)$/);
});

step("the walkthrough's example becomes a script, and is ticked", async () => {
  await walkthrough();
  await editor.page.getByText("Write a comment, press one key").first().click();
  await editor.page.getByRole("button", { name: "Open an example" }).click();
  await editor.shows("-- sprint when holding shift");
  await editor.press("Control+Alt+G");
  await editor.shows("UserInputService", 60000);
  await walkthrough();
  await ticked("generate");
  await editor.shot("walkthrough");
});

step("a model is downloaded from the list of models, and is then the one that writes", async () => {
  await editor.command("Luau AI: Choose Model");
  await editor.row("Download a model").waitFor({ timeout: 60000 });
  await editor.page.keyboard.type("Download a");
  await editor.press("Enter");
  await editor.list.getByText("OWNER/REPOSITORY").first().waitFor();
  await editor.page.keyboard.type("someone/small");
  await editor.press("Enter");
  await editor.toast("Downloading").waitFor();
  await editor.shot("downloading");
  await editor.status.getByText("small-Q8_0").waitFor({ timeout: 60000 });
  await ticked("model");
  await editor.command("Luau AI: Choose Model");
  await editor.row("small-Q8_0").locator(".codicon-check").waitFor({ timeout: 60000 });
  await editor.shot("downloaded");
  await editor.press("Escape");
});
