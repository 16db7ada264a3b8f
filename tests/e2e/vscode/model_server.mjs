// Servers that speak OpenAI's protocol, in place of big models.
import http from "node:http";
import { until } from "./editor.mjs";

/** One that writes slowly and without end, as on a small machine. */
export function slowServer() {
  return modelServer((write, response) => {
    write("local");
    const timer = setInterval(() => write(" a = 1\nlocal"), 40);
    response.on("close", () => clearInterval(timer));
  });
}

/** One that answers with this text, whatever it is asked, by whoever has the key. */
export function answeringServer(text, key) {
  return modelServer((write, response) => {
    write(text);
    write("", "stop");
    response.end("data: [DONE]\n\n");
  }, key);
}

/**
 * `answer` gets a function that writes a piece of the answer. `busy` and `idle` wait for answers that are on their way.
 * `key` is what is wanted, none where undefined, and `keys` are those that came.
 */
function modelServer(answer, key) {
  let open = 0;
  const keys = new Set();
  const server = http.createServer((request, response) => {
    keys.add(request.headers.authorization);
    if (model.key !== undefined && request.headers.authorization !== `Bearer ${model.key}`) {
      response.writeHead(401, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: "Incorrect API key" } }));
      return;
    }
    if (request.method === "GET") {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ object: "list", data: [{ id: "served", object: "model" }] }));
      return;
    }
    open += 1;
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.on("close", () => {
      open -= 1;
    });
    answer((content, finish = null) => {
      const chunk = { id: "1", object: "chat.completion.chunk", created: 0, model: "served" };
      const choices = [{ index: 0, delta: { content }, finish_reason: finish }];
      response.write(`data: ${JSON.stringify({ ...chunk, choices })}\n\n`);
    }, response);
  });
  const model = {
    key,
    keys,
    busy: () => until(() => open > 0, "the server is writing"),
    idle: () => until(() => open === 0, "the server has stopped writing"),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      model.address = `http://127.0.0.1:${server.address().port}/v1`;
      resolve(model);
    });
  });
}
