/** Fields of a page: filled in from texts, read as texts, and marked where something is wrong. */

import { focus } from "../progress.ts";
import type { Question } from "../record/questions.ts";
import type { Problem } from "../record/sections.ts";
import type { Typed } from "../reading.ts";
import { clean } from "../texts.ts";
import type { Blank } from "./blank.ts";

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** What stands in a form. */
export function collect(form: HTMLFormElement): Map<string, string[]> {
  const typed = new Map<string, string[]>();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string") typed.set(name, [...(typed.get(name) ?? []), clean(value)]);
  }
  return typed;
}

/** Show these texts, and open what is folded where there are any. */
export function fill(page: HTMLElement, typed: Typed, blank: Blank): void {
  for (const [name, values] of typed) if (name.endsWith(":kept")) keepDate(page, name, values, blank);
  for (const field of fieldsOf(page)) {
    const values = typed.get(field.name);
    if (!values) continue;
    if (field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type)) {
      field.checked = values.includes(field.value);
    } else if (field.type !== "file" && field.type !== "hidden") field.value = values.at(-1) ?? "";
  }
  for (const details of page.querySelectorAll("details")) {
    if (fieldsOf(details).some(isFilled)) details.open = true;
  }
}

/** What can be chosen from lists: the server sends each once. */
export function addTerms(page: HTMLElement, questions: readonly Question[], { form }: Blank): void {
  for (const { id, type, vocabulary } of questions) {
    const terms = {
      one: form.vocabularies[vocabulary ?? ""],
      country: form.countries,
      language: form.languages,
    }[type];
    const select = page.querySelector<HTMLSelectElement>(`select[name="${CSS.escape(`q:${id}`)}"]`);
    if (terms && select) select.options[0]!.after(...terms.map(([code, label]) => new Option(label, code)));
  }
}

/** Say above a page what is wrong, and beside each question, in place of what was said before. */
export function showProblems(
  page: HTMLElement,
  blank: Blank,
  wrong: readonly (readonly [name: string, label: string, text: string])[],
  hint = "not-saved",
): void {
  for (const said of page.querySelectorAll(".question > .wrong, .errors")) said.remove();
  const box = blank.page("errors").firstElementChild as HTMLElement;
  const lines = wrong.map(([, label, text]) => {
    const line = document.createElement("li");
    line.textContent = label ? `${label}: ${text}` : text;
    return line;
  });
  box.querySelector("ul")!.replaceChildren(...lines);
  box.querySelector("p")!.textContent = blank.texts.get(hint);
  page.querySelector("h1")!.after(box);
  for (const [name, , text] of wrong) if (name) markWrong(page, name, text);
  scrollTo(0, 0);
  if (page.isConnected) focus(box.querySelector("h2")!);
}

/** The refusals of answers in words, by the field's name. */
export function told(
  problems: readonly Problem[],
  questions: readonly { id: string; label: string }[],
  blank: Blank,
): [name: string, label: string, text: string][] {
  return problems.map(({ path, code, maximum }) => {
    const asked = questions.find(({ id }) => id === path);
    const text = blank.texts.refusal(`answer_${code}`, { limit: String(maximum ?? 0) });
    return [asked ? `q:${path}` : "", asked?.label ?? "", text];
  });
}

function markWrong(page: HTMLElement, name: string, text: string): void {
  const field = fieldsOf(page).find((one) => one.name === name || one.name.startsWith(`${name}:`));
  const question = field?.closest<HTMLElement>(".question");
  if (!field || !question) return;
  const said = document.createElement("p");
  said.id = `${name}-wrong`;
  said.className = "wrong";
  said.textContent = text;
  const above =
    question.querySelector(":scope > .hint") ?? question.querySelector(":scope > legend, :scope > label");
  above!.after(said);
  const described = question.tagName === "FIELDSET" ? question : field;
  const before = described.getAttribute("aria-describedby");
  described.setAttribute("aria-describedby", before ? `${before} ${said.id}` : said.id);
  if (described === field) field.setAttribute("aria-invalid", "true");
}

/** A date that three boxes cannot show. */
function keepDate(page: HTMLElement, name: string, values: readonly string[], blank: Blank): void {
  const question = name.replace(/:kept$/, "");
  const first = page.querySelector(`[name="${CSS.escape(`${question}:year`)}"]`)?.closest(".date");
  if (!first) return;
  const kept = blank.page("kept");
  const date = values.at(-1) ?? "";
  for (const element of kept.querySelectorAll("[name], [for]")) {
    for (const attribute of ["name", "id", "for"]) {
      const value = element.getAttribute(attribute);
      if (value) element.setAttribute(attribute, value.replace("{name}", question));
    }
  }
  kept.querySelector<HTMLInputElement>("input[type=hidden]")!.value = date;
  const said = kept.querySelector("span")!;
  said.textContent = (said.textContent ?? "").replace("{date}", date);
  first.before(...kept.childNodes);
}

function fieldsOf(root: HTMLElement): Field[] {
  return [...root.querySelectorAll<Field>("input, select, textarea")];
}

function isFilled(field: Field): boolean {
  if (field.type === "hidden") return false;
  if (field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type)) return field.checked;
  if (field instanceof HTMLSelectElement) return field.selectedIndex > 0;
  return field.value !== "";
}
