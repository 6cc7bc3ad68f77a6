/** Texts of a member's own page. */

export const oneself = {
  "oneself.title": { en: "Myself", be: "Пра мяне", ru: "Обо мне" },
  "oneself.mechanism": { en: "Mechanism", be: "Механізм", ru: "Механизм" },
  "oneself.member": { en: "Member", be: "Удзельнік", ru: "Участник" },
  "oneself.roles": { en: "Roles", be: "Ролі", ru: "Роли" },
  "oneself.expires": { en: "Member until", be: "Удзельнік да", ru: "Участник до" },
  "oneself.keys": { en: "My keys", be: "Мае ключы", ru: "Мои ключи" },
  "oneself.open": {
    en: "open in this page",
    be: "адкрытыя на гэтай старонцы",
    ru: "открыты на этой странице",
  },
  "oneself.closed": { en: "closed", be: "закрытыя", ru: "закрыты" },
  "oneself.passkeys": { en: "My passkeys", be: "Мае ключы доступу", ru: "Мои ключи доступа" },
  "oneself.two": {
    en: "Have two, on different devices: then losing one loses nothing.",
    be: "Майце два на розных прыладах: тады страта адной нічога не губляе.",
    ru: "Имейте два на разных устройствах: тогда потеря одного ничего не лишает.",
  },
  "oneself.opens": { en: "opens my keys", be: "адкрывае мае ключы", ru: "открывает мои ключи" },
  "oneself.only": {
    en: "lets me in, and does not open my keys",
    be: "пускае мяне, але не адкрывае маіх ключоў",
    ru: "впускает меня, но не открывает мои ключи",
  },
  "oneself.change": {
    en: "Rename or remove",
    be: "Назваць іначай або прыбраць",
    ru: "Переименовать или убрать",
  },
  "oneself.name": { en: "Another name", be: "Іншая назва", ru: "Другое название" },
  "oneself.rename": { en: "Rename", be: "Назваць", ru: "Назвать" },
  "oneself.remove": { en: "Remove", be: "Прыбраць", ru: "Убрать" },
  "oneself.sure": {
    en: "Nobody will come in with “{name}” any more.",
    be: "З «{name}» больш ніхто не ўвойдзе.",
    ru: "С «{name}» больше никто не войдёт.",
  },
  "oneself.add": { en: "Add a passkey", be: "Дадаць ключ доступу", ru: "Добавить ключ доступа" },
  "oneself.printed": {
    en: "There is one. If somebody may have seen the paper, make a new one: the old words then open nothing.",
    be: "Ён ёсць. Калі нехта мог бачыць паперу, зрабіце новы: старыя словы тады нічога не адкрыюць.",
    ru: "Он есть. Если кто-то мог видеть бумагу, создайте новый: старые слова тогда ничего не откроют.",
  },
  "oneself.noprinted": {
    en: "There is none. With it you open your keys if you lose your devices.",
    be: "Яго няма. З ім вы адкрыеце свае ключы, калі згубіце прылады.",
    ru: "Его нет. С ним вы откроете свои ключи, если потеряете устройства.",
  },
  "oneself.newprinted": {
    en: "Make a new printed key",
    be: "Зрабіць новы надрукаваны ключ",
    ru: "Создать новый напечатанный ключ",
  },
  "oneself.use": { en: "Use it from now on", be: "Карыстацца ім адгэтуль", ru: "Использовать его отныне" },
} as const;
