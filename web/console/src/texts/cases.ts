/** Texts of cases. */

export const cases = {
  "cases.title": { en: "Cases", be: "Справы", ru: "Дела" },
  "cases.none": {
    en: "You are in no case yet.",
    be: "Вы пакуль не ў адной справе.",
    ru: "Вы пока ни в одном деле.",
  },
  "cases.untitled": { en: "A case without a title", be: "Справа без назвы", ru: "Дело без названия" },
  "cases.begin": { en: "Begin a case", be: "Распачаць справу", ru: "Начать дело" },
  "cases.notall": {
    en: "The case is there; not every record could be put into it.",
    be: "Справа ёсць; не ўсе сведчанні ўдалося ў яе дадаць.",
    ru: "Дело есть; не все свидетельства удалось в него добавить.",
  },
  "cases.beginwith": {
    en: "What you have chosen is put into it at once (records: {count}).",
    be: "Выбранае адразу будзе ў ёй (запісаў: {count}).",
    ru: "Выбранное сразу будет в нём (записей: {count}).",
  },
  "cases.name": { en: "Its title", be: "Яе назва", ru: "Его название" },
  "cases.members": { en: "Who else is in it", be: "Хто яшчэ ў ёй", ru: "Кто ещё в нём" },
  "cases.back": { en: "All cases", be: "Усе справы", ru: "Все дела" },
  "cases.records": {
    en: "Records of this case that you see: {count}",
    be: "Запісы справы, якія вы бачыце: {count}",
    ru: "Записи дела, которые вы видите: {count}",
  },
  "cases.record": { en: "Record {name}", be: "Запіс {name}", ru: "Запись {name}" },
  "cases.work": { en: "Notes on this record", be: "Нататкі пра запіс", ru: "Заметки о записи" },
  "cases.remove": { en: "Take it out", be: "Прыбраць", ru: "Убрать" },
  "cases.add": { en: "Put a record in", be: "Дадаць запіс", ru: "Добавить запись" },
  "cases.id": {
    en: "Numbers or names of records",
    be: "Нумары або назвы запісаў",
    ru: "Номера или названия записей",
  },
  "cases.into": {
    en: "Put into a case ({count})",
    be: "Дадаць у справу ({count})",
    ru: "Добавить в дело ({count})",
  },
  "cases.ofrecord": {
    en: "Cases: which this record is in, and another one",
    be: "Справы: у якіх гэты запіс ёсць, і іншая",
    ru: "Дела: в каких эта запись есть, и другое",
  },
  "cases.in": { en: "This record is in:", be: "Гэты запіс ёсць у справах:", ru: "Эта запись есть в делах:" },
  "cases.innone": {
    en: "This record is in none of your cases.",
    be: "Ні ў адной з вашых спраў гэтага запісу няма.",
    ru: "Ни в одном из ваших дел этой записи нет.",
  },
  "cases.which": {
    en: "Which case",
    be: "Якая справа",
    ru: "Какое дело",
  },
  "cases.pick": {
    en: "choose a case",
    be: "выберыце справу",
    ru: "выберите дело",
  },
  "cases.added": {
    en: "In the case “{title}”: {count} more.",
    be: "У справу «{title}» дададзена: {count}.",
    ru: "В дело «{title}» добавлено: {count}.",
  },
  "cases.removesure": {
    en: "Take {name} out of this case?",
    be: "Прыбраць {name} са справы?",
    ru: "Убрать {name} из дела?",
  },
} as const;
