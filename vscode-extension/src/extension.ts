/** The extension: a thin client of the server, which does all that can be done there. */
import * as vscode from "vscode";
import { onDidChangeTools } from "./coexistence";
import { AlternativePicker } from "./features/alternatives";
import { commentAtCursor, fix, generate } from "./features/generate";
import { chooseModel } from "./features/models";
import { showScores } from "./features/scores";
import { type CommentParams, method } from "./protocol";
import { Keys } from "./server/keys";
import { Server } from "./server/server";
import { type CommandArgument, Session } from "./session";
import { showMenu, statusBarItem } from "./status";

/** By this the walkthrough knows that there is a server, however it came. */
const RUNNING = "luau-lsp-ai.running";
const EXAMPLE = "-- sprint when holding shift\n";

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("Luau AI", { log: true });
  const session = new Session(output);
  const alternatives = new AlternativePicker(session);
  const keys = new Keys(context.secrets);
  const server = new Server(session, context, keys);
  context.subscriptions.push(output, session, alternatives, statusBarItem(session));
  registerCommands(context, session, alternatives, server, keys);
  session.onDidChange(() => vscode.commands.executeCommand("setContext", RUNNING, session.state === "running"));
  serveCommands(session, alternatives);
  context.subscriptions.push(
    vscode.workspace.onDidGrantWorkspaceTrust(() => server.start()),
    onDidChangeTools(() => server.start()),
    keys.onDidChange(() => void server.start()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("luau-lsp-ai.serverCommand")) {
        void server.start();
      }
    }),
  );
  await server.start();
}

function registerCommands(
  context: vscode.ExtensionContext,
  session: Session,
  alternatives: AlternativePicker,
  server: Server,
  keys: Keys,
): void {
  const register = (name: string, run: () => unknown) => {
    const guarded = () => shown(run);
    context.subscriptions.push(vscode.commands.registerCommand(`luau-lsp-ai.${name}`, guarded));
  };
  const atCursor = (run: (comment: CommentParams) => Promise<void>) => async () => {
    const comment = commentAtCursor();
    await server.settled;
    await (comment ? run(comment) : vscode.window.showInformationMessage("Open a Luau file and go to a comment first."));
  };
  register("generateFromComment", atCursor((comment) => generate(session, comment)));
  register("generateAlternatives", atCursor((comment) => alternatives.pick(comment)));
  register("showScores", atCursor(({ textDocument }) => showScores(session, textDocument.uri)));
  register("chooseModel", () => chooseModel(session, keys));
  register("setApiKey", () => keys.set());
  register("restartServer", () => server.start());
  register("setUpServer", () => server.setUp());
  register("showOutput", () => {
    session.output.show();
  });
  register("showMenu", () => showMenu(session));
  register("openExample", async () => {
    const document = await vscode.workspace.openTextDocument({ language: "luau", content: EXAMPLE });
    await vscode.window.showTextDocument(document);
  });
}

/** The server's commands, in this editor's own way. */
function serveCommands(session: Session, alternatives: AlternativePicker): void {
  const serve = (name: string, run: (comment: CommentParams, argument: CommandArgument) => Promise<void>) => {
    session.commands.set(`luau-lsp-ai.${name}`, (argument) =>
      shown(() => run({ textDocument: { uri: argument.uri }, line: argument.line }, argument)),
    );
  };
  serve("generate", (comment) => generate(session, comment));
  serve("regenerate", (comment) => generate(session, comment, method.regenerate));
  serve("alternatives", (comment) => alternatives.pick(comment));
  serve("fix", ({ textDocument }, { range, code }) => fix(session, { textDocument, range, code }));
  serve("scores", ({ textDocument }) => showScores(session, textDocument.uri));
}

/** Runs what a user asked for; an error is told, not lost. */
async function shown(run: () => unknown): Promise<void> {
  try {
    await run();
  } catch (error) {
    void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
  }
}
