// A real VS Code in a headless browser, with the packaged extension, driven by keyboard as its user would.
//
// Needs in the environment: CODE_SERVER (where install.sh put it), CHROMIUM, VSIX (the packaged extension),
// EXTENSIONS (a folder where it is installed), SERVER (the luau-lsp-ai program) and SHOTS (a folder for pictures).
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";

const { CODE_SERVER, CHROMIUM, VSIX, EXTENSIONS, SHOTS } = process.env;
export const SERVER = process.env.SERVER;
const { chromium } = await import(path.join(CODE_SERVER, "node_modules/playwright-core/index.mjs"));
const ENTRY = path.join(CODE_SERVER, "node_modules/code-server/out/node/entry.js");

// Nothing that moves, asks or looks something up while the tests run.
const QUIET = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
  "workbench.enableExperiments": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.reduceMotion": "on",
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "chat.disableAIFeatures": true,
  "chat.commandCenter.enabled": false,
  "git.enabled": false,
  "editor.minimap.enabled": false,
  "editor.accessibilitySupport": "off",
  "editor.wordBasedSuggestions": "off",
  "window.confirmBeforeClose": "never",
  "files.autoSave": "off",
};

/**
 * Opens a folder with `files` (text by name) in a fresh editor with these `settings`, as a trusted folder or not.
 * `environment` is added to the editor's own, `extensions` are installed first, `prepare` does what the folder needs.
 * With `tests` the extension host loads the extension from its folder, and then that file, and runs it.
 */
export async function openEditor({
  files, settings = {}, trusted = true, environment = {}, extensions = [], prepare = () => {}, tests,
}) {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "luau-vscode-")));
  const folder = path.join(root, "game");
  const data = path.join(root, "data");
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
  prepare(folder);
  writeSettings(data, settings);
  const port = await freePort();
  const config = path.join(root, "config.yaml");
  fs.writeFileSync(config, "");
  const common = ["--user-data-dir", data, "--extensions-dir", path.join(root, "extensions"), "--config", config];
  const env = {
    PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin`,
    HOME: path.join(root, "home"),
    LANG: "C.UTF-8",
    EXTENSIONS_GALLERY: JSON.stringify({ serviceUrl: "http://127.0.0.1:9/none" }),
    ...environment,
  };
  fs.mkdirSync(env.HOME);
  if (!tests) fs.cpSync(EXTENSIONS, path.join(root, "extensions"), { recursive: true });
  if (extensions.length > 0) install([ENTRY, ...common], extensions, env);
  const log = path.join(SHOTS, `code-server-${port}.log`);
  const options = ["--auth", "none", "--bind-addr", `127.0.0.1:${port}`, "--session-socket", path.join(root, "socket")];
  const quiet = ["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"];
  if (trusted) quiet.push("--disable-workspace-trust");
  const output = fs.openSync(log, "w");
  const served = spawn(process.execPath, [ENTRY, ...common, ...options, ...quiet, "--ignore-last-opened"], {
    env, stdio: ["ignore", output, output], detached: true,
  });
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage"],
  });
  const end = async () => {
    await browser.close();
    process.kill(-served.pid, "SIGTERM");
    fs.cpSync(path.join(data, "logs"), path.join(SHOTS, `logs-${port}`), { recursive: true });
    fs.rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
  try {
    await until(() => answers(port), "code-server answers");
    const context = await browser.newContext({ viewport: { width: 1200, height: 750 } });
    const page = await context.newPage();
    const address = new URL(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(folder)}`);
    if (tests) address.searchParams.set("payload", JSON.stringify(inHost(port, tests)));
    await page.goto(address.href, { waitUntil: "domcontentloaded" });
    await page.locator(".monaco-workbench .part.statusbar").waitFor({ timeout: 60000 });
    return new Editor(page, folder, data, end);
  } catch (error) {
    await end();
    throw error;
  }
}

function install(editor, extensions, env) {
  const options = [...editor, ...extensions.flatMap((extension) => ["--install-extension", extension])];
  const done = spawnSync(process.execPath, options, { env, encoding: "utf8" });
  if (done.status !== 0) throw new Error(`the extensions were not installed: ${done.stdout}${done.stderr}`);
}

/** What the page is to be told so that the extension host runs tests. */
function inHost(port, tests) {
  const remote = (file) => `vscode-remote://127.0.0.1:${port}${file}`;
  const extension = path.join(path.dirname(VSIX), "..");
  return [["extensionDevelopmentPath", remote(extension)], ["extensionTestsPath", remote(tests)]];
}

