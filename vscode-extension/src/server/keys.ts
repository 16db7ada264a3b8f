/** The key of a model server, in the editor's secret storage: the keychain of the user's computer, and no settings file. */
import * as vscode from "vscode";

/** What the server reads the key from. */
const VARIABLE = "LUAU_LSP_AI_API_KEY";

/** One key for each address, so that no other server is ever told it. */
export class Keys {
  /** The one that the running server was started with. */
  private told: string | undefined;

  constructor(private readonly secrets: vscode.SecretStorage) {}

  /** What a server that is started now has to have in its environment. A key that is kept there goes before it. */
  async environment(): Promise<Record<string, string>> {
    this.told = await this.current();
    return this.told ? { [VARIABLE]: this.told } : {};
  }

  /** Calls `restart` when the running server has another key than the one for the address in the settings. */
  onDidChange(restart: () => void): vscode.Disposable {
    const compare = async () => {
      if ((await this.current()) !== this.told) {
        restart();
      }
    };
    return vscode.Disposable.from(
      this.secrets.onDidChange(compare),
      vscode.workspace.onDidChangeConfiguration((event) => (event.affectsConfiguration(ENDPOINT) ? compare() : undefined)),
    );
  }

  /** Asks for the key of a server, and keeps it. False where the user changed their mind. */
  async ask(endpoint: string): Promise<boolean> {
    const key = await vscode.window.showInputBox({
      title: "API key",
      prompt: `For ${endpoint}; empty where it wants none. It is kept in your computer's keychain.`,
      password: true,
      ignoreFocusOut: true, // it is copied from elsewhere
    });
    if (key === undefined) {
      return false;
    }
    await (key.trim() ? this.secrets.store(name(endpoint), key.trim()) : this.secrets.delete(name(endpoint)));
    return true;
  }

  /** Asks for the key of the server in the settings. */
  async set(): Promise<void> {
    const endpoint = address();
    if (endpoint) {
      await this.ask(endpoint);
    } else if (await vscode.window.showInformationMessage("There is no server in the settings yet.", "Choose Model…")) {
      await vscode.commands.executeCommand("luau-lsp-ai.chooseModel");
    }
  }

  private async current(): Promise<string | undefined> {
    const endpoint = address();
    return endpoint ? this.secrets.get(name(endpoint)) : undefined;
  }
}

const ENDPOINT = "luau-lsp-ai.endpoint";

function address(): string {
  return vscode.workspace.getConfiguration().get(ENDPOINT, "");
}

function name(endpoint: string): string {
  return `API key of ${endpoint}`;
}
