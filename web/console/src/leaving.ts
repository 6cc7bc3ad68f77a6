/**
 * What a device gets to see after its user left: nothing. Without a touch for a quarter of an hour, and eight hours
 * after the login, everything is forgotten, as the server does; the page begins anew, so that nothing of it stays in
 * memory; other tabs of this browser, whose session it was too, do the same; in the background a cover stands in its
 * place. Who reads, writes or plays something is there: the server is told at times, since it counts requests only.
 */

import { changed, forget, state } from "./state.ts";

export const IDLE = 15 * 60 * 1000; // as `intake/people/sessions.py`
export const LIFE = 8 * 3600 * 1000;
export const WARN = 60 * 1000;
const TELL = 5 * 60 * 1000;
const LOOK = 10 * 1000;
const TOUCHES = ["keydown", "pointerdown", "wheel", "scroll", "timeupdate"]; // the last one: a video that plays
let touched = Date.now();
let told = Date.now();
let others: BroadcastChannel | undefined;

/** The server's side: `leave` ends the session, `stay` is any request that lets it go on. */
export interface Watched {
  readonly leave: (over: boolean) => Promise<void>;
  readonly stay: () => Promise<unknown>;
}

/** Watch over this page. */
export function watch(watched: Watched): void {
  for (const kind of TOUCHES) {
    addEventListener(kind, () => (touched = Date.now()), { capture: true, passive: true });
  }
  // A clock that is looked at, and not one alarm: those stand still while a machine sleeps.
  setInterval(() => look(watched), LOOK);
  addEventListener("pagehide", () => forget());
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  document.addEventListener("visibilitychange", () => {
    const hidden = document.visibilityState === "hidden";
    document.documentElement.toggleAttribute("data-covered", hidden);
    if (!hidden) look(watched);
  });
  others = new BroadcastChannel("review");
  others.addEventListener("message", () => {
    if (state.oneself) restart(true);
  });
}

/** The session of this browser is another one now, or none: its other tabs forget what they had. */
export const tellOthers = (): void => others?.postMessage("");

/** Forget, and begin the page anew: what was opened leaves the memory with it. `over`: the login page says so. */
export function restart(over: boolean): void {
  forget(over);
  history.replaceState(null, "", over ? "#over" : location.pathname);
  location.reload();
}

/** What is left, in milliseconds, at this moment (all in milliseconds since 1970). */
export const leftAt = (now: number, touch: number, entered: number | undefined): number =>
  Math.min(touch + IDLE, entered === undefined ? Infinity : entered + LIFE) - now;

function look({ leave, stay }: Watched): void {
  const inside = state.oneself !== undefined;
  if (!inside && !state.following) return;
  const now = Date.now();
  const left = leftAt(now, touched, inside ? state.entered : undefined);
  if (left <= 0) {
    if (inside) void leave(true);
    else restart(false); // a printed key is on the page of somebody who enrols
    return;
  }
  if (state.ending !== left <= WARN) {
    state.ending = left <= WARN;
    changed();
  }
  if (inside && touched > told && now - told > TELL) {
    told = now;
    stay().catch(() => undefined); // that a session is over `watchRefusals` is told
  }
}
