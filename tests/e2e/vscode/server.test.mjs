// A studio's model server that wants a key: chosen, asked for a script, and its key changed and forgotten.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before } from "node:test";
import { openEditor, SERVER, steps, until } from "./editor.mjs";
import { answeringServer } from "./model_server.mjs";

const COMMENT = "-- whoever touches the part dies\n";
const SCRIPT = `local part = script.Parent

part.Touched:Connect(function(hit)
	local humanoid = hit.Parent and hit.Parent:FindFirstChildOfClass("Humanoid")
	if humanoid then
		humanoid.Health = 0
	end
end)
`;
const settings = { "luau-lsp-ai.serverCommand": [SERVER], "luau-lsp-ai.ghostText": false };
let editor;
const step = steps(() => editor);
let studio;

before(async () => {
  studio = await answeringServer(SCRIPT, "sk-studio-1");
  editor = await openEditor({ files: { "Part.server.luau": COMMENT }, settings });
});
after(async () => {
  await editor?.close();
  studio?.close();
});

/** Types into the input box that asks for this. */
async function enter(asked, text) {
  await editor.list.getByText(asked).first().waitFor();
  if (text) await editor.page.keyboard.type(text);
  await editor.press("Enter");
}

/** Asks for a script, until there is what is waited for: the server may just be started anew. */
function generate(seen, what) {
  return until(async () => {
    await editor.command("Notifications: Clear All Notifications");
    await editor.open("Part.server.luau");
    await editor.goTo(1);
    await editor.press("Control+Alt+G");
    return until(seen, what, 5000).catch(() => false);
  }, what);
}

async function generated() {
  await generate(async () => (await editor.text()).includes("Touched:Connect"), "a script is written");
  await editor.press("Control+Z");
  await until(async () => !(await editor.text()).includes("Touched:Connect"), "it is taken back");
}

step("a server is used as soon as its address, its model and its key are given", async () => {
  await editor.open("Part.server.luau");
  await editor.status.getByText("luau-mini").waitFor({ timeout: 60000 });
  await editor.command("Luau AI: Choose Model");
  await editor.row("Use a server").waitFor({ timeout: 60000 });
  await editor.page.keyboard.type("Use a server");
  await editor.press("Enter");
  await enter("Its address", studio.address);
  await enter("The model's name there", "served");
  await editor.list.getByText("It is kept in your computer's keychain").waitFor();
  await editor.page.keyboard.type("sk-studio-1");
  await editor.shot("key");
  assert.equal(await editor.list.locator("input").last().getAttribute("type"), "password");
  await editor.press("Enter");
  await editor.status.getByText("served").waitFor();
  await generated();
});

step("the key is in no file of the editor, and in no log", async () => {
  const files = fs.readdirSync(editor.data, { recursive: true }).map((name) => path.join(editor.data, name));
  const written = files.filter((file) => fs.statSync(file).isFile());
  assert.ok(written.some((file) => file.endsWith(".log")));
  assert.deepEqual(written.filter((file) => fs.readFileSync(file).includes("sk-studio-1")), []);
});

step("a wrong key is said, with the way to set it", async () => {
  studio.key = "sk-studio-2";
  await generate(() => editor.toast("does not take the API key").getByText("Set API Key").isVisible(), "the key is refused");
  await editor.shot("wrong-key");
});

step("the new key counts at once", async () => {
  await editor.command("Luau AI: Set API Key");
  await enter(`For ${studio.address}`, "sk-studio-2");
  await generated();
});

step("no other server is told it", async () => {
  const stranger = await answeringServer(SCRIPT);
  editor.settings({ ...settings, "luau-lsp-ai.engine": "http", "luau-lsp-ai.endpoint": stranger.address, "luau-lsp-ai.model": "served" });
  await until(() => stranger.keys.size > 0 || generated(), "the other server writes a script");
  assert.ok(stranger.keys.size > 0);
  assert.ok(![...stranger.keys].join().includes("sk-"), [...stranger.keys].join());
  stranger.close();
});
