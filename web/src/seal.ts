/** What a page needs to seal a testimony before anything leaves the device. */

export { Recipient } from "./crypto/age_keys.ts";
export { keyFor, verifyBundle } from "./crypto/bundles.ts";
export { ContentDigest, DEDUP_MINIMUM, fileKeyAndNonce, LEAF, LeafCheck } from "./crypto/content_key.ts";
export { b64uDecode, b64uEncode, hexDecode, hexEncode, utf8 } from "./crypto/encoding.ts";
export { CryptoError, FormatError, NotMine, VerifyError } from "./crypto/errors.ts";
export * as oprf from "./crypto/oprf.ts";
export { verifyProfile } from "./crypto/profiles.ts";
export { MistypedReceipt, Receipt } from "./crypto/receipt.ts";
export { RecordWriter } from "./crypto/record_writer.ts";

/** The word list of a language that has one. It is large, and a page in another language never needs it. */
export async function wordList(language: string): Promise<readonly string[] | undefined> {
  return language === "en" ? (await import("./crypto/receipt_words.ts")).ENGLISH : undefined;
}
