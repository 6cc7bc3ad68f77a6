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
    ru: "У участника уже есть ключ, и он другой. Держатель ключей может его забрать.",
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
  "refusal.not_assigned": {
    en: "This record is not assigned to this member any more. Look again.",
    be: "Гэты запіс больш не даручаны гэтаму ўдзельніку. Абнавіце старонку.",
    ru: "Эта запись больше не поручена этому участнику. Обновите страницу.",
  },
  "refusal.member_role": {
    en: "This member's roles do not allow that.",
    be: "Ролі гэтага ўдзельніка такога не дазваляюць.",
    ru: "Роли этого участника такого не позволяют.",
  },
  "refusal.member_gone": {
    en: "This person is not a member today.",
    be: "Сёння гэты чалавек не ўдзельнік.",
    ru: "Сегодня этот человек не участник.",
  },
  "refusal.grants_differ": {
    en: "The keys that were sealed are not all that this record has now. Open it again, then repeat.",
    be: "Запячатаны не ўсе ключы, якія запіс мае цяпер. Адкрыйце яго зноў і паўтарыце.",
    ru: "Запечатаны не все ключи, которые запись имеет сейчас. Откройте её снова и повторите.",
  },
  "refusal.hours": {
    en: "An approval lasts 1 hour to 3 days. Choose another time.",
    be: "Дазвол дзейнічае ад 1 гадзіны да 3 дзён. Выберыце іншы час.",
    ru: "Разрешение действует от 1 часа до 3 дней. Выберите другое время.",
  },
  "refusal.class_absent": {
    en: "The person gave your mechanism nothing of this kind in this record.",
    be: "У гэтым запісе чалавек не даў вашаму механізму нічога такога.",
    ru: "В этой записи человек не дал вашему механизму ничего такого.",
  },
  "refusal.budget_range": {
    en: "A daily limit is 1 to 100 000 records.",
    be: "Дзённае абмежаванне — ад 1 да 100 000 запісаў.",
    ru: "Дневное ограничение — от 1 до 100 000 записей.",
  },
  "refusal.days_invalid": {
    en: "This number of days is not possible. Choose another one.",
    be: "Такая колькасць дзён немагчымая. Выберыце іншую.",
    ru: "Такое число дней невозможно. Выберите другое.",
  },
  "refusal.wrap_role": {
    en: "This member's roles open no such key.",
    be: "Ролі гэтага ўдзельніка не адкрываюць такога ключа.",
    ru: "Роли этого участника не открывают такого ключа.",
  },
  "refusal.wrap_reader": {
    en: "Keys can be sealed only to members of today. Look again who is one.",
    be: "Ключы можна запячатаць толькі сённяшнім удзельнікам. Праверце, хто яны.",
    ru: "Ключи можно запечатать только сегодняшним участникам. Проверьте, кто они.",
  },
  "refusal.wrap_oneself": {
    en: "Nobody seals keys to themselves: another key-holder does it.",
    be: "Ніхто не запячатвае ключы сам сабе: гэта робіць іншы трымальнік ключоў.",
    ru: "Никто не запечатывает ключи сам себе: это делает другой держатель ключей.",
  },
  "refusal.wraps_invalid": {
    en: "The sealed keys are not in the right form. Reload the page and try again.",
    be: "Запячатаныя ключы не той формы. Перазагрузіце старонку і паспрабуйце зноў.",
    ru: "Запечатанные ключи не той формы. Перезагрузите страницу и попробуйте снова.",
  },
  "refusal.mechanism_key": {
    en: "The mechanism's keys have changed. Reload the page and try again.",
    be: "Ключы механізму змяніліся. Перазагрузіце старонку і паспрабуйце зноў.",
    ru: "Ключи механизма изменились. Перезагрузите страницу и попробуйте снова.",
  },
  "refusal.day": {
    en: "What was signed bears another day than the server’s. Check the clock of your device.",
    be: "Падпісанае мае іншую дату, чым на серверы. Праверце гадзіннік прылады.",
    ru: "Подписанное имеет другую дату, чем на сервере. Проверьте часы устройства.",
  },
  "refusal.refers_unknown": {
    en: "What this refers to is not there. Look again.",
    be: "Таго, на што гэта спасылаецца, няма. Абнавіце старонку.",
    ru: "Того, на что это ссылается, нет. Обновите страницу.",
  },
  "refusal.deadline_member": {
    en: "This member does not see what the deadline is about.",
    be: "Гэты ўдзельнік не бачыць таго, чаго датычыцца тэрмін.",
    ru: "Этот участник не видит того, чего касается срок.",
  },
  "refusal.deadlines_full": {
    en: "There are too many deadlines here. Finish some first.",
    be: "Тут зашмат тэрмінаў. Спачатку завяршыце некаторыя.",
    ru: "Здесь слишком много сроков. Сначала завершите некоторые.",
  },
  "refusal.case_full": {
    en: "This case has as many records as a case can have. Begin another one.",
    be: "У гэтай справе ўжо найбольшая колькасць запісаў. Распачніце іншую.",
    ru: "В этом деле уже наибольшее число записей. Начните другое.",
  },
  "refusal.workspace_full": {
    en: "There is no more room for notes here.",
    be: "Тут больш няма месца для нататак.",
    ru: "Здесь больше нет места для заметок.",
  },
  "refusal.workspace_closed": {
    en: "Nobody has given you the key of these notes yet. Ask a colleague who has it.",
    be: "Вам яшчэ не далі ключа ад гэтых нататак. Папрасіце калегу, які яго мае.",
    ru: "Вам ещё не дали ключ от этих заметок. Попросите коллегу, у которого он есть.",
  },
  "refusal.export_size": {
    en: "An export has at least one record, and not so many. Choose fewer.",
    be: "У экспарце хаця б адзін запіс, але не так шмат. Выберыце менш.",
    ru: "В экспорте хотя бы одна запись, но не так много. Выберите меньше.",
  },
  "refusal.request_invalid": {
    en: "The server did not understand this page. Reload it and try again.",
    be: "Сервер не зразумеў гэтую старонку. Перазагрузіце яе і паспрабуйце зноў.",
    ru: "Сервер не понял эту страницу. Перезагрузите её и попробуйте снова.",
  },
  "refusal.wrappers_missing": {
    en: "Your keys have to be sealed under a passkey or the printed key as well. Try again.",
    be: "Вашы ключы трэба запячатаць і ключом доступу або надрукаваным ключом. Паспрабуйце зноў.",
    ru: "Ваши ключи нужно запечатать и ключом доступа или напечатанным ключом. Попробуйте снова.",
  },
  "refusal.too_large": {
    en: "This is too large for the server.",
    be: "Гэта завялікае для сервера.",
    ru: "Это слишком велико для сервера.",
  },
  "refusal.unavailable": {
    en: "The server cannot do this right now. Try again in some minutes.",
    be: "Сервер цяпер не можа гэтага зрабіць. Паспрабуйце праз некалькі хвілін.",
    ru: "Сервер сейчас не может этого сделать. Попробуйте через несколько минут.",
  },
  "refusal.client_unknown": {
    en: "Your mechanism has no such program.",
    be: "У вашага механізму няма такой праграмы.",
    ru: "У вашего механизма нет такой программы.",
  },
  "refusal.grant_reader": {
    en: "This member does not see what these notes are about.",
    be: "Гэты ўдзельнік не бачыць таго, чаго датычацца нататкі.",
    ru: "Этот участник не видит того, чего касаются заметки.",
  },
  "refusal.member_unknown": {
    en: "The mechanism has no such member.",
    be: "У механізму няма такога ўдзельніка.",
    ru: "У механизма нет такого участника.",
  },
  "refusal.refers_missing": {
    en: "This kind of entry has to name what it is about.",
    be: "У такім запісе трэба назваць, чаго ён датычыцца.",
    ru: "В такой записи нужно назвать, чего она касается.",
  },
  "refusal.wrap_key": {
    en: "The mechanism's keys have changed. Reload the page and try again.",
    be: "Ключы механізму змяніліся. Перазагрузіце старонку і паспрабуйце зноў.",
    ru: "Ключи механизма изменились. Перезагрузите страницу и попробуйте снова.",
  },
} as const;
