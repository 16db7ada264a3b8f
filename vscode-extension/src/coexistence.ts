/** Other tools for Luau in this editor, of which the server must know so that nothing is reported twice. */
import * as vscode from "vscode";

const TOOLS: Record<string, string> = {
  "johnnymorganz.luau-lsp": "luau-lsp",
  "kampfkarren.selene-vscode": "selene",
};

/** The tools that are installed and enabled, in the names that luau-lsp-ai.toml has for them. */
export function toolsBeside(): string[] {
  return Object.entries(TOOLS)
    .filter(([extension]) => vscode.extensions.getExtension(extension))
    .map(([, tool]) => tool);
}

/** Calls back when there are others than before. */
export function onDidChangeTools(changed: () => unknown): vscode.Disposable {
  let before = toolsBeside().join();
  return vscode.extensions.onDidChange(() => {
    const now = toolsBeside().join();
    if (now !== before) {
      before = now;
      changed();
    }
  });
}
