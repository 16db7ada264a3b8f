/** How good the file in front of the user is. */
import * as vscode from "vscode";
import { type Scores, method } from "../protocol";
import type { Session } from "../session";
import { scoreLine } from "../words";

/** Shows the four scores of a document and their composite. */
export async function showScores(session: Session, uri: string): Promise<void> {
  const scores = await session.running.sendRequest<Scores>(method.scores, { textDocument: { uri } });
  const message = `Score ${scores.composite.toFixed(2)} of 1.00: ${scoreLine(scores)}`;
  if ((await vscode.window.showInformationMessage(message, "Show Problems")) !== undefined) {
    await vscode.commands.executeCommand("workbench.actions.view.problems");
  }
}
