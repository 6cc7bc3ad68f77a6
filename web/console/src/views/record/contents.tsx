/**
 * What stands on a record's page, as far as it is there: closed it is one line, which stays at the top. It leads by
 * moving the focus and not by the address, whose fragment is a link's secret (`main.tsx`) and stays in the history.
 */

import { useRef, useState } from "preact/hooks";
import { t } from "../../texts.ts";

const HEADINGS = ".record :is(h3, h4)";

export function Contents() {
  const [headings, set] = useState<readonly HTMLElement[]>([]);
  const line = useRef<HTMLDetailsElement>(null);
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
