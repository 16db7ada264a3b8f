/** Several scripts to choose from, each shown as the change that it would make. */
import * as path from "node:path";
import * as vscode from "vscode";
import { type Alternatives, type CommentParams, type Outcome, method } from "../protocol";
import type { Session } from "../session";
import { alternativeRow } from "../words";
import { withProgress } from "./generate";

const SCHEME = "luau-lsp-ai-alternative";

interface Row extends vscode.QuickPickItem {
  index: number;
}

export class AlternativePicker implements vscode.Disposable, vscode.TextDocumentContentProvider {
  /** The documents as they would be, by the address of their preview. */
  private readonly previews = new Map<string, string>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);

  constructor(private readonly session: Session) {}

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.previews.get(uri.toString()) ?? "";
  }

  dispose(): void {
    this.registration.dispose();
  }

  /** Has the alternatives written, lets the user choose one, and has the server insert it. */
  async pick(params: CommentParams): Promise<void> {
    const found = await withProgress<Alternatives>(this.session, "Writing alternatives", method.alternatives, params);
    if (!found) {
      return;
    }
    if (found.id === null) {
      return; // the server has said why
    }
    if (found.alternatives.length === 0) {
      void vscode.window.showWarningMessage(found.reasons.join(" ") || "No script could be written for this comment.");
      return;
    }
    const source = await vscode.workspace.openTextDocument(vscode.Uri.parse(params.textDocument.uri));
    const previews = await this.prepare(source, found);
    const index = await this.choose(found, source.uri, previews);
    await this.clear(source);
    if (index !== undefined) {
      await this.session.running.sendRequest<Outcome>(method.insert, { id: found.id, index });
    }
  }

  /** The preview's address for each alternative. */
  private async prepare(source: vscode.TextDocument, found: Alternatives): Promise<vscode.Uri[]> {
    const text = source.getText();
    const edits = await this.session.running.protocol2CodeConverter.asTextEdits(found.alternatives.map(({ edit }) => edit));
    return edits.map(({ range, newText }, index) => {
      const name = `/${found.id ?? ""}/${String(index)}/${path.basename(source.uri.path)}`;
      const uri = vscode.Uri.from({ scheme: SCHEME, path: name });
      const end = source.offsetAt(range.end);
      this.previews.set(uri.toString(), text.slice(0, source.offsetAt(range.start)) + newText + text.slice(end));
      return uri;
    });
  }

  /** The index of the chosen one, or undefined. The preview follows the row that is active. */
  private choose(found: Alternatives, source: vscode.Uri, previews: vscode.Uri[]): Promise<number | undefined> {
    const list = vscode.window.createQuickPick<Row>();
    list.title = "Which script should be inserted?";
    list.placeholder = "Up and down show each one; Enter inserts it, Escape none";
    list.ignoreFocusOut = true; // the previews open editors
    list.items = found.alternatives.map((alternative, index) => ({ ...alternativeRow(alternative, index), index }));
    let drawn: Thenable<unknown> = Promise.resolve();
    list.onDidChangeActive(([row]) => {
      const preview = row && previews[row.index];
      if (preview) {
        const title = `Script ${String(row.index + 1)} of ${String(previews.length)}`;
        const options = { preview: true, preserveFocus: true };
        drawn = drawn.then(() => vscode.commands.executeCommand("vscode.diff", source, preview, title, options));
      }
    });
    return new Promise((resolve) => {
      let chosen: number | undefined;
      list.onDidAccept(() => {
        chosen = list.activeItems[0]?.index;
        list.hide();
      });
      list.onDidHide(() => {
        list.dispose();
        void drawn.then(() => {
          resolve(chosen); // no preview opens after they are closed
        });
      });
      list.show();
    });
  }

  /** Closes the previews and brings the document back. */
  private async clear(source: vscode.TextDocument): Promise<void> {
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    const ours = tabs.filter(({ input }) => input instanceof vscode.TabInputTextDiff && input.modified.scheme === SCHEME);
    await vscode.window.tabGroups.close(ours, true);
    this.previews.clear();
    await vscode.window.showTextDocument(source);
  }
}
