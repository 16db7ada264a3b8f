// The tests in host/, which run inside the extension host.
import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openEditor, SERVER, until } from "./editor.mjs";
import { answeringServer } from "./model_server.mjs";

const HOST = path.join(path.dirname(fileURLToPath(import.meta.url)), "host/index.js");
const names = Object.keys(createRequire(import.meta.url)(HOST).tests);
const SHOP = `local remote = game:GetService("ReplicatedStorage"):WaitForChild("Buy")
remote.OnServerEvent:Connect(function(player, amount)
	player:SetAttribute("Coins", amount)
end)
`;
const CHECK = "\tif type(amount) ~= \"number\" or amount ~= amount or amount < 0 or amount > 100 then\n\t\treturn\n\tend\n";
const [, HANDLER] = SHOP.split(/(remote\.[^]*)/);
const MENDED = HANDLER.replace("\tplayer", `${CHECK}\tplayer`);
const files = {
  "Door.server.luau": "print('界😀') wait(2)\n",
  "Coins.server.luau": "-- 😀 kill brick named Lava\n",
  "src/Far.luau": "wait(1)\n",
  "Shop.server.luau": SHOP,
  "default.project.json": "{}",
  "Old.server.lua": "-- kill brick named Lava\n",
};
const settings = {
  "luau-lsp-ai.serverCommand": [SERVER],
  "editor.codeActionsOnSave": { "source.fixAll.luau-lsp-ai": "explicit" },
};
let editor;
let model;
let results = {};

before(async () => {
  model = await answeringServer(`\`\`\`luau\n${MENDED}\`\`\`\n`);
  editor = await openEditor({ files: { ...files, "model.txt": model.address }, settings, tests: HOST });
  const file = path.join(editor.folder, "results.json");
  await until(() => fs.existsSync(file), "the extension host has run the tests", 200000);
  results = JSON.parse(fs.readFileSync(file, "utf8"));
});
after(async () => {
  await editor?.close();
  model?.close();
});

for (const name of names) test(name, () => assert.equal(results[name], ""));
