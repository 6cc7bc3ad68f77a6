/** Forms of the pages of coming back: filled with what holds, and read. */

import type { Origin } from "./media.ts";
import type { Medium } from "./sending.ts";
import type { Typed } from "./typed.ts";

/** Show these values in a form; what is not named stays as it is. */
export function fillForm(form: HTMLFormElement, fields: Typed): void {
  for (const element of form.elements) {
    const values = fields.get((element as HTMLInputElement).name);
    if (!values) continue;
    if (element instanceof HTMLInputElement && ["checkbox", "radio"].includes(element.type)) {
      element.checked = values.includes(element.value);
    } else if (
      element instanceof HTMLInputElement ||
      element instanceof HTMLTextAreaElement ||
      element instanceof HTMLSelectElement
    ) {
      element.value = values.at(-1) ?? "";
    }
    if (values.length) element.closest("details")?.setAttribute("open", "");
  }
}

/** Files in the order in which they stand on the page, each with what was said of its row. */
export function mediaOf(data: FormData): Medium[] {
  const found: Medium[] = [];
  for (const [name, value] of data) {
    const row = /^media:([0-9]+)$/.exec(name)?.[1];
    if (row === undefined || !(value instanceof File) || !value.name) continue;
    const origin = String(data.get(`origin:${row}`) ?? "unsaid") as Origin; // the worker looks whether it is one
    found.push({ file: value, name: value.name, origin, intimate: data.get(`intimate:${row}`) === "yes" });
  }
  return found;
}
