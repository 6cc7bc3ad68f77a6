/** Files of the long form: the list of those that were added, and what is said of new ones. */

import type { Json } from "../crypto/encoding.ts";
import type { Class } from "../crypto/compartments.ts";
import type { DraftFile } from "../desk.ts";
import { ORIGINS } from "../media.ts";
import { watchPhotos } from "../photos.ts";
import { answers, one, type Typed } from "../reading.ts";
import type { Problem } from "../record/sections.ts";
import { Refused } from "../refused.ts";
import type { Medium } from "../sending.ts";
import type { Blank } from "./blank.ts";
import { addTerms, fill } from "./fields.ts";
import type { Sheet } from "./pages.ts";

const KINDS = ["account", "identity", "sensitive"] as const;

/** The files of the manuscript, and a form for more. */
export function filesPage({ blank, manuscript }: Sheet, typed?: Typed): HTMLElement {
  const page = blank.page("files");
  const list = page.querySelector("ul.files")!;
  const row = list.querySelector("li")!;
  const rows = manuscript.files.map((file) => {
    const one = row.cloneNode(true) as HTMLElement;
    describe(one, file, blank);
    removal(one, `remove:${file.part}`, String(file.label["name"]));
    return one;
  });
  for (const { part, name } of manuscript.interrupted) {
    const one = row.cloneNode(true) as HTMLElement;
    one.querySelector("bdi")!.textContent = name;
    const said = one.querySelector("small")!;
    said.className = "wrong";
    said.textContent = blank.texts.get("interrupted");
    removal(one, `remove:${part}`, name);
    rows.push(one);
  }
  list.replaceChildren(...rows);
  for (const part of page.querySelectorAll<HTMLElement>("[data-some]")) part.hidden = !rows.length;
  const full = rows.length >= blank.form.files;
  for (const part of page.querySelectorAll<HTMLElement>("[data-room]")) part.hidden = full;
  page.querySelector<HTMLElement>("[data-full]")!.hidden = !full;
  addTerms(page, blank.form.medium.questions, blank);
  if (typed) fill(page, typed, blank);
  for (const form of page.querySelectorAll("form")) watchPhotos(form, (name) => blank.texts.get(name));
  return page;
}

/** A file as `write_file.html` shows it. */
export function describe(row: HTMLElement, file: DraftFile, blank: Blank): void {
  const { texts } = blank;
  row.querySelector("bdi")!.textContent = String(file.label["name"]);
  const sort = String(file.label["type"]).split("/")[0]!;
  const kind = `${texts.get(sort) || texts.get("file")}, ${blank.size(file.size)}; ${texts.get(`kind:${file.kind}`)}`;
  const names = new Map(blank.mechanisms());
  const only = file.only.map((id) => names.get(id) ?? id).join("; ");
  row.querySelector("small")!.textContent = only ? `${kind}; ${texts.get("only")} ${only}` : kind;
}

function removal(row: HTMLElement, value: string, name: string): void {
  const button = row.querySelector("button")!;
  button.value = value;
  button.querySelector("span")!.textContent = `: ${name}`;
}

/** Files that were chosen, with what was said of them all; or what is wrong with that. */
export function chosen(
  form: HTMLFormElement,
  typed: Typed,
  sheet: Sheet,
  holdsReceipt: (text: string) => boolean,
): { media: Medium[]; problems: Problem[] } {
  const { blank, manuscript } = sheet;
  const files = new FormData(form)
    .getAll("media")
    .filter((f): f is File => f instanceof File && f.name !== "");
  const read = answers(blank.form.medium.questions, typed, "q:", blank.form, holdsReceipt);
  const intimate = one(typed, "intimate") === "yes";
  const only = [...new Set(typed.get("only") ?? [])];
  const origin = ORIGINS.find((known) => known === one(typed, "origin")) ?? "unsaid";
  const kind = kindOf(typed, intimate, blank);
  if (manuscript.files.length + files.length > blank.form.files) {
    throw new Refused("too_many_files", { limit: String(blank.form.files) });
  }
  const apart = manuscript.files.filter((file) => file.only.length).length;
  if (only.length && apart + files.length > blank.form.apart) {
    throw new Refused("too_many_apart", { limit: String(blank.form.apart) });
  }
  const media = files.map((file) => {
    const name = Array.from(file.name).slice(0, 1024).join("");
    return { file, name, origin, intimate, kind, only, said: read.answers };
  });
  return { media, problems: read.problems };
}

function kindOf(typed: Typed, intimate: boolean, blank: Blank): Class {
  const said = one(typed, "kind");
  const found = KINDS.find((kind) => kind === said);
  if (found) return found;
  if (intimate) return "sensitive";
  return blank.form.in_identity.includes(one(typed, "q:depicts")) ? "identity" : "account";
}

/** An entry for a file that stays in the page until everything is sent. */
export function heldFile(part: string, medium: Medium, type: string): Json {
  const label = { name: medium.name, type, origin: medium.origin, ...medium.said, intimate: medium.intimate };
  return {
    upload: "",
    part,
    file_key: "",
    payload_id: "",
    size: medium.file.size,
    digest: "",
    sha256: "",
    label,
    kind: medium.kind ?? "account",
    only: medium.only ?? [],
  };
}
