/** Reading a chosen file in leaves: once to know what it is, and once more to seal it. */

import { ContentDigest, LEAF } from "./crypto/content_key.ts";
import type { Bytes } from "./crypto/encoding.ts";
import { sniff } from "./media.ts";
import { Refused } from "./refused.ts";

/** A file on the device, under the name by which the person chose it. */
export interface Chosen {
  readonly file: Blob;
  readonly name: string;
}

/** What one reading of a file has found. */
export interface Plan {
  readonly kind: string | null;
  readonly size: number;
  readonly digest: Bytes;
  readonly leaves: readonly Bytes[];
}

/** `progress` hears the bytes that were read. `Refused` if the file changed. */
export async function readOnce(medium: Chosen, progress: (done: number) => void): Promise<Plan> {
  const digest = await ContentDigest.start();
  let kind: string | null = null;
  for await (const leaf of leavesOf(medium)) {
    if (!digest.length) kind = sniff(leaf);
    await digest.update(leaf);
    progress(digest.length);
  }
  return { kind, size: digest.length, digest: await digest.finish(), leaves: digest.leaves };
}

/** Leaf after leaf. `Refused` if the file changed. */
export async function* leavesOf({ file, name }: Chosen): AsyncGenerator<Bytes, void> {
  for (let start = 0; start < file.size; start += LEAF) {
    let data: Bytes;
    try {
      data = new Uint8Array(await file.slice(start, start + LEAF).arrayBuffer());
    } catch {
      throw new Refused("file_changed", { name }); // the browser refuses to read what is not what was chosen
    }
    yield data;
  }
}
