/** Texts of coming back after a device was lost. */

export const recover = {
  "recover.title": { en: "A new passkey", be: "Новы ключ доступу", ru: "Новый ключ доступа" },
  "recover.how": {
    en: "Two of your colleagues let {member} make a new passkey. Every passkey that you had before stops working, and every session ends.",
    be: "Двое вашых калегаў дазволілі {member} зрабіць новы ключ доступу. Усе ранейшыя ключы доступу перастаюць дзейнічаць, усе сеансы заканчваюцца.",
    ru: "Двое ваших коллег позволили {member} создать новый ключ доступа. Все прежние ключи доступа перестают действовать, все сеансы заканчиваются.",
  },
  "recover.paper": {
    en: "The nine words of your printed key open your keys here, in this browser, and your own key signs the new passkey: so nobody else can use this link. Without the paper nobody can, and you have to be invited as a new member.",
    be: "Дзевяць слоў надрукаванага ключа адкрываюць вашы ключы тут, у гэтым браўзеры, і ваш уласны ключ падпісвае новы ключ доступу: таму ніхто іншы не скарыстае гэтай спасылкай. Без паперы гэтага не зможа ніхто, і вас трэба запрасіць як новага ўдзельніка.",
    ru: "Девять слов напечатанного ключа открывают ваши ключи здесь, в этом браузере, и ваш собственный ключ подписывает новый ключ доступа: поэтому никто другой не воспользуется этой ссылкой. Без бумаги этого не сможет никто, и вас нужно пригласить как нового участника.",
  },
  "recover.done": {
    en: "The new passkey is yours. Log in with it now.",
    be: "Новы ключ доступу ваш. Увайдзіце з ім цяпер.",
    ru: "Новый ключ доступа ваш. Войдите с ним сейчас.",
  },
} as const;
