/** The extension's own Python environment, for those who have the server nowhere else. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { program, programs, windows } from "./locate";

const WHEELS = "https://abetlen.github.io/llama-cpp-python/whl/";
const PYTHONS = windows ? ["py", "python", "python3"] : ["python3", "python"];
/** Prints its own full name where it is new enough and can make environments. */
const PROBE = "import sys, venv, ensurepip; sys.version_info >= (3, 10) and print(sys.executable)";

export class Cancelled extends Error {}

/** One environment for each version, so that an update never breaks the one in use. */
export class OwnEnvironment {
  readonly folder: string;

  constructor(
    private readonly storage: string,
    private readonly version: string,
  ) {
    this.folder = path.join(storage, `server-${version}`);
  }

  /** The folder of its programs, whether it is there or not. An unfinished one is never found there. */
  get programs(): string {
    return existsSync(this.finished) ? programs(this.folder) : path.join(this.folder, "unfinished");
  }

  private get finished(): string {
    return path.join(this.folder, "finished");
  }

  /**
   * Makes the environment with the interpreter `python`, and removes those of other versions.
   *
   * Throws Cancelled, or an Error that says what pip said. Neither leaves anything behind.
   */
  async create(python: string, report: (line: string) => void, signal: AbortSignal): Promise<void> {
    await mkdir(this.storage, { recursive: true });
    const done = (line: string) => {
      report(line.trim());
    };
    try {
      done("making a Python environment");
      await run(python, ["-I", "-m", "venv", "--clear", this.folder], this.storage, done, signal);
      const own = program(programs(this.folder), "python");
      await run(own, ["-I", "-m", "pip", "install", ...this.requirements()], this.storage, done, signal);
      await writeFile(this.finished, this.version);
    } catch (error) {
      await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
      throw error;
    }
    for (const name of await readdir(this.storage)) {
      if (name.startsWith("server-") && name !== path.basename(this.folder)) {
        await rm(path.join(this.storage, name), { recursive: true, force: true });
      }
    }
  }

  /** The server, with llama.cpp built already where somebody has built it for this kind of computer. */
  private requirements(): string[] {
    const metal = process.platform === "darwin" && process.arch === "arm64";
    const index = WHEELS + (metal ? "metal" : "cpu");
    const quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"];
    return [...quiet, "--prefer-binary", "--extra-index-url", index, `luau-lsp-ai==${this.version}`];
  }
}

/** The first interpreter that can make the environment: 3.10 or newer, with venv and pip. Undefined where none can. */
export async function findPython(preferred: readonly string[], folder: string): Promise<string | undefined> {
  await mkdir(folder, { recursive: true });
  for (const python of [...preferred, ...PYTHONS]) {
    try {
      let found = "";
      await run(python, ["-I", "-c", PROBE], folder, (line) => (found ||= line.trim()));
      if (found) {
        return found;
      }
    } catch {
      // Not there, too old or without what it takes: the next one.
    }
  }
  return undefined;
}

function run(
  command: string,
  args: string[],
  cwd: string,
  line: (text: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new Cancelled());
      return;
    }
    const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"], ...(signal && { signal }) });
    let said = "";
    const listen = (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
      chunk.toString().split("\n").filter((text) => text.trim()).forEach(line);
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.on("error", (error) => {
      if (!signal?.aborted) {
        reject(error);
      }
    });
    child.on("exit", () => {
      if (signal?.aborted) {
        reject(new Cancelled()); // its own children may hold the streams open for a while
      }
    });
    child.on("close", (code) => {
      if (code === 0) {
        resolve();
      } else {
        reject(new Error(said.trim().split("\n").slice(-3).join("\n") || `${command} ended with ${String(code)}`));
      }
    });
  });
}
