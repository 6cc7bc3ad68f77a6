/** The frame: who is not logged in sees the door; then navigation by role, one view at a time. */

import { useEffect, useState } from "preact/hooks";
import { get, watchRefusals } from "./api.ts";
import { Confirming } from "./confirming.tsx";
import { endsNow } from "./ending.ts";
import { renewAlarms, unseen } from "./log/alarms.ts";
import { Go } from "./log/going.ts";
import { leave, ONESELF } from "./keys/session.ts";
import { restart, watch } from "./leaving.ts";
import { onChange, renew, state } from "./state.ts";
import { type Language, LANGUAGES, language, plural, speak, t } from "./texts.ts";
import { Enrol } from "./views/enrol.tsx";
import { Login, Unlock } from "./views/login.tsx";
import { Recover } from "./views/recover.tsx";
import { VIEWS } from "./views.ts";

/** What the link that was opened is for: its secret stood behind the `#`, and is gone from the address. */
export interface Link {
  readonly kind: "join" | "recover";
  readonly secret: string;
  /** The fingerprint of the mechanism's root, hex, as whoever made the link knows it. */
  readonly root: string | undefined;
}

watch({ leave, stay: () => get(ONESELF) });
watchRefusals((refused) => {
  if (refused.code === "session_over" && state.oneself) restart(true);
});

export function App({ link }: { link: Link | undefined }) {
  const [, draw] = useState(0);
  const [followed, follow] = useState(link);
  useEffect(() => onChange(() => draw((count) => count + 1)), []);
  return (
    <>
      <header>
        <h1>{t("shell.title")}</h1>
        <div class="bar">
          <label for="page-language">{t("shell.language")}</label>
          <select
            id="page-language"
            onChange={(event) => {
              speak(event.currentTarget.value as Language);
              draw((count) => count + 1);
            }}
          >
            {LANGUAGES.map((each) => (
              <option key={each} value={each} lang={each} selected={each === language()}>
                {t(`shell.${each}`)}
              </option>
            ))}
          </select>
          {state.oneself && (
            <button type="button" onClick={() => void leave()}>
              {t("shell.logout")}
            </button>
          )}
        </div>
      </header>
      {followed && !state.oneself ? (
        <main>
          {followed.kind === "join" ? (
            <Enrol secret={followed.secret} root={followed.root} onDone={() => follow(undefined)} />
          ) : (
            <Recover secret={followed.secret} onDone={() => follow(undefined)} />
          )}
        </main>
      ) : (
        <Inside key={state.oneself ? "in" : "out"} />
      )}
      {state.ending && (
        <p role="alert" class="note">
          {t("shell.ending")}
        </p>
      )}
      {state.oneself && <Confirming />}
    </>
  );
}

function Inside() {
  const [without, goOn] = useState(false);
  if (!state.oneself) {
    return (
      <main>
        <Login />
      </main>
    );
  }
  if (!state.keys && !without) {
    return (
      <main>
        <Unlock onWithout={() => goOn(true)} />
      </main>
    );
  }
  return <Views />;
}

function Views() {
  const own = state.oneself;
  const roles = own?.roles ?? [];
  const shown = VIEWS.filter((view) => !view.roles.length || view.roles.some((role) => roles.includes(role)));
  // Going to a view that is shown already shows it anew.
  const [visit, go] = useState({ name: shown[0]?.name, count: 0 });
  const view = shown.find((each) => each.name === visit.name) ?? shown[0];
  const visitTo = (name: string): void => {
    renew();
    go({ name, count: visit.count + 1 });
  };
  // Whoever sees alarms hears of them wherever they are; if that fails, the view itself says why.
  const alarmed = shown.some((each) => each.name === "alarms");
  useEffect(() => void (alarmed && view?.name !== "alarms" && renewAlarms()), [visit.count]);
  const waiting = alarmed ? unseen() : 0;
  return (
    <Go.Provider value={visitTo}>
      <nav aria-label={t("shell.views")}>
        {shown.map((each) => (
          <button
            key={each.name}
            type="button"
            aria-current={each === view ? "page" : undefined}
            onClick={() => visitTo(each.name)}
          >
            {t(`${each.name}.title`)}
            {each.name === "alarms" && waiting > 0 && ` (${waiting})`}
          </button>
        ))}
      </nav>
      <main>
        {own && endsNow(own.starts, own.expires) && (
          <p class="note">{t("due.membership", { day: own.expires })}</p>
        )}
        {waiting > 0 && view?.name !== "alarms" && <p class="note">{plural("alarms.waiting", waiting)}</p>}
        {view && <view.component key={visit.count} />}
      </main>
    </Go.Provider>
  );
}
