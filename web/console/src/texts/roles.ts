/** Roles of members. */

export const roles = {
  "role.administrator": { en: "administrator", be: "адміністратар", ru: "администратор" },
  "role.auditor": { en: "auditor", be: "аўдытар", ru: "аудитор" },
  "role.custodian": { en: "custodian", be: "захавальнік асобаў", ru: "хранитель личностей" },
  "role.key-holder": { en: "key-holder", be: "трымальнік ключоў", ru: "держатель ключей" },
  "role.reviewer": { en: "reviewer", be: "разглядальнік", ru: "рассматривающий" },
} as const;
