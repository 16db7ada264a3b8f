/** From a comment to a script, in a notification that shows the stage and has a Cancel button. */
import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import { LSPErrorCodes, ResponseError, WorkDoneProgress } from "vscode-languageclient/node";
import { type CommentParams, type FixParams, type Outcome, method } from "../protocol";
import type { Session } from "../session";

/** The comment at the cursor of the active editor, or undefined where no editor is. */
export function commentAtCursor(): CommentParams | undefined {
  const editor = vscode.window.activeTextEditor;
  return editor && { textDocument: { uri: editor.document.uri.toString() }, line: editor.selection.active.line };
}

/** Sends a request that takes long. Undefined where the user cancelled or it failed, which the user is then told. */
export async function withProgress<R>(
  session: Session,
  title: string,
  name: string,
  params: object,
): Promise<R | undefined> {
  const client = session.running;
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (progress, cancelled) => {
      const workDoneToken = randomUUID();
      const listener = client.onProgress(WorkDoneProgress.type, workDoneToken, (value) => {
        if (value.kind !== "end" && value.message) {
          progress.report({ message: value.message });
        }
      });
      try {
        return await client.sendRequest<R>(name, { ...params, workDoneToken }, cancelled);
      } catch (error) {
        if (!cancelled.isCancellationRequested && !isCancellation(error)) {
          explain(error);
        }
        return undefined;
      } finally {
        listener.dispose();
      }
    },
  );
}

/** Has the server write or rewrite a script. It inserts the script itself and says why where it doesn't. */
export async function generate(session: Session, params: CommentParams, name: string = method.generate): Promise<void> {
  const title = name === method.regenerate ? "Writing another script" : "Writing the script";
  await withProgress<Outcome>(session, title, name, params);
}

/** Has the model mend a problem; the server applies the result and says why where it doesn't. */
export async function fix(session: Session, params: FixParams): Promise<void> {
  await withProgress<Outcome>(session, "Mending with the model", method.fix, params);
}

function isCancellation(error: unknown): boolean {
  return error instanceof ResponseError && error.code === LSPErrorCodes.RequestCancelled;
}

/** Shows an error. Waits for no answer, so that the progress ends. */
function explain(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  void vscode.window.showErrorMessage(message, "Choose Model", "Show Output").then((chosen) => {
    if (chosen) {
      const command = chosen === "Choose Model" ? "luau-lsp-ai.chooseModel" : "luau-lsp-ai.showOutput";
      void vscode.commands.executeCommand(command);
    }
  });
}
