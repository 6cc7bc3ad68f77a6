/** Resumable uploads against a server that breaks off, forgets and loses: what arrives is what was sent. */

import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import { Api, ApiError } from "../src/api.ts";
import { type Bytes, concat } from "../src/crypto/encoding.ts";
import { FormatError } from "../src/crypto/errors.ts";
import { Uploads } from "../src/tus.ts";

type Trouble = "none" | "break" | "forget" | "lose" | "busy" | "ahead" | "pretend";

let uploads: Map<string, { length: number; data: Bytes }>;
let troubles: Trouble[];
let patches: number;
let base: string;

const server = createServer((request, response) => void answer(request, response));
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  uploads = new Map();
  troubles = [];
  patches = 0;
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  assert.equal(request.headers["tus-resumable"], "1.0.0");
  if (request.method === "POST") {
    const name = `upload${uploads.size}`;
    uploads.set(name, { length: Number(request.headers["upload-length"]), data: new Uint8Array() });
    return void response.writeHead(201, { location: `https://elsewhere.example/v1/uploads/${name}` }).end();
  }
  const name = request.url!.split("/").at(-1)!;
  const upload = uploads.get(name);
  if (!upload) return void response.writeHead(404).end('{"code": "not_found"}');
  if (request.method === "DELETE") {
    uploads.delete(name);
    return void response.writeHead(204).end();
  }
  if (request.method === "HEAD") {
    return void response.writeHead(200, { "upload-offset": upload.data.length }).end();
  }
  patches++;
  const trouble = troubles.shift();
  if (trouble === "lose") {
    uploads.delete(name);
    return void response.writeHead(404).end('{"code": "not_found"}');
  }
  if (trouble === "busy") return void response.writeHead(409).end('{"code": "upload_busy"}');
  if (trouble === "ahead") return void response.writeHead(204, { "upload-offset": upload.length + 1 }).end();
  if (Number(request.headers["upload-offset"]) !== upload.data.length) {
    return void response.writeHead(409).end('{"code": "offset"}');
  }
  if (trouble === "pretend") {
    request.resume();
    return void response.writeHead(204, { "upload-offset": request.headers["content-length"] }).end();
  }
  for await (const piece of request) {
    upload.data = concat(upload.data, piece as Bytes);
    if (trouble === "break") return void request.socket.destroy();
  }
  if (trouble === "forget") {
    upload.data = upload.data.subarray(0, 1000);
    return void request.socket.destroy();
  }
  response.writeHead(204, { "upload-offset": upload.data.length }).end();
}

const payload = Uint8Array.from({ length: 1_500_000 }, (_, i) => (i * i) % 251);
let produced = 0;

async function* produce(): AsyncGenerator<Bytes, void> {
  produced++;
  for (let i = 0; i < payload.length; i += 70_001) yield payload.subarray(i, i + 70_001);
}

async function sent(...wanted: Trouble[]): Promise<number[]> {
  troubles = wanted;
  produced = 0;
  const seen: number[] = [];
  const name = await new Uploads(new Api(base)).send(payload.length, produce, (done) => seen.push(done));
  assert.deepEqual(uploads.get(name)!.data, payload);
  assert.equal(seen.at(-1), payload.length);
  return seen;
}

test("a payload arrives in pieces that grow, each acknowledged", async () => {
  const seen = await sent();
  assert.ok(patches > 1 && patches <= 4);
  assert.deepEqual(
    [...seen].sort((one, other) => one - other),
    seen,
  );
  assert.equal(produced, 1);
});

test("a broken connection goes on where the server is, without sealing again", async () => {
  await sent("break", "busy", "break");
  assert.equal(produced, 1);
});

test("what a server forgot after it had acknowledged it is produced and sent again", async () => {
  await sent("none", "forget");
  assert.equal(produced, 2);
});

test("a server that keeps nothing of what it acknowledges is not believed for ever", async () => {
  troubles = new Array<Trouble>(100).fill("pretend");
  const many = 12;
  async function* large(): AsyncGenerator<Bytes, void> {
    for (let i = 0; i < many; i++) yield payload;
  }
  await assert.rejects(new Uploads(new Api(base)).send(many * payload.length, large), FormatError);
});

test("an upload that was lost is begun anew, but not for ever", async () => {
  await sent("lose", "lose");
  troubles = ["lose", "lose", "lose", "lose", "lose"];
  await assert.rejects(new Uploads(new Api(base)).send(payload.length, produce), ApiError);
});

test("a server that says it has more than was sent is asked again", async () => {
  await sent("ahead");
});

test("what nothing will claim is thrown away", async () => {
  const sending = new Uploads(new Api(base));
  await sending.send(payload.length, produce);
  await sending.discard();
  assert.equal(uploads.size, 0);
});
