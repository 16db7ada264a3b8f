/** Which model writes the scripts: one that is here, one to be downloaded or built, a file, or a server. */
import { delimiter, dirname } from "node:path";
import * as vscode from "vscode";
import { type Model, method } from "../protocol";
import type { Keys } from "../server/keys";
import type { Session } from "../session";
import { modelRow } from "../words";
import { withProgress } from "./generate";

interface Row extends vscode.QuickPickItem {
  choose?: () => Promise<unknown>;
}

/** Shows the catalog and does what is chosen. The choice is written into the user's settings. */
export async function chooseModel(session: Session, keys: Keys): Promise<void> {
  const client = session.running;
  const models = client.sendRequest<Model[]>(method.models);
  const chosen = await vscode.window.showQuickPick<Row>(
    models.then((found) => rows(session, keys, found)),
    { title: "Which model should write the scripts?", matchOnDescription: true, matchOnDetail: true },
  );
  await chosen?.choose?.();
}

function rows(session: Session, keys: Keys, models: Model[]): Row[] {
  const catalog = models.map((model) => ({ ...modelRow(model), choose: () => take(session, model) }));
  return [
    ...catalog,
    { label: "", kind: vscode.QuickPickItemKind.Separator },
    {
      label: "$(cloud-download) Download a model…",
      detail: "Any GGUF of the Hugging Face hub, by the name of its repository",
      choose: () => download(session),
    },
    { label: "$(folder-opened) Use a file…", detail: "A GGUF file on this computer", choose: useFile },
    {
      label: "$(server) Use a server…",
      detail: "vLLM, llama-server, Ollama or any other that speaks OpenAI's protocol. It gets your comments and code.",
      choose: () => useServer(keys),
    },
  ];
}

async function take(session: Session, model: Model): Promise<void> {
  if (model.state === "here") {
    await set({ engine: "embedded", model: model.name });
  } else if (model.build !== null) {
    await build(session, model.name, model.build);
  } else {
    void vscode.window.showErrorMessage(`The file of ${model.name} is damaged. Remove it and download or build it again.`);
  }
}

/** Building takes long and much disk, so the user sees the command first and starts it. */
async function build(session: Session, name: string, command: string): Promise<void> {
  const message = `${name} is built on this computer, from parts that are downloaded. The command is put into a terminal; press Enter there to start it.`;
  if ((await vscode.window.showInformationMessage(message, "Open Terminal")) !== undefined) {
    const folder = session.server && dirname(session.server.command);
    const options = { name, ...(folder && { env: { PATH: folder + delimiter + (process.env["PATH"] ?? "") } }) };
    const terminal = vscode.window.createTerminal(options);
    terminal.show();
    terminal.sendText(command, false);
  }
}

async function download(session: Session): Promise<void> {
  const name = await vscode.window.showInputBox({
    title: "Download a model",
    prompt: "OWNER/REPOSITORY, with the quantization behind it where there are several, such as OWNER/REPOSITORY:Q4_K_M",
    validateInput: (text) => (/^[\w.-]+\/[\w.-]+/.test(text.trim()) ? undefined : "A name like OWNER/REPOSITORY is needed."),
  });
  if (!name) {
    return;
  }
  const pulled = await withProgress<{ name: string }>(session, "Downloading", method.pull, { name: name.trim() });
  if (pulled) {
    await set({ engine: "embedded", model: pulled.name });
  }
}

async function useFile(): Promise<void> {
  const [file] = (await vscode.window.showOpenDialog({ filters: { GGUF: ["gguf"] }, title: "Use a model" })) ?? [];
  if (file) {
    await set({ engine: "embedded", model: file.fsPath });
  }
}

async function useServer(keys: Keys): Promise<void> {
  const endpoint = await vscode.window.showInputBox({
    title: "Use a server",
    prompt: "Its address, such as http://localhost:8000/v1",
    validateInput: (text) => (/^https?:\/\/\S+$/.test(text) ? undefined : "An address that begins with http:// or https:// is needed."),
  });
  const model = endpoint && (await vscode.window.showInputBox({ title: "Use a server", prompt: "The model's name there" }));
  if (endpoint && model !== undefined && (await keys.ask(endpoint))) {
    await set({ engine: "http", endpoint, model });
  }
}

async function set(values: Record<string, string>): Promise<void> {
  const configuration = vscode.workspace.getConfiguration("luau-lsp-ai");
  for (const [name, value] of Object.entries(values)) {
    await configuration.update(name, value, vscode.ConfigurationTarget.Global);
  }
}
