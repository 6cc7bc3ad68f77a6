/**
 * Below each choice of files: their names, and of photos what they look like and what they say of
 * themselves, in plain words, before anything is sent. All of it is made in the page and stays there; the
 * file is sent as it is.
 */

import { sniff, SNIFF_BYTES } from "./media.ts";
import type { Said } from "./exif.ts";

const LARGEST = 32 * 1024 * 1024; // bytes of a photo that is looked at: it is decoded whole
const WIDTH = 192; // pixels of what is shown, for a screen with two to a point

/** Show what is chosen in this form. `text` gives the page's texts by name. */
export function watchPhotos(form: HTMLFormElement, text: (name: string) => string): void {
  form.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement && target.type === "file") void show(target, text);
  });
}

async function show(input: HTMLInputElement, text: (name: string) => string): Promise<void> {
  const files = [...(input.files ?? [])];
  const list = listOf(input);
  const rows = files.map((file) => {
    const row = document.createElement("li");
    const name = document.createElement("bdi");
    const said = document.createElement("div");
    name.textContent = file.name;
    said.append(name);
    row.append(said);
    return row;
  });
  list.replaceChildren(...rows);
  list.hidden = !rows.length;
  for (const [i, file] of files.entries()) {
    const row = rows[i]!;
    if (row.parentNode !== list || !list.isConnected) return; // chosen anew, or sent
    try {
      await look(file, row, text);
    } catch {
      // It is shown by its name: to be sealed it need not be understood.
    }
  }
}

async function look(file: File, row: HTMLElement, text: (name: string) => string): Promise<void> {
  if (file.size > LARGEST) return;
  const kind = sniff(new Uint8Array(await file.slice(0, SNIFF_BYTES).arrayBuffer()));
  if (!kind?.startsWith("image/")) return;
  const { saidBy } = await import("./exif.ts");
  for (const sentence of sentences(saidBy(await file.arrayBuffer()), text)) {
    const line = document.createElement("small");
    line.textContent = sentence;
    row.firstElementChild!.append(line);
  }
  const picture = await createImageBitmap(file, { resizeWidth: WIDTH, resizeQuality: "medium" });
  const canvas = document.createElement("canvas");
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.setAttribute("aria-hidden", "true");
  canvas.getContext("bitmaprenderer")?.transferFromImageBitmap(picture);
  row.prepend(canvas);
}

function sentences({ when, where, camera }: Said, text: (name: string) => string): string[] {
  const found: string[] = [];
  if (when !== null) found.push(text("photo-when").replace("{when}", () => when));
  if (where !== null) found.push(text("photo-where").replace("{where}", () => where));
  if (camera !== null) found.push(text("photo-camera").replace("{camera}", () => camera));
  if (where === null) found.push(text(when === null ? "photo-nothing" : "photo-nowhere"));
  return found;
}

/** The list below an input, which is made when it is first needed. */
function listOf(input: HTMLInputElement): HTMLElement {
  const next = input.nextElementSibling;
  if (next instanceof HTMLElement && next.matches(".chosen")) return next;
  const list = document.createElement("ul");
  list.className = "chosen";
  list.setAttribute("aria-live", "polite");
  input.after(list);
  return list;
}
