/** Refusals of the server about what reviewers write, in words. */

export const refusalsWork = {
  "refusal.workspace_exists": {
    en: "Somebody began these notes a moment ago. Open the record again.",
    be: "Хтосьці толькі што распачаў гэтыя нататкі. Адкрыйце запіс зноў.",
    ru: "Кто-то только что начал эти заметки. Откройте запись снова.",
  },
  "refusal.grant_exists": {
    en: "This member has a key already, and it is another one. A key-holder can take it back.",
    be: "Ва ўдзельніка ўжо ёсць ключ, і ён іншы. Трымальнік ключоў можа яго забраць.",
    ru: "У участника уже есть ключ, и он другой. Хранитель ключей может его забрать.",
  },
  "refusal.author_differs": {
    en: "This was not signed by you, or your certificate has ended.",
    be: "Гэта падпісана не вамі, або ваш сертыфікат скончыўся.",
    ru: "Это подписано не вами, или ваш сертификат закончился.",
  },
  "refusal.upload_incomplete": {
    en: "A file did not arrive whole. Choose it again.",
    be: "Файл прыйшоў не цалкам. Выберыце яго зноў.",
    ru: "Файл пришёл не целиком. Выберите его снова.",
  },
  "refusal.deadline_day": {
    en: "A deadline is a day from today on.",
    be: "Тэрмін — гэта дзень, пачынаючы з сённяшняга.",
    ru: "Срок — это день, начиная с сегодняшнего.",
  },
  "refusal.messages_today": {
    en: "No more messages about this record today.",
    be: "Сёння больш лістоў пра гэты запіс адправіць нельга.",
    ru: "Сегодня больше сообщений об этой записи отправить нельзя.",
  },
  "refusal.not_found": {
    en: "This is not there, or not for you.",
    be: "Гэтага няма, або яно не для вас.",
    ru: "Этого нет, или оно не для вас.",
  },
} as const;
