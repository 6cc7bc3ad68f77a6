/**
 * An age file, cut in two where its header ends: `header ‖ payload` is what any age tool opens.
 *
 * Equal payloads of different people can be stored once, because a payload does not depend on the header
 * that wraps its file key. Deduplicated media deliberately break age's rule that file key and nonce are
 * fresh randomness (see `content_key`); everything else keeps it.
 */

import * as ageHeader from "./age_header.ts";
import type { Identity, Recipient } from "./age_keys.ts";
import { Opener, Sealer } from "./age_stream.ts";
import { b64Encode, type Bytes, concat } from "./encoding.ts";
import { FormatError, NotMine, VerifyError } from "./errors.ts";
import * as primitives from "./primitives.ts";

const INFO = "age-encryption.org/mlkem768x25519";
export const WRAP_RANDOM = primitives.ENCAPSULATION; // bytes

/** A header with one stanza that wraps the 16-byte `fileKey`; `randomness` is 64 fresh random bytes. */
export function wrap(fileKey: Bytes, recipient: Recipient, randomness: Bytes): Bytes {
  return wrapAll(fileKey, [recipient], () => randomness);
}

/** The same with a stanza for each; `random` gives fresh random bytes, 64 for each. */
export function wrapAll(
  fileKey: Bytes,
  recipients: readonly Recipient[],
  random: (size: number) => Bytes,
): Bytes {
  if (fileKey.length !== ageHeader.FILE_KEY_SIZE) throw new FormatError("a file key has 16 bytes");
  const stanzas = recipients.map((recipient) => {
    const [enc, body] = primitives.hpkeSeal(recipient.public, INFO, fileKey, random(WRAP_RANDOM));
    return { kind: ageHeader.STANZA_TYPE, arguments: [b64Encode(enc)], body };
  });
  return ageHeader.encode(stanzas, fileKey);
}

/** The file key. `NotMine` if no identity fits, `VerifyError` if the header was altered after. */
export function unwrap(header: ageHeader.Header, identities: readonly Identity[]): Bytes {
  for (const stanza of header.stanzas) {
    if (stanza.kind !== ageHeader.STANZA_TYPE) continue;
    const enc = ageHeader.checkHybrid(stanza);
    for (const identity of identities) {
      let fileKey: Bytes;
      try {
        fileKey = primitives.hpkeOpen(identity.key, INFO, enc, stanza.body);
      } catch (error) {
        if (error instanceof VerifyError) continue;
        throw error;
      }
      ageHeader.checkMac(header, fileKey);
      return fileKey;
    }
  }
  throw new NotMine("none of these keys opens this file");
}

/** Cut an age file into its header and its payload. */
export function split(file: Bytes): [ageHeader.Header, Bytes] {
  const header = ageHeader.parse(file);
  return [header, file.subarray(header.raw.length)];
}

/** A payload in memory; for streams use `Sealer`. */
export async function sealPayload(plain: Bytes, fileKey: Bytes, nonce: Bytes): Promise<Bytes> {
  const sealer = await Sealer.start(fileKey, nonce);
  return concat(await sealer.update(plain), await sealer.finish());
}

/** Inverse of `sealPayload`; `VerifyError` if it was altered. */
export async function openPayload(payload: Bytes, fileKey: Bytes): Promise<Bytes> {
  const opener = new Opener(fileKey);
  return concat(await opener.update(payload), await opener.finish());
}

/** A whole small age file. `fileKey` and `nonce` are 16 fresh random bytes each, `randomness` is 64. */
export async function sealFile(
  plain: Bytes,
  recipient: Recipient,
  fresh: { fileKey: Bytes; nonce: Bytes; randomness: Bytes },
): Promise<Bytes> {
  return concat(
    wrap(fresh.fileKey, recipient, fresh.randomness),
    await sealPayload(plain, fresh.fileKey, fresh.nonce),
  );
}

/** Inverse of `sealFile`. */
export async function openFile(file: Bytes, identities: readonly Identity[]): Promise<Bytes> {
  const [header, payload] = split(file);
  return openPayload(payload, unwrap(header, identities));
}
