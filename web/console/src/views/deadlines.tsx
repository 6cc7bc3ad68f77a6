/** The deadlines of one record or case. */

import { useEffect, useState } from "preact/hooks";
import { hexEncode } from "../../../src/crypto/encoding.ts";
import { random } from "../../../src/random.ts";
import { get, post } from "../api.ts";
import { Choice, Failed, Form, useWork } from "../parts.tsx";
import { state } from "../state.ts";
import { t } from "../texts.ts";
import { calledOf, type Card, today } from "../work/keys.ts";
import { DEADLINES } from "../work/words.ts";
import { Worded } from "../worded.ts";

/** As the server lists a deadline; without an id it is the end of a consent. */
export interface Due {
  readonly id: string | null;
  readonly workspace: string | null;
  readonly record: string | null;
  readonly due: string;
  readonly kind: string;
  readonly member: string;
  readonly done_day: string | null;
}

/** `cards` are those who can read the workspace; where there is none, the first deadline begins it. */
export function DeadlineList(props: {
  workspace: string | undefined;
  cards: ReadonlyMap<string, Card>;
  begin: () => Promise<string>;
  onBegun: () => Promise<void>;
}) {
  const { workspace } = props;
  const pathOf = (id: string): string => `/review/v1/workspaces/${id}/deadlines`;
  const [listed, setListed] = useState<readonly Due[]>([]);
  const [kind, setKind] = useState(""); // none is likelier than another
  const [day, setDay] = useState(""); // a day that stood there by itself would be set by mistake
  const [whose, setWhose] = useState(state.oneself?.member ?? "");
  const { busy, failed, run } = useWork();
  const load = async () => {
    if (workspace) setListed((await get<{ deadlines: readonly Due[] }>(pathOf(workspace))).deadlines);
  };
  useEffect(() => run(load), [workspace]);
  const add = async () => {
    if (!kind) throw new Worded("due.nokind");
    if (!day) throw new Worded("due.noday");
    await post(pathOf(workspace ?? (await props.begin())), {
      id: hexEncode(random(16)),
      due: day,
      kind,
      member: whose,
    });
    setKind("");
    setDay("");
    await (workspace ? load() : props.onBegun());
  };
  return (
    <section aria-label={t("work.deadlines")}>
      <h4>{t("work.deadlines")}</h4>
      <ul>
        {listed.map((one) => (
          <li key={one.id}>
            <DueLine due={one} onDone={load} />{" "}
            <span class="details">{calledOf(one.member, props.cards.get(one.member)?.[0].name)}</span>
          </li>
        ))}
      </ul>
      <Form go={t("work.add")} busy={busy} failed={failed} onSend={() => run(add)}>
        <Choice
          label={t("due.kind")}
          name="due-kind"
          value={kind}
          options={[
            ["", t("shell.choose")] as const,
            ...DEADLINES.map((each) => [each, t(`due.kind.${each}`)] as const),
          ]}
          onChange={setKind}
        />
        <p>
          <label for="due-day">{t("work.due")}</label>
          <input
            id="due-day"
            type="date"
            min={today()}
            value={day}
            onInput={(event) => setDay(event.currentTarget.value)}
          />
        </p>
        <Choice
          label={t("work.whose")}
          name="due-whose"
          value={whose}
          options={[...props.cards].map(([id, card]) => [id, calledOf(id, card[0].name)] as const)}
          onChange={setWhose}
        />
      </Form>
    </section>
  );
}

/** One deadline, and that it is done. */
export function DueLine({ due, onDone }: { due: Due; onDone: () => Promise<void> }) {
  const { busy, failed, run } = useWork();
  const late = !due.done_day && due.due < today();
  return (
    <>
      <span class={late ? "unusual" : ""}>
        {t("due.line", { day: due.due, what: t(`due.kind.${due.kind}`) })}
        {late && ` (${t("due.past")})`}
      </span>{" "}
      {due.done_day && <span class="details">{t("due.wasdone", { day: due.done_day })}</span>}
      {due.id && !due.done_day && (
        <button
          type="button"
          disabled={busy}
          onClick={() =>
            run(async () => {
              await post(`/review/v1/deadlines/${due.id}/done`);
              await onDone();
            })
          }
        >
          {t("due.done")}
        </button>
      )}
      {failed && <Failed text={failed} />}
    </>
  );
}
