/** Who I am here: roles, until when, and what I read for. */

import { readFor } from "../keys/session.ts";
import { Choice, Failed, useWork } from "../parts.tsx";
import { state } from "../state.ts";
import { language, t } from "../texts.ts";

export function OneselfView() {
  const { failed, run } = useWork();
  const oneself = state.oneself!;
  return (
    <section aria-labelledby="oneself">
      <h2 id="oneself">{t("oneself.title")}</h2>
      <dl>
        <dt>{t("oneself.mechanism")}</dt>
        <dd>{oneself.names[language()] ?? oneself.names["en"] ?? oneself.mechanism}</dd>
        <dt>{t("oneself.member")}</dt>
        <dd>{oneself.name ? `${oneself.member} (${oneself.name})` : oneself.member}</dd>
        <dt>{t("oneself.roles")}</dt>
        <dd>{oneself.roles.map((role) => t(`role.${role}`)).join(", ")}</dd>
        <dt>{t("oneself.expires")}</dt>
        <dd>{oneself.expires}</dd>
        <dt>{t("oneself.keys")}</dt>
        <dd>{t(state.keys ? "oneself.open" : "oneself.closed")}</dd>
      </dl>
      <Choice
        label={t("login.purpose")}
        name="purpose"
        value={oneself.purpose}
        options={oneself.purposes.map((each) => [each, t(`purpose.${each}`)])}
        onChange={(purpose) => run(() => readFor(purpose))}
      />
      {failed && <Failed text={failed} />}
    </section>
  );
}
