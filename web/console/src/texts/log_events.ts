/** Events of the logs in words. */

export const logEvents = {
  "log.event.record.added": {
    en: "A testimony arrived",
    be: "Прыйшло сведчанне",
    ru: "Поступило свидетельство",
  },
  "log.event.record.revised": {
    en: "The person changed their testimony",
    be: "Чалавек змяніў сваё сведчанне",
    ru: "Человек изменил своё свидетельство",
  },
  "log.event.record.erased": {
    en: "A testimony was erased; earlier entries fell silent",
    be: "Сведчанне сцёрта; ранейшыя запісы замоўклі",
    ru: "Свидетельство стёрто; прежние записи умолкли",
  },
  "log.event.consent.withdrawn": {
    en: "The person withdrew consent",
    be: "Чалавек адклікаў згоду",
    ru: "Человек отозвал согласие",
  },
  "log.event.deletion.asked": {
    en: "The person asked for deletion",
    be: "Чалавек папрасіў выдаліць сведчанне",
    ru: "Человек попросил удалить свидетельство",
  },
  "log.event.deletion.cancelled": {
    en: "The person took the wish to delete back",
    be: "Чалавек перадумаў выдаляць сведчанне",
    ru: "Человек передумал удалять свидетельство",
  },
  "log.event.message.added": {
    en: "The person wrote a message",
    be: "Чалавек напісаў паведамленне",
    ru: "Человек написал сообщение",
  },
  "log.event.restoration.asked": {
    en: "A second receipt was asked for",
    be: "Папрасілі другую квітанцыю",
    ru: "Запрошена вторая квитанция",
  },
  "log.event.restoration.refused": {
    en: "The second receipt was refused",
    be: "У другой квітанцыі адмоўлена",
    ru: "Во второй квитанции отказано",
  },
  "log.event.restoration.done": {
    en: "The second receipt was given",
    be: "Другая квітанцыя выдадзена",
    ru: "Вторая квитанция выдана",
  },
  "log.event.mechanism.keys": {
    en: "A key of the mechanism was added",
    be: "Дададзены ключ механізму",
    ru: "Добавлен ключ механизма",
  },
  "log.event.log.keys": {
    en: "Keys that sign this log were added",
    be: "Дададзены ключы, якімі падпісваюць журнал",
    ru: "Добавлены ключи, которыми подписывают журнал",
  },
  "log.event.mechanism.profile": {
    en: "The mechanism's page changed",
    be: "Змянілася старонка механізму",
    ru: "Изменилась страница механизма",
  },
  "log.event.program.served": {
    en: "Browsers are given another program",
    be: "Браўзеры атрымліваюць іншую праграму",
    ru: "Браузеры получают другую программу",
  },
  "log.event.console.served": {
    en: "Members are given another console",
    be: "Удзельнікі атрымліваюць іншую кансоль",
    ru: "Участники получают другую консоль",
  },
  "log.event.mechanism.closed": {
    en: "The mechanism stopped taking testimonies",
    be: "Механізм больш не прымае сведчанняў",
    ru: "Механизм больше не принимает свидетельства",
  },
  "log.event.mechanism.opened": {
    en: "The mechanism takes testimonies",
    be: "Механізм прымае сведчанні",
    ru: "Механизм принимает свидетельства",
  },
  "log.event.member.added": {
    en: "A member's certificate was added",
    be: "Дададзены сертыфікат удзельніка",
    ru: "Добавлен сертификат участника",
  },
  "log.event.member.revoked": {
    en: "A member's certificate was revoked",
    be: "Сертыфікат удзельніка адкліканы",
    ru: "Сертификат участника отозван",
  },
  "log.event.membership.added": {
    en: "A membership began",
    be: "Пачалося членства",
    ru: "Началось членство",
  },
  "log.event.membership.removed": {
    en: "A membership was ended",
    be: "Членства спынена",
    ru: "Членство прекращено",
  },
  "log.event.drill.done": {
    en: "Recovery of the keys was practised",
    be: "Праведзена праверка аднаўлення ключоў",
    ru: "Проведена проверка восстановления ключей",
  },
  "log.event.token.issued": { en: "A program logged in", be: "Праграма ўвайшла", ru: "Программа вошла" },
  "log.event.token.refused": {
    en: "A program was not let in",
    be: "Праграму не ўпусцілі",
    ru: "Программу не впустили",
  },
  "log.event.feed.listed": {
    en: "A program read the list of events",
    be: "Праграма прачытала спіс падзей",
    ru: "Программа прочитала список событий",
  },
  "log.event.record.opened": {
    en: "Opened a testimony",
    be: "Адкрыта сведчанне",
    ru: "Открыто свидетельство",
  },
  "log.event.part.downloaded": {
    en: "Opened a part of a testimony",
    be: "Адкрыта частка сведчання",
    ru: "Открыта часть свидетельства",
  },
  "log.done.part.downloaded.identity": {
    en: "Opened a part about who somebody is (name, contact, or what is kept with them)",
    be: "Адкрыта частка пра асобу чалавека (імя, кантакт або тое, што захоўваюць разам з імі)",
    ru: "Открыта часть о личности человека (имя, контакт или то, что хранят вместе с ними)",
  },
  "log.done.part.downloaded.sensitive": {
    en: "Opened an intimate part",
    be: "Адкрыта інтымная частка",
    ru: "Открыта интимная часть",
  },
  "log.event.log.cosigned": {
    en: "Signed this log as a witness",
    be: "Журнал падпісаў сведка журнала",
    ru: "Журнал подписал свидетель журнала",
  },
  "log.event.messages.listed": {
    en: "Read messages",
    be: "Прачытаны паведамленні",
    ru: "Прочитаны сообщения",
  },
  "log.event.message.sent": { en: "Wrote to the person", be: "Напісана чалавеку", ru: "Написано человеку" },
  "log.event.standing.set": {
    en: "Said what became of a testimony",
    be: "Пазначана, што стала са сведчаннем",
    ru: "Отмечено, что стало со свидетельством",
  },
  "log.event.withdrawal.answered": {
    en: "Answered a withdrawal",
    be: "Дадзены адказ на адкліканне",
    ru: "Дан ответ на отзыв",
  },
  "log.event.record.handed_over": {
    en: "Handed a testimony over to a successor",
    be: "Сведчанне перададзена пераемніку",
    ru: "Свидетельство передано преемнику",
  },
  "log.event.access.refused": { en: "Was refused", be: "Адмоўлена", ru: "Отказано" },
  "log.event.member.applied": {
    en: "Applied to become a member",
    be: "Пададзена заява на ўдзел",
    ru: "Подана заявка на участие",
  },
  "log.event.member.entered": { en: "Logged in", be: "Уваход", ru: "Вход" },
  "log.event.entry.refused": { en: "Was not let in", be: "Ва ўваходзе адмоўлена", ru: "Во входе отказано" },
  "log.event.oneself.seen": {
    en: "Looked at their own account",
    be: "Прагледжаны свой уліковы запіс",
    ru: "Просмотрена своя учётная запись",
  },
  "log.event.oneself.changed": {
    en: "Something of their own account changed",
    be: "Змены ва ўласным уліковым запісе",
    ru: "Изменения в собственной учётной записи",
  },
  "log.event.people.listed": {
    en: "Looked at the list of people",
    be: "Прагледжаны спіс людзей",
    ru: "Просмотрен список людей",
  },
  "log.event.member.invited": { en: "Invited somebody", be: "Кагосьці запрошана", ru: "Кто-то приглашён" },
  "log.event.member.admitted": { en: "Admitted a member", be: "Прыняты ўдзельнік", ru: "Принят участник" },
  "log.event.member.removed": { en: "Removed a member", be: "Выдалены ўдзельнік", ru: "Удалён участник" },
  "log.event.proposal.made": {
    en: "Proposed something that needs two people",
    be: "Прапанавана тое, што патрабуе дваіх",
    ru: "Предложено то, что требует двоих",
  },
  "log.event.proposal.decided": {
    en: "Decided a proposal",
    be: "Вырашана прапанова",
    ru: "Решено предложение",
  },
  "log.event.keys.listed": {
    en: "Fetched keys sealed to them",
    be: "Узяты запячатаныя для сябе ключы",
    ru: "Получены запечатанные для себя ключи",
  },
  "log.event.keys.wrapped": {
    en: "Sealed keys to a member",
    be: "Ключы запячатаны для ўдзельніка",
    ru: "Ключи запечатаны для участника",
  },
  "log.event.triage.listed": {
    en: "Read the inbox",
    be: "Прачытаны спіс сведчанняў",
    ru: "Прочитан список свидетельств",
  },
  "log.event.triage.read": {
    en: "Saw a triage card for the first time",
    be: "Картка ўпершыню прачытана",
    ru: "Карточка впервые прочитана",
  },
  "log.event.assigned.listed": {
    en: "Read the list of what is assigned",
    be: "Прачытаны спіс даручанага",
    ru: "Прочитан список порученного",
  },
  "log.event.record.assigned": {
    en: "Changed whom a testimony is assigned to",
    be: "Зменена, каму даручана сведчанне",
    ru: "Изменено, кому поручено свидетельство",
  },
  "log.event.status.set": {
    en: "Changed a testimony's status",
    be: "Зменены стан сведчання",
    ru: "Изменён статус свидетельства",
  },
  "log.event.work.listed": { en: "Read notes", be: "Прачытаны нататкі", ru: "Прочитаны заметки" },
  "log.event.work.written": {
    en: "Wrote a note, tag or decision",
    be: "Запісана нататка, метка ці рашэнне",
    ru: "Записана заметка, метка или решение",
  },
  "log.event.identity.asked": {
    en: "Asked to open what is kept apart",
    be: "Папрошана адкрыць тое, што захоўваюць асобна",
    ru: "Запрошено открытие того, что хранят отдельно",
  },
  "log.event.identity.decided": {
    en: "Decided on opening what is kept apart",
    be: "Вырашана, ці адкрываць тое, што захоўваюць асобна",
    ru: "Решено, открывать ли то, что хранят отдельно",
  },
  "log.event.cases.listed": {
    en: "Read the list of cases",
    be: "Прачытаны спіс спраў",
    ru: "Прочитан список дел",
  },
  "log.event.case.changed": { en: "Changed a case", be: "Зменена справа", ru: "Изменено дело" },
  "log.event.same_media.listed": {
    en: "Looked for the same media elsewhere",
    be: "Пошук таго ж медыя ў іншых сведчаннях",
    ru: "Поиск тех же медиа в других свидетельствах",
  },
  "log.event.record.exported": {
    en: "Exported a testimony",
    be: "Сведчанне выгружана",
    ru: "Свидетельство выгружено",
  },
  "log.event.log.read": { en: "Read this log", be: "Прачытаны гэты журнал", ru: "Прочитан этот журнал" },
  "log.event.alarm.raised": { en: "An alarm was raised", be: "Узнята трывога", ru: "Поднята тревога" },
  "log.event.alarms.listed": { en: "Read the alarms", be: "Прачытаны трывогі", ru: "Прочитаны тревоги" },
  "log.event.alarm.seen": { en: "Looked at an alarm", be: "Трывога прагледжана", ru: "Тревога просмотрена" },
  "log.event.budget.changed": {
    en: "A daily limit was changed",
    be: "Зменена дзённае абмежаванне",
    ru: "Изменено дневное ограничение",
  },
  "log.event.client.added": {
    en: "The operator added a program",
    be: "Аператар дадаў праграму",
    ru: "Оператор добавил программу",
  },
  "log.event.client.revoked": {
    en: "The operator removed a program",
    be: "Аператар выдаліў праграму",
    ru: "Оператор удалил программу",
  },
  "log.event.witness.added": {
    en: "The operator added a witness of the log",
    be: "Аператар дадаў сведку журнала",
    ru: "Оператор добавил свидетеля журнала",
  },
} as const;
