/**
 * What a device gets to see of what is written: nothing after leaving, a cover while the page is in the
 * background, and no helpful service that reads along.
 */

const TYPED = "input:not([type]), input[type=text], textarea";
let asks: () => boolean = () => false;
let leaving = false;

/** Before the page is closed, the browser asks if there is something to lose. */
export function guard(losing: () => boolean): void {
  asks = losing;
}

/**
 * Watch over this document.
 *
 * `cover` stands in place of everything when the page goes into the background; `drop` lets go of what is kept
 * in memory when somebody leaves quickly.
 */
export function watch(cover: HTMLElement, drop: () => void): void {
  addEventListener("beforeunload", (event) => {
    if (!leaving && asks()) event.preventDefault();
  });
  // A page that a browser kept for "back" would show everything again.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") hide(cover);
  });
  cover.querySelector("button")!.addEventListener("click", () => show(cover));
  document.addEventListener(
    "click",
    (event) => {
      const link = (event.target as Element).closest<HTMLAnchorElement>("a.quit");
      if (!link) return;
      event.preventDefault();
      leaving = true; // and it is not held up by a question
      const address = link.href;
      document.body.replaceChildren();
      drop();
      location.replace(address);
    },
    true,
  );
}

/** No spelling service, keyboard or form filler learns what is typed here. */
export function quietly(root: ParentNode): void {
  for (const field of root.querySelectorAll(TYPED)) {
    field.setAttribute("spellcheck", "false");
    field.setAttribute("autocorrect", "off");
    field.setAttribute("autocapitalize", "off");
    field.setAttribute("autocomplete", "off");
  }
}

let focused: Element | null = null;

function hide(cover: HTMLElement): void {
  if (cover.isConnected) return;
  focused = document.activeElement;
  for (const child of document.body.children) child.toggleAttribute("data-covered", true);
  document.body.append(cover);
}

function show(cover: HTMLElement): void {
  cover.remove();
  for (const child of document.body.children) child.removeAttribute("data-covered");
  if (focused instanceof HTMLElement) focused.focus();
}
