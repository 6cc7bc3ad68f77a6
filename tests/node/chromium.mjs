// Unpacks the Chromium that the npm package @sparticuz/chromium carries into TMPDIR; prints its path.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { inflate } from "@sparticuz/chromium";

const bin = join(dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium"))), "..", "bin");
const names = ["chromium.br", "fonts.tar.br", "swiftshader.tar.br", "al2023.tar.br"];
const [chromium] = await Promise.all(names.map((name) => inflate(join(bin, name))));
process.stdout.write(chromium);
