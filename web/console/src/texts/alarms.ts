/** Texts of the list of alarms. */

export const alarms = {
  "alarms.title": { en: "Alarms", be: "Трывогі", ru: "Тревоги" },
  "alarms.none": { en: "There has been no alarm.", be: "Трывог не было.", ru: "Тревог не было." },
  "alarms.open": {
    en: "Nobody has looked at this yet",
    be: "Гэтага яшчэ ніхто не прагледзеў",
    ru: "Этого ещё никто не просмотрел",
  },
  "alarms.seen": { en: "Looked at by {who}", be: "Прагледзеў(-ла): {who}", ru: "Просмотрел(а): {who}" },
  "alarms.mark": { en: "I have looked at it", be: "Я гэта прагледзеў(-ла)", ru: "Я это просмотрел(а)" },
  "alarms.told": { en: "{day}: {who}", be: "{day}: {who}", ru: "{day}: {who}" },
  "alarms.kind.budget_spent": {
    en: "Opened as many testimonies as one day allows, and asked for more",
    be: "Адкрыта столькі сведчанняў, колькі дазволена на дзень, і спроба адкрыць яшчэ",
    ru: "Открыто столько свидетельств, сколько разрешено на день, и попытка открыть ещё",
  },
} as const;
