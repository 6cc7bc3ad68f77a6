/**
 * What a device gets to see after its user left: nothing. Without a touch for a quarter of an hour everything is
 * forgotten, as the server does; a page that the browser kept for "back" starts anew; in the background a cover
 * stands in its place.
 */

import { forget, state } from "./state.ts";

const IDLE = 15 * 60 * 1000; // as `intake/people/sessions.py`
const LOOK = 10 * 1000;
let touched = Date.now();

/** Watch over this page; `leave` tells the server as well. */
export function watch(leave: (over: boolean) => Promise<void>): void {
  for (const kind of ["keydown", "pointerdown"]) {
    addEventListener(kind, () => (touched = Date.now()), { capture: true, passive: true });
  }
  // A clock that is looked at, and not one alarm: those stand still while a machine sleeps.
  setInterval(() => idle(leave), LOOK);
  addEventListener("pagehide", () => forget());
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  document.addEventListener("visibilitychange", () => {
    const hidden = document.visibilityState === "hidden";
    document.documentElement.toggleAttribute("data-covered", hidden);
    if (!hidden) idle(leave);
  });
}

function idle(leave: (over: boolean) => Promise<void>): void {
  if (!state.oneself || Date.now() - touched < IDLE) return;
  void leave(true);
}
