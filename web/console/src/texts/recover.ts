/** Texts of coming back after a device was lost. */

export const recover = {
  "recover.title": { en: "A new passkey", be: "Новы ключ доступу", ru: "Новый ключ доступа" },
  "recover.how": {
    en: "Two of your colleagues let {member} make a new passkey. Every passkey that you had before stops working, and every session ends.",
    be: "Двое вашых калегаў дазволілі {member} зрабіць новы ключ доступу. Усе ранейшыя ключы доступу перастаюць дзейнічаць, усе сеансы заканчваюцца.",
    ru: "Двое ваших коллег позволили {member} создать новый ключ доступа. Все прежние ключи доступа перестают действовать, все сеансы заканчиваются.",
  },
  "recover.paper": {
    en: "Have your printed key at hand: after this you open your keys with its nine words, once. Without the paper nobody can open them, and you have to be invited as a new member.",
    be: "Майце пад рукой надрукаваны ключ: потым вы адзін раз адкрыеце свае ключы яго дзевяццю словамі. Без паперы іх не адкрые ніхто, і вас трэба запрасіць як новага ўдзельніка.",
    ru: "Держите под рукой напечатанный ключ: после этого вы один раз откроете свои ключи его девятью словами. Без бумаги их не откроет никто, и вас нужно пригласить как нового участника.",
  },
  "recover.done": {
    en: "The new passkey is yours. Log in with it now, and type the nine words.",
    be: "Новы ключ доступу ваш. Увайдзіце з ім цяпер і набярыце дзевяць слоў.",
    ru: "Новый ключ доступа ваш. Войдите с ним сейчас и наберите девять слов.",
  },
} as const;
