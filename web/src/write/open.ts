/** From a receipt to the long form: what was saved with it, or an empty one. */

import { load } from "../load.ts";
import type { Thread } from "../thread.ts";
import { Blank } from "./blank.ts";
import { Manuscript } from "./manuscript.ts";
import { Writing } from "./writing.ts";

/**
 * Open the long form in this document; `show` puts a page of the server into it.
 *
 * The receipt goes to the worker only. Rejects with `Refused`, and changes nothing, if that does not work.
 */
export async function write(
  worker: Thread,
  receipt: string,
  language: string,
  assets: string,
  show: (page: Document) => void,
): Promise<void> {
  const [page, entries] = await Promise.all([
    load(`/${language}/pages`),
    worker.ask("open", receipt, language, assets),
  ]);
  show(page);
  const main = document.querySelector("main")!;
  const blank = new Blank(main, language);
  if (entries) new Writing(worker, blank, new Manuscript(entries), main);
  else main.replaceChildren(blank.page("received-before"));
}
