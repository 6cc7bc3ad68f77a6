/** The page after everything has arrived. */

import { focus, type Texts } from "./progress.ts";
import type { Received } from "./sending.ts";

/**
 * Show what was received in place of everything else: nothing of what was written is left in the page. `store`
 * holds names of days.
 */
export function showReceived(page: HTMLElement, received: Received, texts: Texts, store: ParentNode): void {
  const { day, mechanisms, media, promise } = received;
  const fill = (name: string, said: string): void => {
    page.querySelector(`[data-fill=${name}]`)!.textContent = said;
  };
  // Not by the browser: few of them know the names of months in Belarusian.
  fill("day", store.querySelector(`[data-day="${day}"]`)?.textContent ?? day);
  fill("files", media ? String(media) : texts.get("none"));
  fill("promise", promise ?? "");
  page.querySelector<HTMLElement>("details")!.hidden = promise === null;
  const broken = page.querySelector<HTMLElement>("[data-broken]");
  if (broken) broken.hidden = promise !== null;
  const names = mechanisms.map((name) => {
    const item = document.createElement("li");
    item.textContent = name;
    return item;
  });
  page.querySelector("[data-fill=mechanisms]")!.replaceChildren(...names);
  document.querySelector("footer p")!.textContent = texts.get("close");
  page.hidden = false;
  document.querySelector("main")!.replaceChildren(page);
  scrollTo(0, 0);
  focus(page.querySelector("h1")!);
}
