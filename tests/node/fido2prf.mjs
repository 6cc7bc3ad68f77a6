// Vaults against the age library that invented their stanza: what one seals with a passkey the other opens.
// The passkey is a stand-in at the library's own border, navigator.credentials.get: HMAC of the PRF inputs.

import { createHmac, randomBytes } from "node:crypto";
import { Decrypter, Encrypter, webauthn } from "age-encryption";

const { openWithPrf, prfInputs, prfKey, sealWithPrf } = await import(
  process.argv[2]
);

const device = (secret) => (input) =>
  new Uint8Array(
    createHmac("sha256", secret).update(Buffer.from(input)).digest(),
  );
const [own, other] = [device("own"), device("other")];
let current = own;
Object.defineProperty(globalThis, "navigator", {
  value: {
    credentials: {
      get: async ({ publicKey }) => {
        const { first, second } = publicKey.extensions.prf.eval;
        return {
          getClientExtensionResults: () => ({
            prf: {
              results: { first: current(first), second: current(second) },
            },
          }),
        };
      },
    },
  },
});
const options = { rpId: "localhost" };
const nonce = new Uint8Array(randomBytes(16));
const inputs = prfInputs(nonce);
const key = prfKey(own(inputs.first), own(inputs.second));
const plain = new Uint8Array(randomBytes(200));
const same = (left, right) =>
  Buffer.compare(Buffer.from(left), Buffer.from(right)) === 0;
const failure = (work) =>
  work().then(
    () => "nothing",
    (error) => error.name,
  );
const theirs = async (file) => {
  const decrypter = new Decrypter();
  decrypter.addIdentity(new webauthn.WebAuthnIdentity(options));
  return decrypter.decrypt(file);
};

const sealed = await sealWithPrf(
  plain,
  key,
  nonce,
  new Uint8Array(randomBytes(16)),
);
const again = await sealWithPrf(
  new Uint8Array(10),
  key,
  nonce,
  new Uint8Array(randomBytes(16)),
);
const encrypter = new Encrypter();
encrypter.addRecipient(new webauthn.WebAuthnRecipient(options));
const made = await encrypter.encrypt(plain);
const stanza = Buffer.from(made).toString("latin1").split("\n")[1].split(" ");
const theirNonce = new Uint8Array(Buffer.from(stanza[2], "base64"));
const theirInputs = prfInputs(theirNonce);
const theirKey = prfKey(own(theirInputs.first), own(theirInputs.second));
const otherKey = prfKey(other(inputs.first), other(inputs.second));
// Another letter of base64, so that the header stays one.
const garbled = (position) =>
  sealed.map((byte, i) => (i === position ? (byte === 65 ? 66 : 65) : byte));
const mac = Buffer.from(sealed).indexOf("\n--- ") + 10;

const found = {
  theyOpenOurs:
    same(await theirs(sealed), plain) && (await theirs(again)).length === 10,
  weOpenTheirs: same(await openWithPrf(made, theirKey), plain),
  wrapsAlike:
    Buffer.from(sealed).toString("latin1").split("---")[0] ===
    Buffer.from(again).toString("latin1").split("---")[0],
  anotherPasskey: await failure(() => openWithPrf(sealed, otherKey)),
  garbledEnd: await failure(() => openWithPrf(garbled(sealed.length - 1), key)),
  garbledMac: await failure(() => openWithPrf(garbled(mac), key)),
  cut: await failure(() =>
    openWithPrf(sealed.subarray(0, sealed.length - 20), key),
  ),
  empty: await failure(() => openWithPrf(new Uint8Array(0), key)),
};
current = other;
found.theyRefuseAnotherPasskey =
  (await failure(() => theirs(sealed))) !== "nothing";
console.log(JSON.stringify(found));
