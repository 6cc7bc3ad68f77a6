/** Texts of the list of alarms. */

export const alarms = {
  "alarms.title": { en: "Alarms", be: "Трывогі", ru: "Тревоги" },
  "alarms.none": { en: "There has been no alarm.", be: "Трывог не было.", ru: "Тревог не было." },
  "alarms.open": {
    en: "Nobody has looked at this yet",
    be: "Гэтага яшчэ ніхто не прагледзеў",
    ru: "Этого ещё никто не просмотрел",
  },
  "alarms.seen": { en: "Looked at by {who}", be: "Прагледжана: {who}", ru: "Просмотрено: {who}" },
  "alarms.mark": { en: "I have looked at it", be: "Мною прагледжана", ru: "Мною просмотрено" },
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
    en: "Removal of an auditor, or of the last key-holder or custodian: it was proposed, or done",
    be: "Выключэнне аўдытара або апошняга трымальніка ключоў ці захавальніка асобаў: прапанавана або зроблена",
    ru: "Исключение аудитора либо последнего держателя ключей или хранителя личностей: предложено или сделано",
  },
  "alarms.kind.admitted_alone": {
    en: "The operator admitted them without the two members who have to agree",
    be: "Аператар дапусціў гэтага чалавека без двух удзельнікаў, якія мусяць згадзіцца",
    ru: "Оператор допустил этого человека без двух участников, которые должны согласиться",
  },
  "alarms.waiting.one": {
    en: "{count} alarm that nobody has looked at: see Alarms.",
    be: "{count} трывога, якую ніхто не прагледзеў: гл. «Трывогі».",
    ru: "{count} тревога, которую никто не просмотрел: см. «Тревоги».",
  },
  "alarms.waiting.few": {
    en: "{count} alarms that nobody has looked at: see Alarms.",
    be: "{count} трывогі, якіх ніхто не прагледзеў: гл. «Трывогі».",
    ru: "{count} тревоги, которых никто не просмотрел: см. «Тревоги».",
  },
  "alarms.waiting.many": {
    en: "{count} alarms that nobody has looked at: see Alarms.",
    be: "{count} трывог, якіх ніхто не прагледзеў: гл. «Трывогі».",
    ru: "{count} тревог, которых никто не просмотрел: см. «Тревоги».",
  },
  "alarms.waiting.other": {
    en: "{count} alarms that nobody has looked at: see Alarms.",
    be: "{count} трывогі, якіх ніхто не прагледзеў: гл. «Трывогі».",
    ru: "{count} тревоги, которых никто не просмотрел: см. «Тревоги».",
  },
  "alarms.missing": {
    en: "The log knows of an alarm that the list of alarms does not have: somebody took it away. Tell others of your mechanism by another way.",
    be: "Журнал ведае трывогу, якой няма ў спісе трывог: нехта яе прыбраў. Паведаміце іншым у механізме іншым шляхам.",
    ru: "Журнал знает тревогу, которой нет в списке тревог: кто-то её убрал. Сообщите другим в механизме другим путём.",
  },
  "alarms.unlogged": {
    en: "The log does not know of this alarm: it was not raised by the service.",
    be: "Журнал не ведае гэтай трывогі: яе падняў не сэрвіс.",
    ru: "Журнал не знает этой тревоги: её подняла не служба.",
  },
  "alarms.broken": {
    en: "The log does not hold, so it does not show what alarms are about, nor whether one is missing. See Log.",
    be: "Журнал не сыходзіцца, таму не відаць, пра што трывогі і ці ўсе яны тут. Гл. «Журнал».",
    ru: "Журнал не сходится, поэтому не видно, о чём тревоги и все ли они здесь. См. «Журнал».",
  },
  "alarms.entries": {
    en: "What the log says of it",
    be: "Што пра гэта кажа журнал",
    ru: "Что об этом говорит журнал",
  },
  "alarms.log": {
    en: "Show these days in the log",
    be: "Паказаць гэтыя дні ў журнале",
    ru: "Показать эти дни в журнале",
  },
  "alarms.compare": {
    en: "Compare with all of the log",
    be: "Параўнаць з усім журналам",
    ru: "Сравнить со всем журналом",
  },
  "alarms.some.other": {
    en: "Compared with the newest entries of the log ({count}), not with all of it.",
    be: "Параўнана з найноўшымі запісамі журнала ({count}), не з усім журналам.",
    ru: "Сравнено с самыми новыми записями журнала ({count}), не со всем журналом.",
  },
  "alarms.all.other": {
    en: "Compared with all of the log ({count}).",
    be: "Параўнана з усім журналам ({count}).",
    ru: "Сравнено со всем журналом ({count}).",
  },
  "alarms.guard_removal.proposed": {
    en: "{by} proposed to remove {who}. It has not been decided.",
    be: "Прапанавана выключыць: {who}. Прапанова: {by}. Яшчэ не вырашана.",
    ru: "Предложено исключить: {who}. Предложение: {by}. Ещё не решено.",
  },
  "alarms.guard_removal.approved": {
    en: "{by} proposed to remove {who}, and {decided} approved it.",
    be: "Прапанавана выключыць: {who}. Прапанова: {by}, згода: {decided}.",
    ru: "Предложено исключить: {who}. Предложение: {by}, согласие: {decided}.",
  },
  "alarms.guard_removal.refused": {
    en: "{by} proposed to remove {who}, and {decided} refused it.",
    be: "Прапанавана выключыць: {who}. Прапанова: {by}, адмова: {decided}.",
    ru: "Предложено исключить: {who}. Предложение: {by}, отказ: {decided}.",
  },
  "alarms.guard_removal.withdrawn": {
    en: "{by} proposed to remove {who}, and took it back.",
    be: "Прапанавана выключыць: {who}. Прапанова: {by}, потым адклікана.",
    ru: "Предложено исключить: {who}. Предложение: {by}, затем отозвано.",
  },
  "alarms.guard_removal.done": {
    en: "{who} was removed: {by} proposed it, {decided} approved it.",
    be: "Больш не ўдзельнік: {who}. Прапанова: {by}, згода: {decided}.",
    ru: "Больше не участник: {who}. Предложение: {by}, согласие: {decided}.",
  },
  "alarms.guard_removal.operator": {
    en: "The operator removed {who} without a proposal of members.",
    be: "Аператар без прапановы ўдзельнікаў выключыў: {who}.",
    ru: "Оператор без предложения участников исключил: {who}.",
  },
  "alarms.member_recovered.approved": {
    en: "A new passkey for {who} after a lost device: {by} proposed it, {decided} approved it. It was not made yet. Ask {who}, by another way, whether it was them.",
    be: "Новы ключ доступу пасля страты прылады: {who}. Прапанова: {by}, згода: {decided}. Яшчэ не зроблены. Спытайце {who} іншым шляхам, ці гэта так.",
    ru: "Новый ключ доступа после потери устройства: {who}. Предложение: {by}, согласие: {decided}. Ещё не создан. Спросите {who} другим путём, так ли это.",
  },
  "alarms.member_recovered.done": {
    en: "A new passkey for {who} after a lost device was made: {by} proposed it, {decided} approved it. Ask {who}, by another way, whether it was them.",
    be: "Зроблены новы ключ доступу пасля страты прылады: {who}. Прапанова: {by}, згода: {decided}. Спытайце {who} іншым шляхам, ці гэта так.",
    ru: "Создан новый ключ доступа после потери устройства: {who}. Предложение: {by}, согласие: {decided}. Спросите {who} другим путём, так ли это.",
  },
  "alarms.member_recovered.made": {
    en: "A new passkey for {who} after a lost device was made. Ask {who}, by another way, whether it was them.",
    be: "Зроблены новы ключ доступу пасля страты прылады: {who}. Спытайце {who} іншым шляхам, ці гэта так.",
    ru: "Создан новый ключ доступа после потери устройства: {who}. Спросите {who} другим путём, так ли это.",
  },
} as const;
