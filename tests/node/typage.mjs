// An independent age implementation as a line-oriented service: one JSON request per line, one answer
// per line. Started once by tests/tools.py.
import { createInterface } from "node:readline";
import { Decrypter, Encrypter, generateHybridIdentity, identityToRecipient } from "age-encryption";

const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const base64 = (data) => Buffer.from(data).toString("base64");

const operations = {
  async decrypt({ identity, file }) {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    return { plaintext: base64(await decrypter.decrypt(bytes(file), "uint8array")) };
  },
  async encrypt({ recipient, plaintext }) {
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    return { file: base64(await encrypter.encrypt(bytes(plaintext))) };
  },
  async keypair() {
    const identity = await generateHybridIdentity();
    return { identity, recipient: await identityToRecipient(identity) };
  },
  async recipient({ identity }) {
    return { recipient: await identityToRecipient(identity) };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    const { op, ...request } = JSON.parse(line);
    answer = { ok: true, ...(await operations[op](request)) };
  } catch (error) {
    answer = { ok: false, error: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
