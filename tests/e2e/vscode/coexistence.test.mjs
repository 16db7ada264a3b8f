// Beside another extension for Luau, here one of luau-lsp's name that colours every line as one piece.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before } from "node:test";
import { openEditor, SERVER, steps, until } from "./editor.mjs";

const SCRIPT = 'local part = Instance.new("Part", workspace)\nif not part == workspace then\n\tpart:Destroy()\nend\n';
const GRAMMAR = { scopeName: "source.luau", patterns: [{ match: ".+", name: "string.luau" }] };
const settings = { "luau-lsp-ai.serverCommand": [SERVER] };
const squiggles = (editor) => editor.page.locator(".squiggly-warning, .squiggly-info");
let editor;
const step = steps(() => editor);

after(() => editor?.close());

/** A package of an extension, as its author would make it. */
function packed(name, publisher) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "extension-"));
  const contributes = {
    languages: [{ id: "luau", extensions: [".luau"] }],
    grammars: [{ language: "luau", scopeName: "source.luau", path: "./grammar.json" }],
  };
  const about = { name, publisher, version: "1.0.0", engines: { vscode: "^1.80.0" }, contributes };
  fs.writeFileSync(path.join(folder, "package.json"), JSON.stringify(about));
  fs.writeFileSync(path.join(folder, "grammar.json"), JSON.stringify(GRAMMAR));
  fs.writeFileSync(path.join(folder, "README.md"), name);
  const vsce = path.join(path.dirname(process.env.VSIX), "../node_modules/.bin/vsce");
  const options = ["package", "--allow-missing-repository", "--skip-license", "--out", path.join(folder, "it.vsix")];
  const made = spawnSync(vsce, options, { cwd: folder, encoding: "utf8" });
  assert.equal(made.status, 0, made.stdout + made.stderr);
  return path.join(folder, "it.vsix");
}

before(async () => {
  const files = { "Part.server.luau": SCRIPT, "Empty.luau": "" };
  editor = await openEditor({ files, settings, extensions: [packed("luau-lsp", "johnnymorganz")] });
});

step("what luau-lsp reports as well is not shown, the rest is", async () => {
  await editor.open("Part.server.luau");
  await squiggles(editor).first().waitFor({ timeout: 60000 });
  await editor.press("Control+Shift+M");
  const problems = editor.page.locator(".markers-panel");
  await problems.getByText("instance-new-parent").first().waitFor();
  await editor.shot("coexistence");
  assert.equal(await problems.getByText("not-precedence").count(), 0);
  await editor.press("Control+Shift+M");
});

step("the other extension's syntax colours are kept", async () => {
  const pieces = editor.lines.locator(".view-line").first().locator("span > span");
  await until(async () => (await pieces.count()) === 1, "the line is one piece");
});

step("blocks are indented and lines become comments as in Luau", async () => {
  await editor.open("Empty.luau");
  await editor.page.keyboard.type("if x then\nprint(1)");
  await editor.shows("    print(1)");
  await editor.press("Control+/");
  await editor.shows("    -- print(1)");
});
