/** Telling `waiting.ts`, which is a script of its own, whether this program runs. */

/** Whether forms are taken over now; if not, they go the plain way. */
export function signal(runs: boolean): void {
  document.dispatchEvent(new CustomEvent("program", { detail: runs }));
}
