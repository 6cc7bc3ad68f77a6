/** Texts of what is written to the person, of same media, and of what testimonies agree on. */

export const messages = {
  "messages.title": {
    en: "Messages with the person",
    be: "Ліставанне з чалавекам",
    ru: "Переписка с человеком",
  },
  "messages.none": { en: "Nobody has written yet.", be: "Яшчэ ніхто не пісаў.", ru: "Ещё никто не писал." },
  "messages.hidden": {
    en: "Messages that do not hold or do not open, and are not shown: {count}.",
    be: "Лістоў, якія не спраўдзіліся або не адкрыліся і не паказаны: {count}.",
    ru: "Сообщений, которые не подтвердились или не открылись и не показаны: {count}.",
  },
  "messages.person": { en: "{day}, the person", be: "{day}, чалавек", ru: "{day}, человек" },
  "messages.member": { en: "{day}, {who}", be: "{day}, {who}", ru: "{day}, {who}" },
  "messages.text": { en: "Write to the person", be: "Напісаць чалавеку", ru: "Написать человеку" },
  "messages.hint": {
    en: "The person sees your mechanism, and the name for people that its root signed for you, if you have one. Never ask them to use another channel.",
    be: "Чалавек убачыць ваш механізм і тое імя для людзей, якое ён за вамі падпісаў, калі яно ёсць. Ніколі не прасіце перайсці ў іншы канал.",
    ru: "Человек увидит ваш механизм и то имя для людей, которое он за вами подписал, если оно есть. Никогда не просите перейти в другой канал.",
  },
  "messages.language": { en: "In which language", be: "На якой мове", ru: "На каком языке" },
  "messages.answers": { en: "In answer to", be: "У адказ на", ru: "В ответ на" },
  "messages.nothing": { en: "nothing", be: "нішто", ru: "ничто" },
  "messages.send": { en: "Seal and send", be: "Запячатаць і адправіць", ru: "Запечатать и отправить" },
  "messages.noplace": {
    en: "No compartment of this record is open to you, so you cannot write.",
    be: "Ніводная частка гэтага запісу вам не адкрыта, таму пісаць нельга.",
    ru: "Ни одна часть этой записи вам не открыта, поэтому писать нельзя.",
  },
  "messages.standing": { en: "Tell the person", be: "Паведаміць чалавеку", ru: "Сообщить человеку" },
  "messages.in_case": {
    en: "The testimony is part of a case",
    be: "Сведчанне стала часткай справы",
    ru: "Свидетельство стало частью дела",
  },
  "messages.closed": {
    en: "The work on it is finished",
    be: "Праца з ім скончана",
    ru: "Работа с ним завершена",
  },
  "messages.told": {
    en: "The person will see this.",
    be: "Чалавек гэта ўбачыць.",
    ru: "Человек это увидит.",
  },
  "same.title": { en: "The same photo or video", be: "Тое самае фота ці відэа", ru: "То же фото или видео" },
  "same.none": {
    en: "No other record that you see carries one of these media, as far as compared. New media are compared within a day.",
    be: "Ні ў адным іншым запісе, які вы бачыце, гэтых медыя няма — сярод тых, што ўжо параўнаныя. Новыя параўноўваюцца на працягу сутак.",
    ru: "Ни в одной другой записи, которую вы видите, этих медиа нет — среди уже сравнённых. Новые сравниваются в течение суток.",
  },
  "same.nomedia": {
    en: "No photo or video of this record is open to you.",
    be: "Ніводнае фота ці відэа гэтага запісу вам не адкрыта.",
    ru: "Ни одно фото или видео этой записи вам не открыто.",
  },
  "same.waiting": {
    en: "Not compared with other records yet: {count}. This is done within a day of arrival.",
    be: "Яшчэ не параўнаныя з іншымі запісамі: {count}. Гэта робіцца на працягу сутак пасля прыбыцця.",
    ru: "Ещё не сравнены с другими записями: {count}. Это делается в течение суток после поступления.",
  },
  "same.line": {
    en: "{name} came in week {week} in another record, too:",
    be: "{name} на тыдні {week} прыйшло і ў іншым запісе:",
    ru: "{name} на неделе {week} пришло и в другой записи:",
  },
  "same.came": { en: "(here: {how})", be: "(тут: {how})", ru: "(здесь: {how})" },
  "agree.title": {
    en: "Testimonies that agree",
    be: "Сведчанні, якія супадаюць",
    ru: "Свидетельства, которые сходятся",
  },
  "agree.scope": {
    en: "Among the testimonies that you have opened since you logged in: {count}. This is computed here, and kept nowhere.",
    be: "З {count} сведчанняў, якія вы адкрылі пасля ўваходу. Лічыцца тут і нідзе не захоўваецца.",
    ru: "Из {count} свидетельств, которые вы открыли после входа. Считается здесь и нигде не хранится.",
  },
  "agree.none": { en: "None agree yet.", be: "Пакуль супадзенняў няма.", ru: "Пока совпадений нет." },
  "agree.line": {
    en: "{place}, {from} – {to}: testimonies {count}",
    be: "{place}, {from} – {to}: сведчанняў {count}",
    ru: "{place}, {from} – {to}: свидетельств {count}",
  },
  "agree.units": { en: "All name: {units}", be: "Усе называюць: {units}", ru: "Все называют: {units}" },
  "messages.now": {
    en: "The person was told: {what}",
    be: "Чалавеку паведамлена: {what}",
    ru: "Человеку сообщено: {what}",
  },
  "messages.pick": {
    en: "choose what to say",
    be: "выберыце, што паведаміць",
    ru: "выберите, что сообщить",
  },
  "messages.sure": {
    en: "Tell the person: “{what}”?",
    be: "Паведаміць чалавеку: «{what}»?",
    ru: "Сообщить человеку: «{what}»?",
  },
} as const;
