/**
 * Blank templates, filled in: nothing but texts and a few harmless attributes ever gets into a page.
 *
 *     <template data-each="files">…</template>    its content, once for each item of that list
 *     data-if="name" · data-unless="name"          kept only with, or without, such a value
 *     data-fill="name"                             its text is the value
 *     data-text                                    its text has {name} for values
 *     data-put="data-id=name,…"                    attributes
 *
 * Within an item the names of what is around it are known, too. A name that is not known has no value.
 */

/** Texts, whether something is so, and lists; by name. */
export interface Values {
  readonly [name: string]: string | boolean | readonly Values[] | undefined;
}

const ATTRIBUTES = ["data-id", "data-other", "value"];

/** The template's content with these values. */
export function render(template: HTMLTemplateElement, values: Values): DocumentFragment {
  const made = document.importNode(template.content, true);
  for (const element of marked(made, "data-if")) if (!has(values, take(element, "data-if"))) element.remove();
  for (const element of marked(made, "data-unless")) {
    if (has(values, take(element, "data-unless"))) element.remove();
  }
  for (const element of marked(made, "data-each")) {
    const items = values[take(element, "data-each")];
    for (const item of Array.isArray(items) ? (items as readonly Values[]) : []) {
      element.before(render(element as HTMLTemplateElement, { ...values, ...item }));
    }
    element.remove();
  }
  for (const element of marked(made, "data-fill"))
    element.textContent = text(values, take(element, "data-fill"));
  for (const element of marked(made, "data-text")) {
    take(element, "data-text");
    element.textContent = fillIn(element.textContent ?? "", (name) => text(values, name));
  }
  for (const element of marked(made, "data-put")) {
    for (const pair of take(element, "data-put").split(",")) {
      const [attribute, name] = pair.split("=") as [string, string];
      if (!ATTRIBUTES.includes(attribute)) throw new TypeError(`no attribute for a template: ${attribute}`);
      element.setAttribute(attribute, text(values, name));
    }
  }
  return made;
}

/** A text with {name} for values. */
export function fillIn(said: string, value: (name: string) => string): string {
  return said.replace(/\{(\w+)\}/g, (_, name: string) => value(name));
}

function marked(root: ParentNode, mark: string): Element[] {
  return [...root.querySelectorAll(`[${mark}]`)];
}

/** A mark's value. It is done then: what was rendered within an item is not looked at again. */
function take(element: Element, mark: string): string {
  const value = element.getAttribute(mark) ?? "";
  element.removeAttribute(mark);
  return value;
}

function has(values: Values, name: string): boolean {
  const value = values[name];
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function text(values: Values, name: string): string {
  const value = values[name];
  return typeof value === "string" ? value : "";
}
