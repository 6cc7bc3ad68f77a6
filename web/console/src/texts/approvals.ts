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
  "approvals.words": { en: "In words", be: "Словамі", ru: "Словами" },
  "approvals.words.none": {
    en: "The request came without words.",
    be: "Запыт прыйшоў без слоў.",
    ru: "Запрос пришёл без слов.",
  },
  "approvals.words.read": {
    en: "Read the reason in words",
    be: "Прачытаць прычыну словамі",
    ru: "Прочитать причину словами",
  },
  "approvals.words.by": {
    en: "{day}, {who}. Checked in this browser: written for this request.",
    be: "{day}, {who}. Праверана ў гэтым браўзеры: напісана да гэтага запыту.",
    ru: "{day}, {who}. Проверено в этом браузере: написано к этому запросу.",
  },
  "approvals.words.others": {
    en: "These words are not sealed to you: who becomes a custodian after the request cannot read them. You can still decide by the reason that was chosen.",
    be: "Гэтыя словы запячатаны не для вас: хто становіцца захавальнікам пасля запыту, не можа іх прачытаць. Вырашыць усё роўна можна — паводле выбранай прычыны.",
    ru: "Эти слова запечатаны не для вас: кто становится хранителем после запроса, не может их прочитать. Решить всё равно можно — по выбранной причине.",
  },
  "approvals.words.bad": {
    en: "Words came that do not hold: they are for another request, or not by who asks, or were changed. They are not shown. Before you decide, ask by another way.",
    be: "Прыйшлі словы, якія не спраўдзіліся: яны да іншага запыту, не ад таго, хто просіць, або змененыя. Яны не паказаны. Перш чым вырашаць, спытайце іншым шляхам.",
    ru: "Пришли слова, которые не подтвердились: они к другому запросу, не от того, кто просит, или изменены. Они не показаны. Прежде чем решать, спросите другим путём.",
  },
  "approvals.state": { en: "State", be: "Стан", ru: "Состояние" },
  "approvals.state.waiting": { en: "waits for a custodian", be: "чакае захавальніка", ru: "ждёт хранителя" },
  "approvals.state.approved": { en: "approved", be: "дазволена", ru: "разрешено" },
  "approvals.state.refused": { en: "refused", be: "адмоўлена", ru: "отказано" },
  "approvals.until": { en: "until {hour}", be: "да {hour}", ru: "до {hour}" },
  "approvals.hours": { en: "For how many hours", be: "На колькі гадзін", ru: "На сколько часов" },
  "approvals.approve": { en: "Approve", be: "Дазволіць", ru: "Разрешить" },
  "approvals.after": {
    en: "You can approve once you have done what stands above.",
    be: "Дазволіць можна пасля таго, як зроблена тое, што вышэй.",
    ru: "Разрешить можно после того, как сделано то, что выше.",
  },
  "approvals.decided": {
    en: "Your decision is stored and on the log.",
    be: "Ваша рашэнне захавана і ёсць у журнале.",
    ru: "Ваше решение сохранено и есть в журнале.",
  },
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
