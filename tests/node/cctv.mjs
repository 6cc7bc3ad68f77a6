// Writes C2SP's age test vectors (npm cctv-age) as one JSON object: name → base64 of the vector file.
import * as vectors from "cctv-age";

const out = {};
for (const [name, data] of Object.entries(vectors)) out[name] = Buffer.from(data).toString("base64");
process.stdout.write(JSON.stringify(out));
