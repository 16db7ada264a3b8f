// What other extensions and VS Code itself see of this one: run inside the extension host, through the vscode API.
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");

const KILL = "-- 😀 kill brick named Lava\n";

/** What each promises is its name. They share one editor and follow each other in this order. */
exports.tests = {
  "a Luau file wakes the extension, and the Problems panel gets what is found, each with its rule's page": async (t) => {
    const document = await t.open("Door.server.luau");
    const [problem] = await t.problems(document);
    assert.equal(t.vscode.extensions.getExtension("ai-luau.luau-lsp-ai").isActive, true);
    assert.equal(problem.source, "luau-lsp-ai");
    assert.equal(problem.code.value, "deprecated-global");
    assert.match(String(problem.code.target), /^https:.*deprecated-global/);
    assert.deepEqual(problem.tags, [t.vscode.DiagnosticTag.Deprecated]);
  },

  "its commands are there": async ({ vscode }) => {
    const known = await vscode.commands.getCommands(true);
    const declared = vscode.extensions.getExtension("ai-luau.luau-lsp-ai").packageJSON.contributes.commands;
    for (const { command } of declared) assert.ok(known.includes(command), command);
  },

  "actions have the kinds by which key bindings and settings choose them": async (t) => {
    const document = await t.open("Coins.server.luau");
    const kinds = async (only) =>
      (await t.actions(document, 0, only)).map((action) => `${action.title}: ${action.kind.value}`);
    assert.deepEqual(await kinds("refactor"), [
      "Generate from comment: refactor.rewrite",
      "Generate alternatives…: refactor.rewrite",
    ]);
    assert.deepEqual(await kinds("refactor.extract"), []);
  },

  "in a Rojo project, .lua files are Luau too": async (t) => {
    const document = await t.open("Old.server.lua");
    const found = await t.actions(document, 0);
    assert.ok(found.some(({ title }) => title === "Generate from comment"));
  },

  "the safe problems are fixed while a file is saved": async (t) => {
    const document = await t.open("Door.server.luau");
    await t.type(document, document.lineCount - 1, "wait(1)\n");
    await t.vscode.commands.executeCommand("workbench.action.files.save");
    assert.equal(fs.readFileSync(document.fileName, "utf8"), "print('界😀') task.wait(2)\ntask.wait(1)\n");
    await t.until(() => t.vscode.languages.getDiagnostics(document.uri).length === 0, "the problems are gone");
  },

  "hover tells of the API": async (t) => {
    const document = await t.open("Door.server.luau");
    const where = new t.vscode.Position(0, document.lineAt(0).text.indexOf("wait") + 1);
    const hovers = await t.vscode.commands.executeCommand("vscode.executeHoverProvider", document.uri, where);
    const said = hovers.flatMap(({ contents }) => contents).map(({ value }) => value).join("\n");
    assert.match(said, /task\.wait/);
    assert.match(said, /Roblox documentation/);
  },

  "lenses come as soon as a setting asks for them, and go again": async (t) => {
    const document = await t.open("Coins.server.luau");
    const lenses = async () => {
      const found = await t.vscode.commands.executeCommand("vscode.executeCodeLensProvider", document.uri, 9);
      return found.map(({ command }) => command?.title);
    };
    assert.deepEqual(await lenses(), []);
    await t.set("luau-lsp-ai.generateLens", true);
    await t.until(async () => (await lenses()).includes("Generate"), "the lens is there");
    await t.set("luau-lsp-ai.generateLens", undefined);
    await t.until(async () => (await lenses()).length === 0, "the lens is gone");
  },

  "a document without a file is served, and its problems go when it is closed": async (t) => {
    const document = await t.vscode.workspace.openTextDocument({ language: "luau", content: "wait(1)\n" });
    await t.vscode.window.showTextDocument(document);
    assert.equal((await t.problems(document)).length, 1);
    await t.vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    await t.until(() => t.vscode.languages.getDiagnostics(document.uri).length === 0, "its problems are gone");
  },

  "files that are not open are checked, and follow a rename": async (t) => {
    const [before, after] = ["src/Far.luau", "src/Farther.luau"].map((name) => t.uri(name));
    const count = (uri) => t.vscode.languages.getDiagnostics(uri).length;
    await t.until(() => count(before) === 1, "its problem is known");
    const edit = new t.vscode.WorkspaceEdit();
    edit.renameFile(before, after);
    await t.vscode.workspace.applyEdit(edit);
    await t.until(() => count(before) === 0 && count(after) === 1, "its problem has the new name");
  },

  "the command of an action writes a script in one step, and another one in its place": async (t) => {
    const document = await t.open("Coins.server.luau");
    const action = (await t.actions(document, 0)).find(({ title }) => title === "Generate from comment");
    await t.vscode.commands.executeCommand(action.command.command, ...action.command.arguments);
    await t.until(() => document.getText().includes("Touched"), "the script is there", 60000);
    assert.ok(document.getText().startsWith(KILL));
    const first = document.getText();
    const again = (await t.actions(document, 1)).find(({ title }) => title === "Regenerate");
    await t.vscode.commands.executeCommand(again.command.command, ...again.command.arguments);
    await t.until(() => document.getText() !== first, "another one is in its place", 60000);
    assert.ok(document.getText().startsWith(KILL) && document.getText().includes("Touched"));
    await t.vscode.commands.executeCommand("undo");
    await t.until(() => document.getText() === first, "one undo takes the second back");
    await t.vscode.commands.executeCommand("undo");
    await t.until(() => document.getText() === KILL, "and one the first");
  },

  "a problem without a fix is mended by a model on a server, chosen while the editor runs": async (t) => {
    const document = await t.open("Shop.server.luau");
    const count = () => t.vscode.languages.getDiagnostics(document.uri).filter(isUnchecked).length;
    await t.until(() => count() === 1, "the problem is shown");
    const address = fs.readFileSync(path.join(t.folder, "model.txt"), "utf8");
    for (const [name, value] of [["engine", "http"], ["endpoint", address], ["model", "served"]]) {
      await t.set(`luau-lsp-ai.${name}`, value);
    }
    const where = t.vscode.languages.getDiagnostics(document.uri).find(isUnchecked).range;
    const found = await t.vscode.commands.executeCommand("vscode.executeCodeActionProvider", document.uri, where);
    const { command } = found.find(({ title }) => title === "Fix with the model");
    await t.vscode.commands.executeCommand(command.command, ...command.arguments);
    await t.until(() => document.getText().includes("type(amount)"), "the check is there");
    await t.until(() => count() === 0, "the problem is gone");
  },
};

