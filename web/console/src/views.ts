/** The views of the console, in the order of its navigation: who sees them, and what draws them. */

import type { ComponentType } from "preact";
import { AlarmsView } from "./views/alarms.tsx";
import { KeysView } from "./views/keys.tsx";
import { CasesView } from "./views/cases.tsx";
import { DueView } from "./views/due.tsx";
import { ExportsView } from "./views/exports.tsx";
import { LogView } from "./views/log.tsx";
import { ApprovalsView } from "./views/approvals.tsx";
import { InboxView } from "./views/inbox.tsx";
import { OneselfView } from "./views/oneself.tsx";
import { PeopleView } from "./views/people.tsx";

export interface View {
  /** Also the text `<name>.title`. */
  readonly name: string;
  /** Any of these roles; everybody, if empty. */
  readonly roles: readonly string[];
  readonly component: ComponentType;
}

const CONTENT = ["custodian", "key-holder", "reviewer"];

export const VIEWS: readonly View[] = [
  { name: "inbox", roles: CONTENT, component: InboxView },
  { name: "cases", roles: CONTENT, component: CasesView },
  { name: "due", roles: CONTENT, component: DueView },
  { name: "exports", roles: ["key-holder", "reviewer"], component: ExportsView },
  { name: "approvals", roles: CONTENT, component: ApprovalsView },
  { name: "keys", roles: CONTENT, component: KeysView },
  { name: "log", roles: ["auditor"], component: LogView },
  { name: "alarms", roles: ["auditor", "administrator"], component: AlarmsView },
  { name: "people", roles: [], component: PeopleView },
  { name: "oneself", roles: [], component: OneselfView },
];
