// Reads a JSON list of Luau sources on stdin, prints a JSON list of the official compiler's messages ("" where it accepts).
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(process.argv[2] + "/");
const { LuauState } = await import(pathToFileURL(require.resolve("luau-web")).href);
const state = await LuauState.createAsync({});
const messages = JSON.parse(readFileSync(0, "utf8")).map((source) => {
  const compiled = state.loadstring(source || "\n", "script", false);
  return typeof compiled === "string" ? compiled : "";
});
// The bindings leave finalizers that run into the closed state: leave before they do.
process.stdout.write(JSON.stringify(messages), () => process.exit(0));
