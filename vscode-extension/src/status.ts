/** The status bar item: model and state at a glance, everything else a click away. */
import * as vscode from "vscode";
import type { Session } from "./session";
import { status } from "./words";

interface Entry extends vscode.QuickPickItem {
  command?: string;
  args?: unknown[];
}

const MENU: Entry[] = [
  { label: "$(sparkle) Generate from comment", command: "luau-lsp-ai.generateFromComment" },
  { label: "$(list-unordered) Generate alternatives…", command: "luau-lsp-ai.generateAlternatives" },
  { label: "$(graph) Show scores", command: "luau-lsp-ai.showScores" },
  { label: "", kind: vscode.QuickPickItemKind.Separator },
  { label: "$(package) Choose model…", command: "luau-lsp-ai.chooseModel" },
  { label: "$(key) Set API key…", command: "luau-lsp-ai.setApiKey" },
  { label: "$(gear) Settings", command: "workbench.action.openSettings", args: ["@ext:ai-luau.luau-lsp-ai"] },
  { label: "$(debug-restart) Restart server", command: "luau-lsp-ai.restartServer" },
  { label: "$(output) Show output", command: "luau-lsp-ai.showOutput" },
];
const SET_UP: Entry = { label: "$(cloud-download) Set up the server", command: "luau-lsp-ai.setUpServer" };

/** The item, which follows the session until it is disposed. */
export function statusBarItem(session: Session): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("luau-lsp-ai.status", vscode.StatusBarAlignment.Right, 100);
  item.name = "Luau AI";
  item.command = "luau-lsp-ai.showMenu";
  const show = () => {
    const { text, tooltip, alarming } = status(session.state, session.model);
    item.text = text;
    item.tooltip = tooltip;
    item.accessibilityInformation = { label: tooltip };
    item.backgroundColor = alarming ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
  };
  show();
  item.show();
  return vscode.Disposable.from(item, session.onDidChange(show));
}

/** The menu behind the item. */
export async function showMenu(session: Session): Promise<void> {
  const entries = session.state === "missing" ? [SET_UP, ...MENU.slice(-3)] : MENU;
  const { tooltip } = status(session.state, session.model);
  const chosen = await vscode.window.showQuickPick(entries, { title: "Luau AI", placeHolder: tooltip });
  if (chosen?.command) {
    await vscode.commands.executeCommand(chosen.command, ...(chosen.args ?? []));
  }
}
