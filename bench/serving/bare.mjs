// The same inference behind nothing but node:http: no limits, no metrics, no second protocol, no reload.
import { createServer } from "node:http";
import { Client } from "@tenon/core";

const client = new Client({ directory: process.argv[2] });
const model = await (await client.artifacts.get("birds.train.model")).load();
await client.close();
const server = createServer((request, response) => {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", async () => {
    const { instances } = JSON.parse(Buffer.concat(pieces).toString());
    const { classes, probabilities } = await model.predict(instances);
    const width = classes.length;
    const predictions = instances.map((_, row) => {
      const own = Array.from(probabilities.subarray(row * width, (row + 1) * width));
      return { prediction: classes[own.indexOf(Math.max(...own))], probabilities: own };
    });
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ predictions }));
  });
});
server.listen(0, "127.0.0.1", () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));
process.once("SIGTERM", () => process.exit());
