/** The frame: navigation by role, one view at a time. No address names what is open. */

import { useState } from "preact/hooks";
import { state } from "./state.ts";
import { t } from "./texts.ts";
import { VIEWS } from "./views.ts";

export function App() {
  const roles = state.oneself?.roles ?? [];
  const shown = VIEWS.filter((view) => !view.roles.length || view.roles.some((role) => roles.includes(role)));
  const [name, choose] = useState(shown[0]?.name);
  const view = shown.find((each) => each.name === name) ?? shown[0];
  return (
    <>
      <header>
        <h1>{t("shell.title")}</h1>
        <nav>
          {shown.map((each) => (
            <button
              type="button"
              aria-current={each === view ? "page" : undefined}
              onClick={() => choose(each.name)}
            >
              {t(`${each.name}.title`)}
            </button>
          ))}
        </nav>
      </header>
      <main>{view && <view.component />}</main>
    </>
  );
}
