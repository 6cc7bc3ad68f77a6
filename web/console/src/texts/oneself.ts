/** Texts of a member's own page. */

export const oneself = {
  "oneself.title": { en: "Myself", be: "Пра мяне", ru: "Обо мне" },
  "oneself.mechanism": { en: "Mechanism", be: "Механізм", ru: "Механизм" },
  "oneself.member": { en: "Member", be: "Удзельнік", ru: "Участник" },
  "oneself.roles": { en: "Roles", be: "Ролі", ru: "Роли" },
  "oneself.expires": { en: "Member until", be: "Удзельнік да", ru: "Участник до" },
  "oneself.keys": { en: "My keys", be: "Мае ключы", ru: "Мои ключи" },
  "oneself.open": {
    en: "open in this page",
    be: "адкрытыя на гэтай старонцы",
    ru: "открыты на этой странице",
  },
  "oneself.closed": { en: "closed", be: "закрытыя", ru: "закрыты" },
} as const;
