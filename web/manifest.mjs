/**
 * Writes FOLDER/manifest.json: the SHA-256 of every built file, by path. Prints the manifest's own.
 *
 * The manifest is canonical JSON (RFC 8785: paths are ASCII, so sorting and JSON.stringify give it). Its
 * hash is what a sealed statement names as its client's assets.
 */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const dist = join(import.meta.dirname, process.argv[2]);
const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const paths = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name !== "manifest.json")
  .map((entry) =>
    join(entry.parentPath, entry.name)
      .slice(dist.length + 1)
      .replaceAll("\\", "/"),
  )
  .sort();
const manifest = JSON.stringify(
  Object.fromEntries(paths.map((path) => [path, sha256(readFileSync(join(dist, path)))])),
);
writeFileSync(join(dist, "manifest.json"), manifest);
console.log(`manifest ${sha256(manifest)}`);
