/** Texts of requests to open identity, and of what is refused around records. */

export const approvals = {
  "approvals.title": { en: "Approvals", be: "Дазволы", ru: "Разрешения" },
  "approvals.none": { en: "Nothing was asked for.", be: "Запытаў няма.", ru: "Запросов нет." },
  "approvals.for": { en: "For", be: "Для каго", ru: "Для кого" },
  "approvals.by": { en: "Asked by", be: "Хто просіць", ru: "Кто просит" },
  "approvals.program": { en: "the program", be: "праграма", ru: "программа" },
  "approvals.what": { en: "What", be: "Што", ru: "Что" },
  "approvals.reason": { en: "Reason", be: "Прычына", ru: "Причина" },
  "approvals.reason.contact": {
    en: "to reach the person",
    be: "звязацца з чалавекам",
    ru: "связаться с человеком",
  },
  "approvals.reason.corroboration": {
    en: "to corroborate",
    be: "пацвердзіць звесткі",
    ru: "подтвердить сведения",
  },
  "approvals.reason.proceedings": {
    en: "legal proceedings",
    be: "судовы разгляд",
    ru: "судебное разбирательство",
  },
  "approvals.reason.protection": {
    en: "somebody is in danger",
    be: "нехта ў небяспецы",
    ru: "кто-то в опасности",
  },
  "approvals.reason.same_person": {
    en: "whether two records are one person's",
    be: "ці ад аднаго чалавека два сведчанні",
    ru: "от одного ли человека два свидетельства",
  },
  "approvals.state": { en: "State", be: "Стан", ru: "Состояние" },
  "approvals.state.waiting": { en: "waits for a custodian", be: "чакае захавальніка", ru: "ждёт хранителя" },
  "approvals.state.approved": { en: "approved", be: "дазволена", ru: "разрешено" },
  "approvals.state.refused": { en: "refused", be: "адмоўлена", ru: "отказано" },
  "approvals.until": { en: "until {hour}", be: "да {hour}", ru: "до {hour}" },
  "approvals.hours": { en: "For how many hours", be: "На колькі гадзін", ru: "На сколько часов" },
  "approvals.approve": { en: "Approve", be: "Дазволіць", ru: "Разрешить" },
  "approvals.refuse": { en: "Refuse", be: "Адмовіць", ru: "Отказать" },
  "refusal.budget_spent": {
    en: "You cannot open more records today. The auditors see this. Two people can change your daily limit.",
    be: "Сёння больш сведчанняў адкрыць нельга. Аўдытары гэта бачаць. Змяніць дзённае абмежаванне могуць двое.",
    ru: "Сегодня больше свидетельств открыть нельзя. Аудиторы это видят. Изменить дневное ограничение могут двое.",
  },
  "refusal.own_request": {
    en: "Another custodian has to decide this: you asked for it yourself.",
    be: "Гэта мусіць вырашыць іншы захавальнік: прасілі вы самі.",
    ru: "Это должен решить другой хранитель: просили вы сами.",
  },
  "refusal.decided": { en: "This was decided already.", be: "Гэта ўжо вырашана.", ru: "Это уже решено." },
  "refusal.deletion_pending": {
    en: "The person has asked for the record to be deleted: nothing of it is given any more.",
    be: "Чалавек папрасіў выдаліць сведчанне: з яго больш нічога не выдаецца.",
    ru: "Человек попросил удалить свидетельство: из него больше ничего не выдаётся.",
  },
  "refusal.consent_purpose": {
    en: "The person did not consent to the purpose for which you are logged in.",
    be: "Чалавек не даваў згоды на мэту, з якой вы ўвайшлі.",
    ru: "Человек не давал согласия на цель, с которой вы вошли.",
  },
  "refusal.consent_expired": {
    en: "The person's consent has ended.",
    be: "Згода чалавека скончылася.",
    ru: "Согласие человека закончилось.",
  },
} as const;
