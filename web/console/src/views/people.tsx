/** The people of the mechanism: who is a member, who waits, what needs two, and inviting somebody. */

import { useEffect, useState } from "preact/hooks";
import { ROLES } from "../../../src/crypto/membership.ts";
import { get, post } from "../api.ts";
import { daysLeft, SOON } from "../ending.ts";
import { refused } from "../keys/root.ts";
import { type Act, Failed, Field, Form, Link, may, rolesText, Sure, useWork } from "../parts.tsx";
import { state } from "../state.ts";
import { t } from "../texts.ts";
import { type Applicant, Waiting } from "./applicants.tsx";
import { ProgramBudget } from "./program_budget.tsx";
import { type Proposal, Proposals } from "./proposals.tsx";

interface Member {
  readonly member: string;
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly expires: string;
  readonly removed: string | null;
  readonly valid: boolean;
  /** Nobody removes them alone. */
  readonly guard: boolean;
  /** How many records they may open in a day. */
  readonly daily: number;
}

interface People {
  readonly members: readonly Member[];
  readonly waiting: readonly Applicant[];
  readonly proposals: readonly Proposal[];
}

const CONTENT: readonly string[] = ["custodian", "key-holder", "reviewer"];
const PROPOSES = ["administrator", ...CONTENT];

export function PeopleView() {
  const [people, show] = useState<People>();
  const [said, say] = useState("");
  const { busy, failed, run } = useWork();
  const load = async () => show(await get<People>("/review/v1/people"));
  /** Do something, then show how things are. */
  const act = (work: () => Promise<string | void>) =>
    run(async () => {
      say("");
      say((await work()) || "");
      await load();
    });
  useEffect(() => run(load), []);
  return (
    <section aria-labelledby="people">
      <h2 id="people">{t("people.title")}</h2>
      <div role="status">{said && <p class="note">{said}</p>}</div>
      {failed && <Failed text={failed} />}
      {!people && !failed && <p>{t("shell.working")}</p>}
      {people && (
        <>
          <h3>{t("people.members")}</h3>
          {may("administrator", "key-holder") && <Ending members={people.members} />}
          <ul class="rows">
            {people.members.map((each) => (
              <MemberRow key={each.member} member={each} busy={busy} act={act} />
            ))}
          </ul>
          {may(...PROPOSES) && <ProgramBudget busy={busy} act={act} />}
          <Waiting
            waiting={people.waiting}
            wanted={people.proposals
              .filter((one) => !one.over && ["waiting", "approved"].includes(one.state))
              .map((one) => String(one.subject["fingerprint"] ?? ""))}
            busy={busy}
            act={act}
          />
          <Proposals proposals={people.proposals} waiting={people.waiting} busy={busy} act={act} />
          {may("administrator") && <Invite />}
        </>
      )}
    </section>
  );
}

/** Whose membership ends soon, and what has to be done before: the root's keeper works offline. */
function Ending({ members }: { members: readonly Member[] }) {
  const ending = members.filter((each) => each.valid && daysLeft(each.expires) <= SOON);
  if (!ending.length) return null;
  const who = ending.map((each) => `${each.member} (${each.expires})`).join(", ");
  return <p class="note">{t("people.ending", { who })}</p>;
}

function MemberRow({ member, busy, act }: { member: Member; busy: boolean; act: Act }) {
  const { member: id } = member;
  const others = id !== state.oneself?.member && member.valid;
  const reads = member.valid && member.roles.some((role) => CONTENT.includes(role));
  const recovers = others && may("administrator", "key-holder", "custodian");
  const remove = async () => {
    if (member.guard) {
      await post("/review/v1/proposals", { kind: "remove_member", member: id });
      return t("people.proposed");
    }
    const { new_epoch } = await post<{ new_epoch: boolean }>(`/review/v1/people/${id}/removal`);
    return t(new_epoch ? "people.epoch" : "people.gone", { member: id });
  };
  const recover = async () => {
    await post("/review/v1/proposals", { kind: "recover_member", member: id });
    return t("people.proposed");
  };
  return (
    <li>
      <strong>{member.name ? `${id} (${member.name})` : id}</strong>: {rolesText(member.roles)}.{" "}
      {t("people.until")} {member.expires}, {stateOf(member)}
      {reads && `. ${t("people.budget")}: ${member.daily}`}
      {recovers && (
        <p class="actions">
          <Sure
            label={t("people.recover")}
            question={t("people.recoversure", { member: id })}
            busy={busy}
            onYes={() => act(recover)}
          />
          {(member.guard || may("administrator", "key-holder")) && (
            <Sure
              label={t("people.remove")}
              question={t(member.guard ? "people.suretwo" : "people.sure", { member: id })}
              busy={busy}
              onYes={() => act(remove)}
            />
          )}
        </p>
      )}
      {reads && may(...PROPOSES) && <Budget member={id} busy={busy} act={act} />}
    </li>
  );
}

/** Another number of records that a reader may open in a day: two members decide. */
function Budget({ member, busy, act }: { member: string; busy: boolean; act: Act }) {
  const [daily, setDaily] = useState("");
  const propose = async () => {
    const subject = { kind: "change_budget", member, daily: Number(daily) };
    await post("/review/v1/proposals", subject);
    return t("people.proposed");
  };
  return (
    <details>
      <summary>{t("people.budget")}</summary>
      <Form go={t("people.propose")} busy={busy} failed="" onSend={() => act(propose)}>
        <Field label={t("people.daily")} name={`daily-${member}`} value={daily} max={6} onInput={setDaily} />
      </Form>
    </details>
  );
}

function stateOf(member: Member): string {
  if (member.removed) return t("people.removed", { day: member.removed });
  return t(member.valid ? "people.valid" : "people.ended");
}

function Invite() {
  const [roles, setRoles] = useState<readonly string[]>(["reviewer"]);
  const [days, setDays] = useState("56");
  const [link, setLink] = useState("");
  const { busy, failed, run } = useWork();
  const make = () =>
    run(async () => {
      const root = state.keys?.root;
      if (!root) throw refused("closed_keys");
      const made = await post<{ link: string }>("/review/v1/invitations", { roles, days: Number(days) });
      setLink(`${made.link.replace(/&.*$/, "")}&root=${root}`); // as the vault has it, whatever the server says
    });
  const toggle = (role: string) =>
    setRoles(roles.includes(role) ? roles.filter((each) => each !== role) : [...roles, role]);
  return (
    <>
      <h3>{t("people.invite")}</h3>
      <Form go={t("people.makelink")} busy={busy} failed={failed} onSend={make}>
        <fieldset>
          <legend>{t("people.roles")}</legend>
          {ROLES.map((role) => (
            <label key={role} class="tick">
              <input
                type="checkbox"
                name="role"
                value={role}
                checked={roles.includes(role)}
                onChange={() => toggle(role)}
              />{" "}
              {t(`role.${role}`)}
            </label>
          ))}
        </fieldset>
        <Field label={t("people.days")} name="days" value={days} max={4} onInput={setDays} />
      </Form>
      {link && <Link link={link} />}
    </>
  );
}
