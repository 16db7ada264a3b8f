/** Which server is started: the first there is, in the order that users expect. */
import { existsSync, realpathSync, statSync } from "node:fs";
import * as path from "node:path";

export interface ServerCommand {
  command: string;
  args: string[];
  source: "setting" | "project" | "PATH" | "own";
}

/** Where a server may be. All folders are absolute; `project` and `own` are those that hold an environment's programs. */
export interface Places {
  setting: readonly string[];
  trusted: boolean;
  workspace: readonly string[];
  project: readonly string[];
  path: readonly string[];
  own: string;
}

export const windows = process.platform === "win32";

/** The folder of an environment that holds its programs. */
export function programs(environment: string): string {
  return path.join(environment, windows ? "Scripts" : "bin");
}

/** The full name of a program in a folder. */
export function program(folder: string, name: string): string {
  return path.join(folder, windows ? `${name}.exe` : name);
}

/** The server to start, or undefined where there is none. A setting is taken at its word. */
export function locate(places: Places): ServerCommand | undefined {
  const [command, ...args] = places.setting;
  if (command) {
    return { command, args, source: "setting" };
  }
  const workspace = places.workspace.filter(existsSync).map((folder) => realpathSync(folder));
  const inside = (file: string) => workspace.some((folder) => holds(folder, file));
  const candidates: [ServerCommand["source"], string][] = [
    ...(places.trusted ? places.project : []).map((folder): ["project", string] => ["project", folder]),
    ...places.path.filter((folder) => path.isAbsolute(folder)).map((folder): ["PATH", string] => ["PATH", folder]),
    ["own", places.own],
  ];
  for (const [source, folder] of candidates) {
    const file = program(folder, "luau-lsp-ai");
    if (isFile(file) && (places.trusted || !(inside(file) || inside(realpathSync(file))))) {
      return { command: file, args: [], source };
    }
  }
  return undefined;
}

function holds(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== "" && !relative.startsWith("..") && !path.isAbsolute(relative);
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}
