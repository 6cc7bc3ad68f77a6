/** Keys: which ones are mine; and for key-holders, who still needs some, and who left with some. */

import { useEffect, useState } from "preact/hooks";
import { CLASSES } from "../../../src/crypto/compartments.ts";
import { fingerprint } from "../../../src/crypto/membership.ts";
import { type Lacking, placeOf, type Ring, ringOf, shareWith } from "../keys/share.ts";
import { Failed, Grouped, useWork } from "../parts.tsx";
import { state } from "../state.ts";
import { t } from "../texts.ts";

export function KeysView() {
  const [ring, setRing] = useState<Ring>();
  const [done, say] = useState("");
  const { busy, failed, run } = useWork();
  const see = async (): Promise<void> => {
    if (state.keys) setRing(await ringOf(state.keys));
  };
  useEffect(() => run(see), []);
  const share = (one: Lacking): void =>
    run(async () => {
      const count = await shareWith(ring!, one);
      say(t("keys.shared", { member: one.membership.member, count }));
      await see();
    });
  const holder = state.oneself!.roles.includes("key-holder");
  return (
    <section aria-labelledby="keys">
      <h2 id="keys">{t("keys.title")}</h2>
      {failed && <Failed text={failed} />}
      {!state.keys && <p class="note">{t("keys.closed")}</p>}
      {state.keys && !ring && !failed && <p role="status">{t("shell.working")}</p>}
      {ring && <Own ring={ring} />}
      <p role="status">{done}</p>
      {ring && holder && <Others ring={ring} busy={busy} onShare={share} />}
    </section>
  );
}

function Own({ ring }: { ring: Ring }) {
  const epochs = [...new Set(ring.bundle.keys.map((key) => key.epoch))].sort((a, b) => b - a);
  const kinds = (epoch: number) => CLASSES.filter((kind) => ring.own.has(`${epoch}.${kind}`));
  return (
    <>
      <h3>{t("keys.own")}</h3>
      {state.keys && (
        <p>
          {t("keys.mine")}{" "}
          <Grouped hex={fingerprint(state.keys.signing.public, state.keys.identity.recipient)} />
        </p>
      )}
      {state.keys && !ring.own.size && <p>{t("keys.none")}</p>}
      {ring.own.size > 0 && (
        <ul>
          {epochs.map((epoch) => (
            <li key={epoch}>
              {t("keys.epoch", { epoch })}{" "}
              {kinds(epoch)
                .map((kind) => t(`keys.${kind}`))
                .join(", ") || "–"}
            </li>
          ))}
        </ul>
      )}
      {ring.refused.length > 0 && <Failed text={t("keys.refused", { keys: ring.refused.join(", ") })} />}
    </>
  );
}

function Others(props: { ring: Ring; busy: boolean; onShare: (one: Lacking) => void }) {
  const { ring } = props;
  return (
    <>
      <h3>{t("keys.lacking")}</h3>
      <p class="hint">{t("keys.compare")}</p>
      <p>
        {t("keys.root")} <Grouped hex={ring.bundle.rootFingerprint} />
      </p>
      {!ring.lacking.length && <p>{t("keys.nobody")}</p>}
      <ol class="entries">
        {ring.lacking.map((one) => (
          <Wanting key={one.membership.member} one={one} {...props} />
        ))}
      </ol>
      {ring.leavers.length > 0 && (
        <>
          <h3>{t("keys.leavers")}</h3>
          <p class="note">{t("keys.rotate")}</p>
          <ul>
            {ring.leavers.map((one) => (
              <li key={one.member}>
                {t("keys.left", { member: one.member, day: one.day })}{" "}
                {one.classes.map((kind) => t(`keys.${kind}`)).join(", ")}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Wanting(props: { ring: Ring; one: Lacking; busy: boolean; onShare: (one: Lacking) => void }) {
  const { ring, one, busy, onShare } = props;
  const [compared, compare] = useState(false);
  const { member, roles, expires } = one.membership;
  const oneself = member === state.oneself!.member;
  const mine = one.keys.filter((key) => ring.own.has(placeOf(key)));
  const box = `compared-${member}`;
  return (
    <li>
      <p>
        <strong>{member}</strong>, {roles.map((role) => t(`role.${role}`)).join(", ")}{" "}
        {t("keys.until", { day: expires })}
      </p>
      <p>
        {t("keys.print")} <Grouped hex={one.print} />
      </p>
      <p>
        {t("keys.needs")} {one.keys.map((key) => `${t(`keys.${key.kind}`)} (${key.epoch})`).join(", ")}
      </p>
      {oneself ? (
        <p class="hint">{t("keys.another")}</p>
      ) : !mine.length ? (
        <p class="hint">{t("keys.without")}</p>
      ) : (
        <>
          <p>
            <input
              id={box}
              type="checkbox"
              checked={compared}
              onChange={(event) => compare(event.currentTarget.checked)}
            />{" "}
            <label for={box} class="beside">
              {t("keys.compared", { member })}
            </label>
          </p>
          <p>
            <button type="button" class="main" disabled={busy || !compared} onClick={() => onShare(one)}>
              {busy ? t("shell.working") : t("keys.share", { member })}
            </button>
          </p>
        </>
      )}
    </li>
  );
}
