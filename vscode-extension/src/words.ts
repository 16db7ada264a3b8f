/** What users read, made of what the server says. Nothing here needs the editor. */
import type { Alternative, Model, ModelState, Scores } from "./protocol";
import type { ServerState } from "./session";

export interface StatusText {
  text: string;
  tooltip: string;
  alarming: boolean;
}

const MODEL_WORDS: Record<ModelState["state"], string> = {
  stopped: "starts when it is needed",
  starting: "is loading",
  ready: "is ready",
  busy: "is writing",
  restarting: "crashed and is being restarted",
  failed: "cannot run",
};

const TURNING = new Set<ModelState["state"]>(["starting", "busy", "restarting"]);

/** The status bar item's text and tooltip. */
export function status(server: ServerState, model: ModelState | undefined): StatusText {
  switch (server) {
    case "missing":
      return { text: "$(warning) Luau AI", tooltip: "The server is not installed. Click to set it up.", alarming: true };
    case "starting":
      return { text: "$(loading~spin) Luau AI", tooltip: "The server is starting.", alarming: false };
    case "stopped":
      return { text: "$(warning) Luau AI", tooltip: "The server has stopped. Click for what can be done.", alarming: true };
    case "running":
      return model ? modelStatus(model) : { text: "$(sparkle) Luau AI", tooltip: "The server is running.", alarming: false };
  }
}

function modelStatus(model: ModelState): StatusText {
  const failed = model.state === "failed";
  const icon = failed ? "$(error)" : TURNING.has(model.state) ? "$(loading~spin)" : "$(sparkle)";
  const where = model.engine === "http" ? "on a server" : "on this computer";
  const why = model.message ? `: ${model.message}` : ".";
  return {
    text: `${icon} ${model.name}`,
    tooltip: `Luau AI: the model ${model.name} (${where}) ${MODEL_WORDS[model.state]}${why}`,
    alarming: failed,
  };
}

/** The four scores in one line. */
export function scoreLine(scores: Scores): string {
  const { syntax, api, bugs, quality } = scores;
  const named = { syntax, API: api, bugs, quality };
  return Object.entries(named)
    .map(([name, score]) => `${name} ${score.toFixed(2)}`)
    .join(" · ");
}

/** One script of several, as a row of a list. `index` counts from 0. */
export function alternativeRow(alternative: Alternative, index: number): { label: string; description: string; detail: string } {
  const icon = alternative.accepted ? "$(pass)" : "$(warning)";
  const lines = alternative.script.trim().split("\n").length;
  const found = alternative.problems.join("; ") || `${String(lines)} ${lines === 1 ? "line" : "lines"}, no problems found`;
  return {
    label: `${icon} Script ${String(index + 1)}: ${alternative.scores.composite.toFixed(2)}`,
    description: scoreLine(alternative.scores),
    detail: [...alternative.differs, found].join("; "),
  };
}

/** A model of the catalog, as a row of a list. */
export function modelRow(model: Model): { label: string; description: string; detail: string } {
  const icon = model.inUse ? "$(check)" : { here: "$(package)", "to build": "$(tools)", damaged: "$(error)" }[model.state];
  const state = { here: "", "to build": "to be built here", damaged: "damaged" }[model.state];
  const rate = model.tokensPerSecond;
  const facts = [
    model.fits === null ? "" : `${model.fits ? "fits into" : "does not fit into"} memory now`,
    `needs ${size(model.memory)}`,
    rate === null ? "" : `about ${rate < 10 ? rate.toFixed(1) : Math.round(rate).toString()} tokens/s`,
    `licence: ${model.licence || "not stated"}`,
  ];
  return {
    label: `${icon} ${model.name}`,
    description: [state, size(model.size), model.quantization].filter(Boolean).join(" · "),
    detail: [facts.filter(Boolean).join(", "), model.title].filter(Boolean).join("; "),
  };
}

/** Bytes as people say them, such as "4.1 GB". */
export function size(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (bytes >= 999.5 && unit < units.length - 1) {
    bytes /= 1000;
    unit += 1;
  }
  return `${bytes < 10 && unit > 0 ? bytes.toFixed(1) : Math.round(bytes).toString()} ${units[unit] ?? ""}`;
}
