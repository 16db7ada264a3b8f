// A stranger's folder: nothing of it may run until its user trusts it.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before } from "node:test";
import { openEditor, SERVER, steps, until } from "./editor.mjs";

// A server that leaves a trace in the folder whenever it is started.
const trap = (trace) => `#!/bin/sh\ntouch "$(dirname "$0")/${trace}"\nexec "${SERVER}" "$@"\n`;
let editor;
const step = steps(() => editor);
const trace = (name) => fs.existsSync(path.join(editor.folder, name));

before(async () => {
  const files = {
    "Door.server.luau": "wait(2)\n",
    ".venv/bin/luau-lsp-ai": trap("started-from-environment"),
    "tools/server": trap("started-from-setting"),
    ".vscode/settings.json": "{}",
  };
  const settings = { "luau-lsp-ai.serverCommand": [SERVER], "security.workspace.trust.startupPrompt": "never" };
  editor = await openEditor({ files, settings, trusted: false, prepare });
});
after(() => editor?.close());

function prepare(folder) {
  for (const name of [".venv/bin/luau-lsp-ai", "tools/server"]) fs.chmodSync(path.join(folder, name), 0o755);
  const own = { "luau-lsp-ai.serverCommand": [path.join(folder, "tools/server")] };
  fs.writeFileSync(path.join(folder, ".vscode/settings.json"), JSON.stringify(own));
}

step("problems show in Restricted Mode, by the user's own server alone", async () => {
  await editor.page.getByText("Restricted Mode").first().waitFor({ timeout: 60000 });
  await editor.open("Door.server.luau");
  await editor.page.locator(".squiggly-warning").first().waitFor({ timeout: 60000 });
  await editor.shot("restricted");
  assert.ok(!trace(".venv/bin/started-from-environment"));
  assert.ok(!trace("tools/started-from-setting"));
});

step("once the folder is trusted, its settings count", async () => {
  await editor.command("Workspaces: Manage Workspace Trust");
  await editor.page.getByRole("button", { name: /^Trust$/ }).or(editor.page.getByText("Trust", { exact: true })).first().click();
  await until(() => trace("tools/started-from-setting"), "the folder's own server is started");
  assert.ok(!trace(".venv/bin/started-from-environment"));
});
