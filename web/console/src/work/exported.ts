/**
 * Exports that this page fetched: the server gives each of them once, so they are held until the member leaves, to be
 * saved again. Their bytes are sealed. Whether a browser has written a file no page is told; how large what it was
 * given is, and its SHA-256, tell whether the file is whole.
 */

import { hexEncode } from "../../../src/crypto/encoding.ts";
import { startSha256 } from "../../../src/crypto/primitives.ts";
import { getPieces, Refused } from "../api.ts";
import { onForget } from "../state.ts";
import { Worded } from "../worded.ts";

/** All of an archive; `address` is for links of this page. */
export interface Held {
  readonly address: string;
  readonly size: number;
  readonly sha256: string;
}

/** One that is fetched, or was: `bytes` have come so far. `refused`: nothing was given, so it can be asked for again. */
export interface Fetched {
  bytes: number;
  refused: boolean;
  readonly whole: Promise<Held>;
}

const fetched = new Map<string, Fetched>();
onForget(() => {
  for (const { whole } of fetched.values()) {
    whole.then((held) => URL.revokeObjectURL(held.address)).catch(() => undefined);
  }
  fetched.clear();
});

/** What was begun here of this export, in whatever view it was. */
export const fetchedOf = (id: string): Fetched | undefined => fetched.get(id);

/** Fetch it, or find what was begun. `Worded` if it breaks off, or cannot be held: then it is lost. */
export function fetchExport(id: string): Fetched {
  const begun = fetched.get(id);
  if (begun && !begun.refused) return begun;
  const one: Fetched = {
    bytes: 0,
    refused: false,
    whole: Promise.resolve().then(() => take(id, one)),
  };
  fetched.set(id, one);
  return one;
}

async function take(id: string, one: Fetched): Promise<Held> {
  const kept: Blob[] = [];
  try {
    for await (const piece of getPieces(`/review/v1/exports/${id}`)) {
      kept.push(new Blob([piece as BlobPart])); // a browser can move these out of its memory
      one.bytes += piece.length;
    }
    const file = new Blob(kept, { type: "application/x-tar" });
    const sha256 = await digestOf(file);
    return { address: URL.createObjectURL(file), size: file.size, sha256 };
  } catch (error) {
    if (error instanceof Refused) {
      one.refused = true;
      throw error;
    }
    throw new Worded("exports.broke", { count: one.bytes });
  }
}

/** Of what is held, not of what came: what cannot be read any more is found here. */
async function digestOf(file: Blob): Promise<string> {
  const hash = await startSha256();
  const reader = file.stream().getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) hash.update(next.value);
  return hexEncode(hash.digest());
}