const isUnchecked = ({ code }) => code?.value === "remote-argument-unchecked";

/** Called by VS Code. Leaves its results in the folder. */
exports.run = async () => {
  const t = new Host(require("vscode"));
  const results = {};
  for (const [name, test] of Object.entries(exports.tests)) {
    results[name] = await test(t).then(() => "", (error) => error.stack ?? String(error));
  }
  fs.writeFileSync(path.join(t.folder, "results.part"), JSON.stringify(results));
  fs.renameSync(path.join(t.folder, "results.part"), path.join(t.folder, "results.json"));
};

class Host {
  constructor(vscode) {
    this.vscode = vscode;
    this.folder = vscode.workspace.workspaceFolders[0].uri.fsPath;
  }

  uri(name) {
    return this.vscode.Uri.file(path.join(this.folder, name));
  }

  async open(name) {
    const document = await this.vscode.workspace.openTextDocument(this.uri(name));
    await this.vscode.window.showTextDocument(document);
    return document;
  }

  problems(document) {
    return this.until(() => {
      const found = this.vscode.languages.getDiagnostics(document.uri);
      return found.length > 0 && found;
    }, "problems are shown");
  }

  actions(document, line, only) {
    const where = new this.vscode.Range(line, 0, line, 0);
    return this.vscode.commands.executeCommand("vscode.executeCodeActionProvider", document.uri, where, only);
  }

  set(name, value) {
    return this.vscode.workspace.getConfiguration().update(name, value, this.vscode.ConfigurationTarget.Global);
  }

  type(document, line, text) {
    const edit = new this.vscode.WorkspaceEdit();
    edit.insert(document.uri, new this.vscode.Position(line, 0), text);
    return this.vscode.workspace.applyEdit(edit);
  }

  async until(condition, what, within = 20000) {
    for (const end = Date.now() + within; ; ) {
      const result = await condition();
      if (result) return result;
      if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }
}
