// The first run, on a computer that has Python and nothing else.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before } from "node:test";
import { openEditor, steps, until } from "./editor.mjs";

const { PYTHON_FOLDER, WHEELS } = process.env;
let editor;
const step = steps(() => editor);
const made = () => {
  const storage = path.join(editor.data, "User/globalStorage/ai-luau.luau-lsp-ai");
  return fs.existsSync(storage) ? fs.readdirSync(storage) : [];
};

before(async () => {
  const environment = { PATH: `${PYTHON_FOLDER}:/usr/bin:/bin`, PIP_NO_INDEX: "1", PIP_FIND_LINKS: WHEELS };
  editor = await openEditor({ files: { "Door.server.luau": "wait(2)\n" }, environment });
});
after(() => editor?.close());

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

step("set up from the status bar, the server starts and finds problems", async () => {
  await editor.status.click();
  await editor.row("Set up the server").waitFor();
  await editor.press("Enter");
  await editor.toast("Setting up").waitFor();
  await editor.shot("setting-up");
  await editor.page.locator(".squiggly-warning").first().waitFor({ timeout: 120000 });
  assert.equal(made().length, 1);
});

step("the walkthrough leads on from there", async () => {
  await editor.command("Welcome: Open Walkthrough...");
  await editor.row("Write Luau with a comment").waitFor();
  await editor.page.keyboard.type("Write Luau");
  await editor.press("Enter");
  await editor.page.getByText("Write a comment, press one key").first().waitFor();
  await editor.shot("walkthrough");
});
