/**
 * What kind of file it is, and whether it may be deduplicated: the twin of `intake/record/media.py`.
 *
 * The type follows from the bytes alone, so that every client decides alike for one and the same photo.
 */

import { DEDUP_MINIMUM } from "./crypto/content_key.ts";
import { type Bytes, latin1 } from "./crypto/encoding.ts";

export const SNIFF_BYTES = 512; // how much of a file `sniff` looks at
export const ORIGINS = ["self", "received", "downloaded", "unsaid"] as const;
export type Origin = (typeof ORIGINS)[number];
export const OTHER = "application/octet-stream";

const STARTS: readonly (readonly [magic: string, kind: string])[] = [
  ["\xff\xd8\xff", "image/jpeg"],
  ["\x89PNG\r\n\x1a\n", "image/png"],
  ["GIF87a", "image/gif"],
  ["GIF89a", "image/gif"],
  ["II*\0", "image/tiff"],
  ["MM\0*", "image/tiff"],
  ["OggS", "audio/ogg"],
  ["fLaC", "audio/flac"],
  ["ID3", "audio/mpeg"],
  ["\xff\xfb", "audio/mpeg"],
  ["\xff\xf3", "audio/mpeg"],
  ["\xff\xf2", "audio/mpeg"],
  ["\xff\xf1", "audio/aac"],
  ["\xff\xf9", "audio/aac"],
  ["#!AMR", "audio/amr"],
  ["FLV\x01", "video/x-flv"],
  ["\0\0\x01\xba", "video/mpeg"],
  ["\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-wmv"],
  ["%PDF-", "application/pdf"],
];
const RIFF = new Map([
  ["WEBP", "image/webp"],
  ["AVI ", "video/x-msvideo"],
  ["WAVE", "audio/wav"],
]);
const BRANDS: readonly (readonly [brands: readonly string[], kind: string])[] = [
  [["heic", "heix", "heim", "heis", "hevc", "mif1", "msf1"], "image/heic"],
  [["avif", "avis"], "image/avif"],
  [["qt  "], "video/quicktime"],
  [["M4A ", "M4B "], "audio/mp4"],
  [["3gp4", "3gp5", "3gp6", "3gp7", "3g2a"], "video/3gpp"],
];

/** Media type from the first bytes of a file, or null if it is none of those known. */
export function sniff(first: Bytes): string | null {
  const start = latin1(first.subarray(0, SNIFF_BYTES));
  for (const [magic, kind] of STARTS) if (start.startsWith(magic)) return kind;
  const brand = start.slice(8, 12);
  if (start.startsWith("RIFF")) return RIFF.get(brand) ?? null;
  if (start.slice(4, 8) === "ftyp") {
    return BRANDS.find(([brands]) => brands.includes(brand))?.[1] ?? "video/mp4";
  }
  if (start.startsWith("\x1a\x45\xdf\xa3")) {
    return start.slice(0, 64).includes("webm") ? "video/webm" : "video/x-matroska";
  }
  return start[0] === "G" && start[188] === "G" && start[376] === "G" ? "video/mp2t" : null;
}

/**
 * Whether the file gets a content key: equal copies elsewhere then share one payload.
 *
 * Not what the person took themselves or appears in, nor what is intimate: nobody else should hold the
 * same bytes, and nobody should be able to ask. Not short files, nor documents: guessable.
 */
export function deduplicates(kind: string | null, size: number, origin: Origin, intimate: boolean): boolean {
  return (
    kind !== null &&
    /^(?:image|video|audio)\//.test(kind) &&
    size >= DEDUP_MINIMUM &&
    origin !== "self" &&
    !intimate
  );
}
