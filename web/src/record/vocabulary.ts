/** Closed lists that the program itself depends on: of `intake/record/vocabulary.py`. */

export const CAPACITIES = [
  "victim",
  "direct_witness",
  "relative",
  "on_behalf",
  "lawyer",
  "medic",
  "insider",
  "other",
] as const;
