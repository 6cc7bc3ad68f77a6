/** From a receipt to the long form: what was saved with it, or an empty one. */

import type { Json } from "../crypto/encoding.ts";
import { show } from "../showing.ts";
import type { Thread } from "../thread.ts";
import { Blank } from "./blank.ts";
import { Manuscript } from "./manuscript.ts";
import { Writing } from "./writing.ts";

/**
 * Open the long form in this document. `page` has its blank pages; `entries` is what the worker's desk has
 * opened with the receipt, null if a testimony was received with it.
 */
export function write(
  worker: Thread,
  page: Document,
  entries: ReadonlyMap<string, Json> | null,
  language: string,
): void {
  show(page);
  const main = document.querySelector("main")!;
  const blank = new Blank(main, language);
  if (entries) new Writing(worker, blank, new Manuscript(entries), main);
  else main.replaceChildren(blank.page("received-before"));
}
