/** Finds the server and starts it, or offers to set one up. */
import { delimiter, dirname, join } from "node:path";
import * as vscode from "vscode";
import type { TextDocumentFilter } from "vscode-languageclient/node";
import type { Session } from "../session";
import { Cancelled, findPython, OwnEnvironment } from "./environment";
import type { Keys } from "./keys";
import { locate, programs } from "./locate";

/** The little that is used of the Python extension's interface. */
interface PythonExtension {
  environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { path: string };
    resolveEnvironment(environment: { path: string }): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
  };
}

export class Server {
  private readonly own: OwnEnvironment;
  private offered = false;
  private turn = Promise.resolve();
  private next: Promise<void> | undefined;

  constructor(
    private readonly session: Session,
    private readonly context: vscode.ExtensionContext,
    private readonly keys: Keys,
  ) {
    const { version } = context.extension.packageJSON as { version: string };
    this.own = new OwnEnvironment(context.globalStorageUri.fsPath, version);
  }

  /**
   * Starts the server that is found. Where there is none, says so and offers to set one up: once, then only if asked.
   *
   * One start follows another, and of those that are asked for meanwhile (trust and settings change together) only one.
   */
  start(): Promise<void> {
    this.next ??= this.turn = this.turn.catch(() => undefined).then(() => {
      this.next = undefined;
      return this.startFound();
    });
    return this.next;
  }

  /** Resolves when no start is on its way, whether it went well or not. */
  get settled(): Promise<void> {
    return this.turn.catch(() => undefined);
  }

  private async startFound(): Promise<void> {
    const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
    const found = locate({
      setting: vscode.workspace.getConfiguration("luau-lsp-ai").get<string[]>("serverCommand", []),
      trusted: vscode.workspace.isTrusted,
      workspace: folders,
      project: vscode.workspace.isTrusted ? await projectPrograms() : [],
      path: (process.env["PATH"] ?? "").split(delimiter),
      own: this.own.programs,
    });
    if (!found) {
      await this.session.stop();
      this.session.missing();
      void this.offer();
      return;
    }
    try {
      await this.session.start(found, await documentSelector(), await this.keys.environment());
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      void this.explain(`The Luau AI server (${found.command}) did not start: ${why}`);
    }
  }

  /** Makes the extension's own environment, with progress, and starts the server from it. */
  async setUp(): Promise<void> {
    const storage = this.context.globalStorageUri.fsPath;
    const preferred = vscode.workspace.isTrusted ? await activePython() : undefined;
    const python = await findPython(preferred ? [preferred] : [], storage);
    if (!python) {
      const message = "No Python 3.10 or newer with venv and pip was found. Install one, or name a server in the settings.";
      void this.explain(message);
      return;
    }
    const isInUse = this.session.server?.source === "own";
    if (isInUse) {
      await this.session.stop(); // a running program's files can't be replaced everywhere
    }
    const title = "Setting up the Luau AI server";
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    const made = await vscode.window.withProgress(options, async (progress, cancelled) => {
      const abort = new AbortController();
      cancelled.onCancellationRequested(() => {
        abort.abort();
      });
      const report = (line: string) => {
        this.session.output.info(line);
        progress.report({ message: line.length > 90 ? `${line.slice(0, 89)}…` : line });
      };
      try {
        await this.own.create(python, report, abort.signal);
        return true;
      } catch (error) {
        if (!(error instanceof Cancelled)) {
          void this.explain(`The server could not be set up: ${error instanceof Error ? error.message : String(error)}`);
        }
        return false;
      }
    });
    if (made || isInUse) {
      await this.start();
    }
  }

  private async offer(): Promise<void> {
    if (this.offered) {
      return;
    }
    this.offered = true;
    const message =
      "The Luau AI server is not installed. It is a Python program; an environment of its own can be made for it, apart from your projects.";
    const chosen = await vscode.window.showInformationMessage(message, "Set Up", "Settings");
    if (chosen === "Set Up") {
      await this.setUp();
    } else if (chosen === "Settings") {
      await vscode.commands.executeCommand("workbench.action.openSettings", "luau-lsp-ai.serverCommand");
    }
  }

  private async explain(message: string): Promise<void> {
    this.session.output.error(message);
    const chosen = await vscode.window.showErrorMessage(message, "Show Output", "Settings");
    if (chosen === "Show Output") {
      this.session.output.show();
    } else if (chosen === "Settings") {
      await vscode.commands.executeCommand("workbench.action.openSettings", "luau-lsp-ai.serverCommand");
    }
  }
}

/** Luau, and Lua where the project is one of Rojo's: there it is Luau under an old name. */
async function documentSelector(): Promise<TextDocumentFilter[]> {
  const luau = ["file", "untitled"].map((scheme) => ({ language: "luau", scheme }));
  const projects = await vscode.workspace.findFiles("*.project.json", undefined, 1);
  return projects.length > 0 ? [...luau, { language: "lua", scheme: "file" }] : luau;
}

/** The interpreter that the Python extension would use, where it is there. */
async function activePython(): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension<PythonExtension>("ms-python.python");
  if (!extension) {
    return undefined;
  }
  try {
    const { environments } = await extension.activate();
    const resource = vscode.workspace.workspaceFolders?.[0]?.uri;
    const environment = await environments.resolveEnvironment(environments.getActiveEnvironmentPath(resource));
    return environment?.executable.uri?.fsPath;
  } catch {
    return undefined; // a broken Python extension must not break this one
  }
}

/** The folders of programs of the project's environments, the likeliest first. */
async function projectPrograms(): Promise<string[]> {
  const active = await activePython();
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  const usual = folders.flatMap((folder) => [".venv", "venv"].map((name) => programs(join(folder, name))));
  return active ? [dirname(active), ...usual] : usual;
}