class Editor {
  constructor(page, folder, data, close) {
    Object.assign(this, { page, folder, data, close });
    this.lines = page.locator(".editor-instance .monaco-editor .view-lines").last();
    this.menu = page.locator(".action-widget");
    this.list = page.locator(".quick-input-widget");
    this.row = (text) => this.list.locator(".monaco-list-row", { hasText: text }).first();
    this.toast = (text) => page.locator(".notification-toast", { hasText: text }).first();
    this.status = page.locator('[id="ai-luau.luau-lsp-ai.luau-lsp-ai.status"]');
  }

  /** Opens a file of the folder and waits until its text is shown. */
  async open(name) {
    await this.press("Control+P");
    await this.page.keyboard.type(name);
    await this.list.locator(".monaco-list-row.focused", { hasText: path.basename(name) }).waitFor();
    await this.press("Enter");
    await this.page.getByRole("tab", { name: path.basename(name), selected: true }).waitFor();
    await this.lines.locator(".view-line").first().waitFor();
  }

  press(...keys) {
    return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }

  /** Puts the cursor into a line, counted from 1. */
  async goTo(line, column = 3) {
    await this.press("Control+G");
    await this.list.waitFor();
    await this.page.keyboard.type(`${line}:${column}`);
    await this.press("Enter");
    await this.list.waitFor({ state: "hidden" });
  }

  /** Changes the user's settings while the editor runs. */
  settings(values) {
    writeSettings(this.data, values);
  }

  /** Runs a command by its title in the palette. */
  async command(title) {
    await this.press("F1");
    await this.list.waitFor();
    await this.page.keyboard.type(title);
    await this.row(title).waitFor();
    await this.press("Enter");
  }

  /** Chooses an action of the light bulb's menu on a line, by keyboard alone. */
  async act(line, title, shot) {
    await this.goTo(line);
    const action = this.menu.locator(".monaco-list-row", { hasText: title }).first();
    await until(async () => {
      // Right after an edit the menu may say that there is nothing.
      await this.press("Control+.");
      if (await waited(action, 2500)) return true;
      await this.press("Escape");
      return false;
    }, `the menu on line ${line} offers ${title}`);
    if (shot) await this.shot(shot);
    for (let i = 0; i < 20 && !(await action.evaluate((row) => row.classList.contains("focused"))); i++) {
      await this.press("ArrowDown");
    }
    await this.press("Enter");
    await this.menu.first().waitFor({ state: "hidden" });
  }

  /** What the editor shows. Lines that are scrolled out of sight are not in it. */
  async text() {
    return (await this.lines.innerText()).replaceAll("\u00a0", " ");
  }

  shows(text, within) {
    return until(async () => (await this.text()).includes(text), `the editor shows ${text}`, within);
  }

  /** Saves the file and gives what is on disk then. */
  async saved(name) {
    const file = path.join(this.folder, name);
    const before = fs.statSync(file).mtimeMs;
    await this.press("Control+S");
    await until(() => fs.statSync(file).mtimeMs !== before, `${name} is saved`);
    await this.page.locator(".tab.active.dirty").waitFor({ state: "detached" }); // it is written whole
    return fs.readFileSync(file, "utf8");
  }

  shot(name) {
    return this.page.screenshot({ path: path.join(SHOTS, `${name}.png`) });
  }
}

function writeSettings(data, values) {
  for (const scope of ["User", "Machine"]) {
    fs.mkdirSync(path.join(data, scope), { recursive: true });
    fs.writeFileSync(path.join(data, scope, "settings.json"), JSON.stringify({ ...QUIET, ...values }));
  }
}

/** Steps of one session: each is a test that builds on those before it, and is skipped where one of them failed. */
export function steps(editor) {
  let failed;
  return (name, run) =>
    test(name, async (context) => {
      if (failed) return context.skip(`after "${failed}" failed`);
      try {
        await run();
      } catch (error) {
        failed = name;
        await editor()?.shot("failed");
        throw error;
      }
    });
}

/** Waits until `condition` gives something true, and gives it. */
export async function until(condition, what, within = 30000) {
  for (const end = Date.now() + within; ; ) {
    const result = await condition();
    if (result) return result;
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function waited(locator, timeout) {
  return locator.waitFor({ timeout }).then(() => true, () => false);
}

function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function answers(port) {
  return new Promise((resolve) => {
    http.get(`http://127.0.0.1:${port}/healthz`, (answer) => answer.resume().on("end", () => resolve(true)))
      .on("error", () => resolve(false));
  });
}
