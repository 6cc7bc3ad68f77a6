/** A large video is sealed and opened in little memory, however large it is. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { CHUNK, Opener } from "../src/crypto/age_stream.ts";
import { MediumSealer } from "../src/crypto/record_writer.ts";
import { pattern } from "./vectors.ts";

const MIB = 1024 * 1024;
const LENGTH = 96;

test("memory does not grow with what is sealed", async () => {
  const piece = pattern(MIB);
  const key = pattern(16);
  const sealer = await MediumSealer.start("00".repeat(16), key, key);
  const opener = new Opener(key);
  const used: number[] = [];
  let opened = 0;
  for (let i = 0; i < LENGTH; i++) {
    opened += (await opener.update(await sealer.update(piece))).length;
    used.push(process.memoryUsage().rss);
  }
  const early = Math.max(...used.slice(0, LENGTH / 3));
  const late = Math.max(...used.slice((LENGTH * 2) / 3));
  assert.ok(late < early + 32 * MIB, `${early / MIB} MiB, then ${late / MIB} MiB`);
  assert.ok(opened >= LENGTH * MIB - 2 * CHUNK);
});
