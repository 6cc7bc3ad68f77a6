/** Texts of the view of keys. */

export const keys = {
  "keys.title": { en: "Keys", be: "Ключы", ru: "Ключи" },
  "keys.own": { en: "Sealed to me", be: "Запячатаныя для мяне", ru: "Запечатаны для меня" },
  "keys.mine": {
    en: "My fingerprint, to be read out to whoever seals keys to me:",
    be: "Мой адбітак, каб прачытаць таму, хто запячатвае для мяне ключы:",
    ru: "Мой отпечаток, чтобы прочитать тому, кто запечатывает для меня ключи:",
  },
  "keys.closed": {
    en: "Your own keys are closed in this page, so nothing that is sealed to you can be opened here.",
    be: "Вашы ўласныя ключы на гэтай старонцы закрытыя, таму запячатанае для вас тут не адкрыць.",
    ru: "Ваши собственные ключи на этой странице закрыты, поэтому запечатанное для вас здесь не открыть.",
  },
  "keys.none": {
    en: "No keys have been sealed to you yet. A key-holder does that, or whoever keeps the mechanism's keys.",
    be: "Для вас яшчэ не запячатаныя ніякія ключы. Гэта робіць трымальнік ключоў або той, хто захоўвае ключы механізму.",
    ru: "Для вас ещё не запечатаны никакие ключи. Это делает держатель ключей или тот, кто хранит ключи механизма.",
  },
  "keys.epoch": { en: "Epoch {epoch}:", be: "Эпоха {epoch}:", ru: "Эпоха {epoch}:" },
  "keys.refused": {
    en: "What is kept for you here does not hold the keys that the mechanism's root signed: {keys}. Tell the other key-holders.",
    be: "Тое, што захоўваецца тут для вас, не змяшчае ключоў, падпісаных каранёвым ключом механізму: {keys}. Скажыце іншым трымальнікам ключоў.",
    ru: "То, что хранится здесь для вас, не содержит ключей, подписанных корневым ключом механизма: {keys}. Скажите другим держателям ключей.",
  },
  "keys.triage": { en: "triage", be: "агляд", ru: "обзор" },
  "keys.account": { en: "account", be: "аповед", ru: "рассказ" },
  "keys.identity": { en: "identity", be: "асоба", ru: "личность" },
  "keys.sensitive": { en: "sensitive", be: "асабліва далікатнае", ru: "особо чувствительное" },
  "keys.lacking": { en: "Who needs keys", be: "Каму патрэбныя ключы", ru: "Кому нужны ключи" },
  "keys.compare": {
    en: "Call the person. Seal keys only if what they read from their screen is what you see here. The root's fingerprint is published by your mechanism.",
    be: "Патэлефануйце чалавеку. Запячатвайце ключы, толькі калі ён чытае са свайго экрана тое самае, што вы бачыце тут. Адбітак каранёвага ключа публікуе ваш механізм.",
    ru: "Позвоните человеку. Запечатывайте ключи, только если он читает со своего экрана то же, что вы видите здесь. Отпечаток корневого ключа публикует ваш механизм.",
  },
  "keys.root": { en: "Root:", be: "Каранёвы ключ:", ru: "Корневой ключ:" },
  "keys.nobody": {
    en: "Everybody has the keys that their roles need.",
    be: "Усе маюць ключы, патрэбныя для іх роляў.",
    ru: "У всех есть ключи, нужные для их ролей.",
  },
  "keys.until": { en: "until {day}", be: "да {day}", ru: "до {day}" },
  "keys.print": { en: "Fingerprint:", be: "Адбітак:", ru: "Отпечаток:" },
  "keys.needs": { en: "Needs the keys of:", be: "Патрэбныя ключы:", ru: "Нужны ключи:" },
  "keys.another": {
    en: "Another key-holder, or whoever keeps the mechanism's keys, seals them to you.",
    be: "Іх для вас запячатае іншы трымальнік ключоў або той, хто захоўвае ключы механізму.",
    ru: "Их для вас запечатает другой держатель ключей или тот, кто хранит ключи механизма.",
  },
  "keys.without": {
    en: "You do not have these keys open yourself.",
    be: "У вас саміх гэтыя ключы не адкрытыя.",
    ru: "У вас самих эти ключи не открыты.",
  },
  "keys.compared": {
    en: "{member} read the same fingerprint to me",
    be: "{member}: мне прачыталі такі самы адбітак",
    ru: "{member}: мне прочитали такой же отпечаток",
  },
  "keys.share": {
    en: "Seal the keys to {member}",
    be: "Запячатаць ключы: {member}",
    ru: "Запечатать ключи: {member}",
  },
  "keys.shared": {
    en: "Keys sealed to {member}: {count}.",
    be: "Запячатана ключоў: {count} ({member}).",
    ru: "Запечатано ключей: {count} ({member}).",
  },
  "keys.leavers": {
    en: "Who left since these keys were made",
    be: "Хто сышоў пасля стварэння гэтых ключоў",
    ru: "Кто ушёл после создания этих ключей",
  },
  "keys.rotate": {
    en: "They may have kept the keys. Ask whoever keeps the root to make the next epoch (intake keys rotate): it closes to them what comes from then on.",
    be: "Яны маглі захаваць ключы. Папрасіце таго, хто захоўвае каранёвы ключ, стварыць наступную эпоху (intake keys rotate): тады ўсё новае будзе для іх закрытае.",
    ru: "Они могли сохранить ключи. Попросите того, кто хранит корневой ключ, создать следующую эпоху (intake keys rotate): тогда всё новое будет для них закрыто.",
  },
  "keys.left": { en: "{member}, {day}:", be: "{member}, {day}:", ru: "{member}, {day}:" },
} as const;
