/** The closed lists of what reviewers write. The words for them are in `texts/`; what is chosen is sealed. */

/** Acts of Article 7 (1) of the Rome Statute. A reviewer's reading, never shown to who testified. */
export const ELEMENTS = [
  "murder",
  "extermination",
  "enslavement",
  "deportation",
  "imprisonment",
  "torture",
  "sexual_violence",
  "persecution",
  "enforced_disappearance",
  "apartheid",
  "other_inhumane_acts",
] as const;

/** How far a source is relied on; beside it, how far what it says is confirmed. */
export const RELIABILITY = ["reliable", "usually", "fairly", "not_usually", "unreliable", "unknown"] as const;
export const CREDIBILITY = [
  "confirmed",
  "probable",
  "possible",
  "doubtful",
  "improbable",
  "unknown",
] as const;

export const DECISIONS = ["admissible", "not_admissible", "needs_more", "referred", "closed"] as const;
export const DERIVATIVES = ["translation", "redaction", "preview", "transcript"] as const;
/** What a member writes; titles are of cases, and reasons belong to requests. */
export const WRITTEN = ["note", "tags", "decision", "derivative"] as const;
export const DEADLINES = ["reply_due", "limitation", "hearing", "follow_up", "consent_expires"] as const;
