/** Going on to another page of this server without leaving the document. */

import { quietly } from "./leaving.ts";

/** Show what is said of the sealed way instead of the plain one. */
export function sealedWay(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>("[data-way]")) {
    element.hidden = element.dataset["way"] !== "sealed";
  }
}

/** Put a page in place of the one that is shown. */
export function show(page: Document): void {
  sealedWay(page);
  document.body.replaceChildren(...[...page.body.children].map((child) => document.importNode(child, true)));
  quietly(document);
  scrollTo(0, 0);
  document.querySelector("main")?.focus();
}
