/**
 * The `fido2prf` stanza of age files, as the age library typage writes it: a file key wrapped with what an
 * authenticator computes (WebAuthn's PRF extension) for a nonce.
 *
 *     inputs  first = label ‖ 01 ‖ nonce, second = label ‖ 02 ‖ nonce
 *     key     HKDF-Extract(SHA-256, salt = label, results first ‖ second)
 *     body    ChaCha20-Poly1305(key, nonce 0, file key)
 *
 * Our PRF nonce is the same each time, so that one ceremony logs in and opens the vault; hence also the key.
 * A second file key under it would be a second message under one ChaCha20 nonce. So there is only one: it
 * follows from the key, and what is new in each file is the nonce of its payload.
 */

import * as header from "../../../src/crypto/age_header.ts";
import { b64Decode, b64Encode, type Bytes, concat, utf8 } from "../../../src/crypto/encoding.ts";
import { FormatError, NotMine } from "../../../src/crypto/errors.ts";
import { hkdf, hmacSha256, startChaCha } from "../../../src/crypto/primitives.ts";
import { openPayload, sealPayload, split } from "../../../src/crypto/sealing.ts";

export const STANZA = "age-encryption.org/fido2prf";
const NONCE_SIZE = 16;
const ZERO = new Uint8Array(12);

/** What the authenticator is asked to compute. */
export function prfInputs(nonce: Bytes): { first: Bytes; second: Bytes } {
  const input = (number: number) => concat(utf8(STANZA), Uint8Array.of(number), nonce);
  return { first: input(1), second: input(2) };
}

/** The wrapping key, 32 bytes, from the authenticator's two results. */
export function prfKey(first: Bytes, second: Bytes): Bytes {
  return hmacSha256(utf8(STANZA), first, second);
}

/** A whole age file; `payloadNonce` is 16 fresh random bytes. */
export async function sealWithPrf(
  plain: Bytes,
  key: Bytes,
  nonce: Bytes,
  payloadNonce: Bytes,
): Promise<Bytes> {
  if (nonce.length !== NONCE_SIZE) throw new FormatError("a PRF nonce has 16 bytes");
  const fileKey = hkdf(key, "intake/vault/file-key/v1", new Uint8Array(0), header.FILE_KEY_SIZE);
  const body = await (await startChaCha(key)).encrypt(ZERO, fileKey);
  const wrapped = header.encode([{ kind: STANZA, arguments: [b64Encode(nonce)], body }], fileKey);
  return concat(wrapped, await sealPayload(plain, fileKey, payloadNonce));
}

/** Inverse of `sealWithPrf`. `NotMine` if another passkey made it, `VerifyError` if it was altered. */
export async function openWithPrf(file: Bytes, key: Bytes): Promise<Bytes> {
  const [parsed, payload] = split(file);
  const stanza = parsed.stanzas[0]!;
  if (parsed.stanzas.length !== 1 || stanza.kind !== STANZA || stanza.arguments.length !== 1) {
    throw new FormatError("the file is not sealed to a passkey");
  }
  if (b64Decode(stanza.arguments[0]!).length !== NONCE_SIZE) throw new FormatError("malformed PRF stanza");
  const aead = await startChaCha(key);
  const fileKey = await aead.decrypt(ZERO, stanza.body).catch(() => {
    throw new NotMine("another passkey opens this file");
  });
  if (fileKey.length !== header.FILE_KEY_SIZE) throw new FormatError("malformed PRF stanza");
  header.checkMac(parsed, fileKey);
  return openPayload(payload, fileKey);
}
