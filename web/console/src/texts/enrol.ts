/** Texts of becoming a member. */

export const enrol = {
  "enrol.title": { en: "Become a member", be: "Стаць удзельнікам", ru: "Стать участником" },
  "enrol.invited": {
    en: "You are invited by {mechanism}, as {roles}, for {days} days.",
    be: "Вас запрашае {mechanism} як {roles} на {days} дзён.",
    ru: "Вас приглашает {mechanism} как {roles} на {days} дней.",
  },
  "enrol.root": {
    en: "Compare this number with the fingerprint of the root key that the mechanism publishes, or that its keeper tells you. Go on only if they are the same: it is kept with your keys, and everything is checked against it.",
    be: "Параўнайце гэты нумар з адбіткам каранёвага ключа, які механізм апублікаваў або які вам скажа захавальнік. Працягвайце, толькі калі яны аднолькавыя: ён захаваецца разам з вашымі ключамі, і ўсё будзе правярацца па ім.",
    ru: "Сравните этот номер с отпечатком корневого ключа, который механизм опубликовал или который вам скажет хранитель. Продолжайте, только если они одинаковы: он сохранится вместе с вашими ключами, и всё будет проверяться по нему.",
  },
  "enrol.noroot": {
    en: "This link does not name the mechanism's root key. Ask for another one.",
    be: "Гэта спасылка не называе каранёвага ключа механізма. Папрасіце іншую.",
    ru: "Эта ссылка не называет корневой ключ механизма. Попросите другую.",
  },
  "enrol.how": {
    en: "Your keys are made in this browser and sealed before they leave it. Nobody else ever has them, and nobody can give you new ones for the old records.",
    be: "Вашы ключы робяцца ў гэтым браўзеры і запячатваюцца, перш чым яго пакінуць. Ніхто іншы іх не мае, і ніхто не дасць новых да старых запісаў.",
    ru: "Ваши ключи создаются в этом браузере и запечатываются прежде, чем его покинуть. Больше их нет ни у кого, и никто не даст новых к старым записям.",
  },
  "enrol.member": {
    en: "Short name: small letters, digits, hyphens",
    be: "Кароткае імя: малыя лацінскія літары, лічбы, злучкі",
    ru: "Короткое имя: малые латинские буквы, цифры, дефисы",
  },
  "enrol.memberhint": {
    en: "Your colleagues see it, and the device that keeps your passkey shows it. It need not be your name.",
    be: "Яго бачаць калегі і паказвае прылада, дзе захоўваецца ключ доступу. Гэта не мусіць быць ваша імя.",
    ru: "Его видят коллеги и показывает устройство, где хранится ключ доступа. Это не обязательно ваше имя.",
  },
  "enrol.name": {
    en: "Name that people who testified will see (may be empty)",
    be: "Імя, якое ўбачаць людзі, што сведчылі (можна не пісаць)",
    ru: "Имя, которое увидят люди, давшие свидетельства (можно не писать)",
  },
  "enrol.passkeyname": {
    en: "What you call this passkey, for example: phone",
    be: "Як вы назавеце гэты ключ доступу, напрыклад: тэлефон",
    ru: "Как вы назовёте этот ключ доступа, например: телефон",
  },
  "enrol.firstpasskey": { en: "passkey 1", be: "ключ 1", ru: "ключ 1" },
  "enrol.make": { en: "Make a passkey", be: "Зрабіць ключ доступу", ru: "Создать ключ доступа" },
  "enrol.slug": {
    en: "The short name has 2 to 32 small Latin letters, digits or hyphens.",
    be: "Кароткае імя мае ад 2 да 32 малых лацінскіх літар, лічбаў або злучкоў.",
    ru: "Короткое имя состоит из 2–32 малых латинских букв, цифр или дефисов.",
  },
  "enrol.printed": { en: "Your printed key", be: "Ваш надрукаваны ключ", ru: "Ваш напечатанный ключ" },
  "enrol.printedwhy": {
    en: "Write these nine words on paper, in their order, and keep the paper where nobody looks. With them you open your keys if you lose the device. When you have finished on this page, nobody can show them again.",
    be: "Запішыце гэтыя дзевяць слоў на паперу, па парадку, і трымайце яе там, дзе ніхто не глядзіць. З імі вы адкрыеце свае ключы, калі згубіце прыладу. Калі вы скончыце на гэтай старонцы, іх больш ніхто не пакажа.",
    ru: "Запишите эти девять слов на бумагу, по порядку, и храните её там, куда никто не смотрит. С ними вы откроете свои ключи, если потеряете устройство. Когда вы закончите на этой странице, их больше никто не покажет.",
  },
  "enrol.only": {
    en: "This passkey lets you in, but cannot open your keys. You will type these nine words each time you log in: they are the only way to your keys.",
    be: "Гэты ключ доступу пускае вас, але не можа адкрыць вашых ключоў. Вы будзеце набіраць гэтыя дзевяць слоў пры кожным уваходзе: гэта адзіны шлях да вашых ключоў.",
    ru: "Этот ключ доступа впускает вас, но не может открыть ваши ключи. Вы будете набирать эти девять слов при каждом входе: это единственный путь к вашим ключам.",
  },
  "enrol.written": { en: "They are on paper", be: "Запісана на паперу", ru: "Записано на бумагу" },
  "enrol.check": {
    en: "From the paper: which are these two words?",
    be: "З паперы: якія гэта два словы?",
    ru: "С бумаги: какие это два слова?",
  },
  "enrol.word": { en: "Word {number}", be: "Слова {number}", ru: "Слово {number}" },
  "enrol.wrong": {
    en: "One of the two is not what was shown. Look at the words again.",
    be: "Адно з двух не такое, як было паказана. Паглядзіце словы яшчэ раз.",
    ru: "Одно из двух не такое, как было показано. Посмотрите слова ещё раз.",
  },
  "enrol.back": { en: "Show the words again", be: "Паказаць словы яшчэ раз", ru: "Показать слова ещё раз" },
  "enrol.again": { en: "Begin again", be: "Пачаць спачатку", ru: "Начать сначала" },
  "enrol.send": { en: "Apply", be: "Падаць", ru: "Подать" },
  "enrol.done": { en: "You have applied", be: "Заяўка пададзена", ru: "Заявка подана" },
  "enrol.fingerprint": {
    en: "The keeper of the root key will ask you for this number, by telephone or face to face. It shows that the keys are yours and nobody changed them on the way:",
    be: "Захавальнік каранёвага ключа спытае ў вас гэты нумар па тэлефоне або асабіста. Ён паказвае, што ключы вашы і ніхто іх не падмяніў:",
    ru: "Хранитель корневого ключа спросит у вас этот номер по телефону или лично. Он показывает, что ключи ваши и никто их не подменил:",
  },
  "enrol.next": {
    en: "When you are told that you are admitted, open this address again and log in with your passkey.",
    be: "Калі вам скажуць, што вас прынялі, адкрыйце гэты адрас зноў і ўвайдзіце са сваім ключом доступу.",
    ru: "Когда вам скажут, что вас приняли, откройте этот адрес снова и войдите со своим ключом доступа.",
  },
  "enrol.login": { en: "To the login", be: "Да ўваходу", ru: "Ко входу" },
} as const;
