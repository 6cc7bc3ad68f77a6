/**
 * What stands on a record's page, as far as it is there: one line, which stays at the top; opened, its list lies over
 * what is below until somebody goes on to that. It leads by moving the focus and not by the address, whose fragment is
 * a link's secret (`main.tsx`) and stays in the history.
 */

import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../../texts.ts";

const HEADINGS = ".record :is(h3, h4)";

export function Contents() {
  const [headings, set] = useState<readonly HTMLElement[]>([]);
  const line = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const details = line.current!;
    const within = (target: EventTarget | null): boolean =>
      target instanceof Node && details.contains(target);
    const close = (): void => {
      details.open = false;
    };
    const pressed = (event: Event): void => {
      if (!within(event.target)) close();
    };
    // Not at "scroll": pictures that come move the page, too. The list itself is scrolled to be read.
    const turned = (event: Event): void => {
      if (!(event.target instanceof Element && event.target.closest(".contents ul"))) close();
    };
    const left = (event: FocusEvent): void => {
      if (event.relatedTarget && !within(event.relatedTarget)) close();
    };
    const escaped = (event: KeyboardEvent): void => {
      if (event.key !== "Escape" || !details.open) return;
      const inside = within(document.activeElement);
      close();
      if (inside) details.querySelector("summary")!.focus();
    };
    document.addEventListener("pointerdown", pressed);
    document.addEventListener("keydown", escaped);
    document.addEventListener("wheel", turned, { passive: true });
    details.addEventListener("focusout", left);
    return () => {
      document.removeEventListener("pointerdown", pressed);
      document.removeEventListener("keydown", escaped);
      document.removeEventListener("wheel", turned);
      details.removeEventListener("focusout", left);
    };
  }, []);
  const go = (heading: HTMLElement): void => {
    line.current!.open = false; // it would cover what it leads to
    heading.tabIndex = -1;
    heading.scrollIntoView();
    heading.focus({ preventScroll: true });
  };
  return (
    <nav class="contents" aria-label={t("record.contents")}>
      <details
        ref={line}
        // Read anew each time: panels come later than the record, and others have taken their place when it was renewed.
        onToggle={() => set([...document.querySelectorAll<HTMLElement>(HEADINGS)])}
      >
        <summary>{t("record.contents")}</summary>
        <ul>
          {headings.map((heading, i) => (
            <li key={i} class={heading.localName}>
              <button type="button" class="link" onClick={() => go(heading)}>
                {heading.textContent}
              </button>
            </li>
          ))}
        </ul>
      </details>
    </nav>
  );
}
