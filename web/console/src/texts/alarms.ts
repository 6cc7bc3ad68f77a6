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
  "alarms.kind.member_recovered": {
    en: "A new passkey after a lost device was approved, or was made. Ask the person, by another way, whether it was them",
    be: "Новы ключ доступу пасля страты прылады ўхвалены або зроблены. Спытайце чалавека іншым шляхам, ці гэта ён",
    ru: "Новый ключ доступа после потери устройства одобрен или создан. Спросите человека другим путём, он ли это",
  },
  "alarms.kind.guard_removal": {
    en: "It was proposed to remove this auditor, or the last one of these key-holders or custodians, or it was done",
    be: "Прапанавана выключыць гэтага аўдытара ці апошняга трымальніка ключоў або захавальніка асобаў, або гэта зроблена",
    ru: "Предложено исключить этого аудитора или последнего держателя ключей или хранителя личностей, или это сделано",
  },
  "alarms.kind.admitted_alone": {
    en: "The operator admitted them without the two members who have to agree",
    be: "Аператар дапусціў гэтага чалавека без двух удзельнікаў, якія мусяць згадзіцца",
    ru: "Оператор допустил этого человека без двух участников, которые должны согласиться",
  },
} as const;
