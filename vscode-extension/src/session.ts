/** One running server and what is known of it. */
import * as vscode from "vscode";
import {
  type ClientCapabilities,
  LanguageClient,
  type Range,
  State,
  type StaticFeature,
  type TextDocumentFilter,
  TransportKind,
} from "vscode-languageclient/node";
import { toolsBeside } from "./coexistence";
import { type ModelState, method } from "./protocol";
import type { ServerCommand } from "./server/locate";

/** The argument of the server's own commands, which its code actions and lenses name. */
export interface CommandArgument {
  uri: string;
  line: number;
  range: Range;
  code: string;
}

export type ServerState = "missing" | "starting" | "running" | "stopped";

/** What a client must say of itself to be told the model's state. */
const tellsModelState: StaticFeature = {
  fillClientCapabilities(capabilities: ClientCapabilities): void {
    capabilities.experimental = { luauLspAi: { modelState: true } };
  },
  initialize: () => undefined,
  getState: () => ({ kind: "static" }),
  clear: () => undefined,
};

export class Session implements vscode.Disposable {
  /** Undefined until the server is ready, and again once it is not. */
  model: ModelState | undefined;
  server: ServerCommand | undefined;
  state: ServerState = "stopped";
  /** The server's commands that this editor carries out in its own way. */
  readonly commands = new Map<string, (argument: CommandArgument) => Promise<void>>();

  private client: LanguageClient | undefined;
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;

  constructor(readonly output: vscode.LogOutputChannel) {}

  /** The client of the running server. Throws an Error for the user where there is none. */
  get running(): LanguageClient {
    if (this.client?.state !== State.Running) {
      throw new Error("The Luau AI server is not running. Its output may say why.");
    }
    return this.client;
  }

  /** Starts a server, after the one that runs is stopped. Throws where it doesn't start. */
  async start(
    server: ServerCommand,
    documentSelector: TextDocumentFilter[],
    environment: Record<string, string>,
  ): Promise<void> {
    await this.stop();
    this.server = server;
    this.output.info(`starting ${[server.command, ...server.args].join(" ")} (found by: ${server.source})`);
    const client = new LanguageClient(
      "luau-lsp-ai",
      "Luau AI",
      {
        command: server.command,
        args: server.args,
        transport: TransportKind.stdio,
        // The client adds nothing to it.
        options: { env: { ...process.env, ...environment, LUAU_LSP_AI_COEXIST: toolsBeside().join(",") } },
      },
      {
        documentSelector,
        outputChannel: this.output,
        initializationFailedHandler: () => false, // whoever starts the server tells the user
        middleware: {
          executeCommand: (command, args: unknown[], next) => {
            const ours = this.commands.get(command);
            return ours ? ours(args[0] as CommandArgument) : (next(command, args) as unknown);
          },
        },
      },
    );
    client.registerFeature(tellsModelState);
    client.onNotification(method.modelState, (model: ModelState) => {
      this.model = model;
      this.changed.fire();
    });
    client.onDidChangeState(({ newState }) => {
      this.follow(client, newState);
    });
    this.client = client;
    await client.start();
    this.model = await client.sendRequest<ModelState>(method.model);
    this.changed.fire();
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.settle("stopped");
    if (client?.needsStop()) {
      await client.dispose().catch((error: unknown) => {
        this.output.warn(`the server did not stop in time: ${String(error)}`);
      });
    }
  }

  missing(): void {
    this.server = undefined;
    this.settle("missing");
  }

  private follow(client: LanguageClient, state: State): void {
    if (client === this.client) {
      this.settle(state === State.Running ? "running" : state === State.Starting ? "starting" : "stopped");
    }
  }

  private settle(state: ServerState): void {
    this.state = state;
    if (state !== "running") {
      this.model = undefined;
    }
    this.changed.fire();
  }

  dispose(): void {
    this.changed.dispose();
    void this.stop();
  }
}
