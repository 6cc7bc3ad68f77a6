/** The pages on which somebody writes, filled in with what there is: the twin of `http/public/write_pages.py`. */

import type { Json } from "../crypto/encoding.ts";
import { words, type Typed } from "../reading.ts";
import { typedOf } from "../typed.ts";
import { type Answers, items, type Section } from "../record/questions.ts";
import type { Blank } from "./blank.ts";
import { addTerms, fill } from "./fields.ts";
import { GATES, type Manuscript } from "./manuscript.ts";

/** What a page is made from. `kept`: whether it is on the server too. */
export interface Sheet {
  readonly blank: Blank;
  readonly manuscript: Manuscript;
  readonly kept: boolean;
}

/** All pages, as "save and go on" leads from one to the next. */
export function inOrder({ form }: Blank): string[] {
  const middle = form.sections.filter(({ id }) => id !== GATES).map(({ id }) => `section:${id}`);
  return [`section:${GATES}`, "narrative", ...middle, "files", "consent", "review"];
}

/** The next page; from anything that is in no order, the overview. */
export function pageAfter(blank: Blank, at: string): string {
  const [kind = "", id = ""] = at.split(":");
  const order = inOrder(blank);
  const here = order.indexOf(kind === "section" ? `section:${id}` : kind);
  return here < 0 ? "overview" : (order[here + 1] ?? "overview");
}

/** The overview. */
export function overview(sheet: Sheet): HTMLElement {
  const { blank, manuscript, kept } = sheet;
  const page = blank.page("overview");
  showGates(page, manuscript);
  for (const row of page.querySelectorAll<HTMLButtonElement>("button.row[name=at]")) {
    const [kind = "", id = ""] = row.value.split(":");
    const state = row.querySelector("small")!;
    const some = kind === "files" ? manuscript.files.length > 0 : manuscript.entries.has(row.value);
    const words = blank.texts.get(some ? (kept ? "unsent" : "memory") : "empty");
    const count = kind === "files" && some ? `${blank.texts.get(`files:${manuscript.files.length}`)}, ` : "";
    state.className = some ? "unsent" : "empty";
    state.textContent = count + words;
    const asked = kind === "section" ? blank.section(id) : undefined;
    const number = asked?.repeated ? items(manuscript.answers(asked)).length : 0;
    if (number) row.querySelector("span")!.append(` (${number})`);
  }
  page.querySelector<HTMLElement>("button[value=delete]")!.hidden = manuscript.empty;
  return page;
}

/** The free text. */
export function narrative({ blank, manuscript }: Sheet, typed?: Typed): HTMLElement {
  const page = blank.page("narrative");
  showGates(page, manuscript);
  const { text = "", capacity = "", language = blank.language } = manuscript.text ?? {};
  const select = page.querySelector<HTMLSelectElement>("[name=written-in]");
  const known = [...(select?.options ?? [])].some(({ value }) => value === language);
  const fields = new Map([
    ["narrative", [text]],
    ["capacity", [capacity]],
    ["written-in", [known ? language : "other"]],
    ["written-in:code", [known ? "" : language]],
  ]);
  fill(page, typed ?? fields, blank);
  return page;
}

/** The questions of a section, or of one of its items. */
export function sectionPage(
  { blank, manuscript, kept }: Sheet,
  asked: Section,
  item: number,
  typed?: Typed,
): HTMLElement {
  const page = blank.page(`section:${asked.id}`);
  showGates(page, manuscript);
  addTerms(page, asked.questions, blank);
  const starting = page.querySelector<HTMLElement>("[data-starting]");
  if (starting) {
    starting.hidden = !manuscript.empty;
    starting.querySelector<HTMLInputElement>("input")!.checked = !kept;
  }
  const title = page.querySelector("[data-fill=heading]");
  if (title) title.textContent = heading(asked, item);
  if (asked.repeated) {
    page.querySelector<HTMLInputElement>("input[name=at]")!.value = `section:${asked.id}:${item}`;
    page.querySelector<HTMLElement>("[data-room]")!.hidden = item + 1 >= asked.maximum;
  }
  fill(page, typed ?? typedOf(asked.questions, manuscript.item(asked, item)), blank);
  return page;
}

/** What there is in a section that is repeated. */
export function itemsPage({ blank, manuscript }: Sheet, asked: Section): HTMLElement {
  const page = blank.page("items");
  const held = items(manuscript.answers(asked));
  page.querySelector("[data-fill=title]")!.textContent = asked.title;
  const rows = page.querySelector("ul.rows")!;
  const row = rows.querySelector("li")!;
  const remove = page.querySelector<HTMLButtonElement>("details button")!;
  const [shown, removals] = [[] as Element[], [] as Element[]];
  held.forEach((item, i) => {
    const title = heading(asked, i);
    const one = row.cloneNode(true) as HTMLElement;
    one.querySelector("button")!.value = `section:${asked.id}:${i}`;
    one.querySelector("span")!.textContent = title;
    const about = aboutItem(asked, item, blank);
    if (about) one.querySelector("bdi")!.textContent = about;
    else one.querySelector("[data-about]")!.remove();
    shown.push(one);
    const gone = remove.cloneNode(true) as HTMLButtonElement;
    gone.value = `remove:${i}`;
    gone.textContent = (gone.textContent ?? "").replace("{title}", title);
    removals.push(gone);
  });
  rows.replaceChildren(...shown);
  const removing = remove.form!;
  remove.replaceWith(...removals);
  removing.querySelector<HTMLInputElement>("input[name=at]")!.value = `section:${asked.id}`;
  const more = page.querySelector<HTMLButtonElement>("button[data-room]")!;
  more.value = `section:${asked.id}:${held.length}`;
  const full = page.querySelector<HTMLElement>("[data-full]")!;
  more.hidden = held.length >= asked.maximum;
  full.hidden = !more.hidden;
  full.textContent = (full.textContent ?? "").replaceAll("{limit}", String(asked.maximum));
  return page;
}

/** Who may receive it, and on what conditions. */
export function consentPage({ blank, manuscript }: Sheet, typed?: Typed): HTMLElement {
  const page = blank.page("consent");
  fill(page, typed ?? new Map(Object.entries(manuscript.consent?.typed ?? {})), blank);
  return page;
}

/** Of an item; "" in a section that has none. */
export function heading(asked: Section, number: number): string {
  return asked.repeated && asked.item_title ? `${asked.item_title} ${number + 1}` : "";
}

/** The first words of an item, to tell it from the others. */
function aboutItem(asked: Section, item: Answers, blank: Blank): string {
  const said = asked.questions
    .filter(({ type }) => type !== "yes_no")
    .map((question) => words(question, item[question.id], blank.form, blank.language))
    .filter(Boolean);
  return said
    .map((text) => cut(text, 60))
    .join(" · ")
    .slice(0, 140);
}

function cut(text: string, most: number): string {
  return Array.from(text).slice(0, most).join("");
}

/** What follows from the gates is said only to those whom it concerns. */
function showGates(page: HTMLElement, manuscript: Manuscript): void {
  const raised = manuscript.raised();
  for (const notice of page.querySelectorAll<HTMLElement>("[data-gate]")) {
    notice.hidden = !raised.includes(notice.dataset["gate"]!);
  }
}

/** A section's answers with one item in the place of another, or with one left out. */
export function withItem(value: Json, number: number, item: Answers | undefined): Json {
  const held: Json[] = [...items(value)];
  const kept = item && Object.keys(item).length ? [item] : [];
  return [...held.slice(0, number), ...kept, ...held.slice(number + 1)];
}
