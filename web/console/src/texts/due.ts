/** Texts of deadlines. */

export const due = {
  "due.title": { en: "Due", be: "Тэрміны", ru: "Сроки" },
  "due.none": { en: "Nothing is due.", be: "Нічога тэрміновага.", ru: "Ничего срочного." },
  "due.kind": { en: "What is due", be: "Што", ru: "Что" },
  "due.nokind": {
    en: "Choose first what is due on that day.",
    be: "Спачатку выберыце, што мае адбыцца да гэтага дня.",
    ru: "Сначала выберите, что должно произойти к этому дню.",
  },
  "due.noday": {
    en: "Fill in “Due on”: the whole day, with month and year.",
    be: "Запоўніце поле «Да дня»: дзень цалкам, з месяцам і годам.",
    ru: "Заполните поле «К какому дню»: день целиком, с месяцем и годом.",
  },
  "due.kind.reply_due": { en: "A reply", be: "Адказ", ru: "Ответ" },
  "due.kind.limitation": {
    en: "Limitation period ends",
    be: "Сканчаецца даўнасць",
    ru: "Истекает срок давности",
  },
  "due.kind.hearing": { en: "A hearing", be: "Слуханне", ru: "Слушание" },
  "due.kind.follow_up": { en: "A follow-up", be: "Вярнуцца да справы", ru: "Вернуться к делу" },
  "due.kind.consent_expires": { en: "Consent ends", be: "Сканчаецца згода", ru: "Заканчивается согласие" },
  "due.line": { en: "{day}: {what}", be: "{day}: {what}", ru: "{day}: {what}" },
  "due.past": { en: "overdue", be: "пратэрмінавана", ru: "просрочено" },
  "due.record": { en: "record {name}", be: "запіс {name}", ru: "запись {name}" },
  "due.case": { en: "a case", be: "справа", ru: "дело" },
  "due.done": { en: "Mark as done", be: "Адзначыць зробленым", ru: "Отметить сделанным" },
  "due.wasdone": { en: "done on {day}", be: "зроблена {day}", ru: "сделано {day}" },
  "due.membership": {
    en: "Your membership ends on {day}. If your work goes on, ask the keeper of the root key in time: another membership needs the root's signature.",
    be: "Вашае ўдзельніцтва скончыцца {day}. Калі праца працягваецца, загадзя звярніцеся да захавальніка каранёвага ключа: для новага ўдзельніцтва патрэбны подпіс гэтага ключа.",
    ru: "Ваше участие закончится {day}. Если работа продолжается, заранее обратитесь к хранителю корневого ключа: для нового участия нужна подпись этого ключа.",
  },
} as const;
