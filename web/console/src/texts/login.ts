/** Texts of coming in: logging in, and opening one's keys with the printed key. */

export const login = {
  "login.title": { en: "Log in", be: "Уваход", ru: "Вход" },
  "login.purpose": {
    en: "What you read for today",
    be: "Дзеля чаго вы чытаеце сёння",
    ru: "Для чего вы читаете сегодня",
  },
  "login.nopurpose": {
    en: "Choose what you read for: the people who testified are told.",
    be: "Выберыце, дзеля чаго вы чытаеце: пра гэта даведаюцца людзі, якія сведчылі.",
    ru: "Выберите, для чего вы читаете: об этом узнают люди, которые свидетельствовали.",
  },
  "login.nothing": {
    en: "No testimonies: I am an auditor or administrator",
    be: "Не сведчанні: мая роля — аўдытар або адміністратар",
    ru: "Не свидетельства: моя роль — аудитор или администратор",
  },
  "login.why": {
    en: "The people who testified see this purpose beside each reading, and you see only what they allowed for it.",
    be: "Людзі, якія сведчылі, бачаць гэтую мэту пры кожным чытанні, а вы бачыце толькі тое, што яны для яе дазволілі.",
    ru: "Люди, которые свидетельствовали, видят эту цель при каждом чтении, а вы видите только то, что они для неё разрешили.",
  },
  "login.go": { en: "Log in with a passkey", be: "Увайсці з ключом доступу", ru: "Войти с ключом доступа" },
  "login.nobrowser": {
    en: "This browser has no passkeys. Take a current Firefox, Chromium or Safari.",
    be: "Гэты браўзер не мае ключоў доступу. Вазьміце актуальны Firefox, Chromium або Safari.",
    ru: "В этом браузере нет ключей доступа. Возьмите актуальный Firefox, Chromium или Safari.",
  },
  "login.declined": {
    en: "No passkey was used: it was cancelled, took too long, or this device has none for this address.",
    be: "Ключ доступу не скарыстаны: яго адмянілі, прайшло зашмат часу, або на гэтай прыладзе такога няма.",
    ru: "Ключ доступа не использован: его отменили, прошло слишком много времени, или на этом устройстве такого нет.",
  },
  "login.unlock": { en: "Open your keys", be: "Адкрыць свае ключы", ru: "Открыть свои ключи" },
  "login.printed": {
    en: "You are logged in. This passkey cannot open your keys on this device: type the nine words of your printed key.",
    be: "Вы ўвайшлі. Гэты ключ доступу не можа адкрыць вашы ключы на гэтай прыладзе: набярыце дзевяць слоў надрукаванага ключа.",
    ru: "Вы вошли. Этот ключ доступа не может открыть ваши ключи на этом устройстве: наберите девять слов напечатанного ключа.",
  },
  "login.words": { en: "Nine words", be: "Дзевяць слоў", ru: "Девять слов" },
  "login.open": { en: "Open", be: "Адкрыць", ru: "Открыть" },
  "login.without": {
    en: "Go on without: nothing sealed can be opened",
    be: "Далей без ключоў: нічога запячатанага не адкрыць",
    ru: "Дальше без ключей: ничего запечатанного не открыть",
  },
  "login.mistyped": {
    en: "These are not the nine words of a printed key. Compare each with the paper.",
    be: "Гэта не дзевяць слоў надрукаванага ключа. Параўнайце кожнае з паперай.",
    ru: "Это не девять слов напечатанного ключа. Сравните каждое с бумагой.",
  },
  "login.otherprinted": {
    en: "These are the words of another printed key. The newest one counts.",
    be: "Гэта словы іншага надрукаванага ключа. Лічыцца толькі найноўшы.",
    ru: "Это слова другого напечатанного ключа. Действует только последний.",
  },
} as const;
