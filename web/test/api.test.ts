/** Waiting for a connection, and for a service: hours of the one, an hour of the other. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Api, ApiError } from "../src/api.ts";

let answer: () => Response;
let asked: number;
const platform = globalThis.fetch;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  asked = 0;
  globalThis.fetch = async () => {
    asked++;
    return answer();
  };
});
afterEach(() => {
  mock.timers.reset();
  globalThis.fetch = platform;
});

async function seconds(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    mock.timers.tick(1000);
    await new Promise(setImmediate);
  }
}

function offline(): Response {
  throw new TypeError("no connection");
}

test("two hours offline are waited out, and a busy service after them", async () => {
  answer = offline;
  const waited: number[] = [];
  const found = new Api("", (pause) => waited.push(pause)).get("/v1/oprf");
  await seconds(7200);
  assert.ok(asked > 200 && asked < 400, `asked ${asked} times`);
  answer = () => new Response('{"code": "unavailable"}', { status: 503 });
  await seconds(120);
  answer = () => new Response('{"epoch": 1}');
  await seconds(60);
  assert.deepEqual(await found, { epoch: 1 });
  assert.equal(waited.at(-1), 0);
});

test("a service that answers with nothing but errors is given up after an hour", async () => {
  answer = () => new Response("", { status: 502 });
  const found = assert.rejects(new Api("").get("/v1/oprf"), ApiError);
  await seconds(3700);
  await found;
});

test("what is refused is not asked again", async () => {
  answer = () => new Response('{"code": "empty"}', { status: 422 });
  await assert.rejects(new Api("").get("/v1/oprf"), { code: "empty", status: 422 });
  assert.equal(asked, 1);
});
