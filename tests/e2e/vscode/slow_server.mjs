// A server that speaks OpenAI's protocol and writes slowly and without end, as a big model on a small machine does.
import http from "node:http";
import { until } from "./editor.mjs";

/** Starts it. `open` is how many answers are being written now. */
export function slowServer() {
  let open = 0;
  const server = http.createServer((request, response) => {
    if (request.method === "GET") {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ object: "list", data: [{ id: "slow", object: "model" }] }));
      return;
    }
    open += 1;
    response.writeHead(200, { "content-type": "text/event-stream" });
    const write = (content) => {
      const chunk = { id: "1", object: "chat.completion.chunk", created: 0, model: "slow" };
      const choices = [{ index: 0, delta: { content }, finish_reason: null }];
      response.write(`data: ${JSON.stringify({ ...chunk, choices })}\n\n`);
    };
    write("local");
    const timer = setInterval(() => write(" a = 1\nlocal"), 40);
    response.on("close", () => {
      clearInterval(timer);
      open -= 1;
    });
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve({
        address: `http://127.0.0.1:${server.address().port}/v1`,
        busy: () => until(() => open > 0, "the server is writing"),
        idle: () => until(() => open === 0, "the server has stopped writing"),
        close: () => {
          server.closeAllConnections();
          server.close();
        },
      });
    });
  });
}
