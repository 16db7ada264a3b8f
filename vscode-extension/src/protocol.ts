/** What the server offers beyond LSP; described in docs/protocol.md. */
import type { ProgressToken, Range, TextEdit } from "vscode-languageclient/node";

export interface CommentParams {
  textDocument: { uri: string };
  line: number;
  workDoneToken?: ProgressToken;
}

export interface FixParams {
  textDocument: { uri: string };
  range: Range;
  code: string;
  workDoneToken?: ProgressToken;
}

/** What came of a request that may insert a script. */
export interface Outcome {
  applied: boolean;
  script: string | null;
  reasons: string[];
  notes: string[];
}

/** Each from 0 to 1. */
export interface Scores {
  syntax: number;
  api: number;
  bugs: number;
  quality: number;
  composite: number;
}

export interface Alternative {
  script: string;
  edit: TextEdit;
  scores: Scores;
  problems: string[];
  /** In what it is not what was asked for, such as "with sound". */
  differs: string[];
  accepted: boolean;
}

export interface Alternatives {
  id: string | null;
  alternatives: Alternative[];
  reasons: string[];
}

export interface ModelState {
  engine: "embedded" | "http";
  name: string;
  state: "stopped" | "starting" | "ready" | "busy" | "restarting" | "failed";
  message: string;
}

/** A model of the catalog. Sizes are in bytes; what is not known of this machine is null. */
export interface Model {
  name: string;
  title: string;
  state: "here" | "to build" | "damaged";
  inUse: boolean;
  size: number;
  quantization: string;
  licence: string;
  memory: number;
  fits: boolean | null;
  tokensPerSecond: number | null;
  /** The command that makes it, where it is to be built. */
  build: string | null;
}

export const method = {
  generate: "luau-lsp-ai/generate",
  regenerate: "luau-lsp-ai/regenerate",
  alternatives: "luau-lsp-ai/alternatives",
  insert: "luau-lsp-ai/insert",
  fix: "luau-lsp-ai/fix",
  scores: "luau-lsp-ai/scores",
  model: "luau-lsp-ai/model",
  models: "luau-lsp-ai/models",
  pull: "luau-lsp-ai/pull",
  modelState: "luau-lsp-ai/modelState",
} as const;
