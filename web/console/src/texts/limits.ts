/** Texts of what the person set when they gave a testimony: contact, name, conditions. */

export const limits = {
  "limits.title": { en: "What the person set", be: "Што вызначыў чалавек", ru: "Что определил человек" },
  "limits.contact": { en: "Contact", be: "Сувязь", ru: "Связь" },
  "limits.identity": {
    en: "How far their name may go",
    be: "Дзе можна называць імя",
    ru: "Где можно называть имя",
  },
  "limits.conditions": { en: "Conditions", be: "Умовы", ru: "Условия" },
  "limits.nocondition": { en: "none", be: "няма", ru: "нет" },
  "limits.successor": {
    en: "Also the body appointed to continue this mandate",
    be: "Таксама орган, прызначаны працягваць гэты мандат",
    ru: "Также орган, назначенный продолжать этот мандат",
  },
  "limits.closed": {
    en: "Contact, use of the name and conditions are sealed in the account, which is not open to you. Ask a member who has it open what the person set, before you go on.",
    be: "Сувязь, выкарыстанне імя і ўмовы запячатаны ў аповедзе, які вам не адкрыты. Перш чым нешта рабіць, спытайце ў таго, каму ён адкрыты, што вызначыў чалавек.",
    ru: "Связь, использование имени и условия запечатаны в рассказе, который вам не открыт. Прежде чем что-то делать, спросите у того, кому он открыт, что определил человек.",
  },
  "limits.look": {
    en: "See what the person set",
    be: "Паглядзець, што вызначыў чалавек",
    ru: "Посмотреть, что определил человек",
  },
  "limits.lookwhy": {
    en: "This opens the record: it is on the log, and counts in your day's limit.",
    be: "Гэта адкрывае сведчанне: яно запісваецца ў журнал і лічыцца ў дзённым абмежаванні.",
    ru: "Это открывает свидетельство: оно записывается в журнал и считается в дневном ограничении.",
  },
  "limits.lookall": {
    en: "This opens the records, one after another, as far as your day's limit allows: it is on the log, and counts. Those that you opened today do not count again.",
    be: "Гэта адкрывае сведчанні адно за адным, колькі дазваляе дзённае абмежаванне: яно запісваецца ў журнал і лічыцца. Тыя, што вы сёння ўжо адкрывалі, другі раз не лічацца.",
    ru: "Это открывает свидетельства одно за другим, сколько позволяет дневное ограничение: оно записывается в журнал и считается. Те, что вы сегодня уже открывали, второй раз не считаются.",
  },
  "limits.asking": {
    en: "Wants to be asked before each use: {which}",
    be: "Просяць пытацца перад кожным выкарыстаннем: {which}",
    ru: "Просят спрашивать перед каждым использованием: {which}",
  },
  "limits.unopened": {
    en: "What the person set about contact, the name and conditions is not known here: {which}. It is sealed, and was not opened to you, or your day's limit is reached.",
    be: "Што чалавек вызначыў пра сувязь, імя і ўмовы, тут невядома: {which}. Гэта запячатана і вам не адкрылася, або дасягнута дзённае абмежаванне.",
    ru: "Что человек определил о связи, имени и условиях, здесь неизвестно: {which}. Это запечатано и вам не открылось, или достигнуто дневное ограничение.",
  },
  "limits.notopened": { en: "not opened here", be: "тут не адкрыта", ru: "здесь не открыто" },
  "limits.were-asked": {
    en: "They were asked about this export, and agreed.",
    be: "Пра гэты экспарт спыталі, і згода ёсць.",
    ru: "Об этом экспорте спросили, и согласие есть.",
  },
  "limits.were-told": {
    en: "Of those where it is not known here, I know it from a member who sees it, and it allows this export.",
    be: "Там, дзе гэта тут невядома, я ведаю пра гэта ад таго, хто бачыць, і гэты экспарт дазволены.",
    ru: "Там, где это здесь неизвестно, я знаю об этом от того, кто видит, и этот экспорт разрешён.",
  },
  "limits.askfirst": {
    en: "The person wants to be asked before each use. Go on only if they were asked about this one, and agreed.",
    be: "Чалавек просіць пытацца перад кожным выкарыстаннем. Працягвайце, толькі калі пра гэтае спыталі і чалавек згадзіўся.",
    ru: "Человек просит спрашивать перед каждым использованием. Продолжайте, только если об этом спросили и человек согласился.",
  },
  "limits.never": {
    en: "The person asked not to be contacted, so no message can be written here.",
    be: "Чалавек папрасіў не звязвацца, таму пісаць адсюль нельга.",
    ru: "Человек попросил не связываться, поэтому писать отсюда нельзя.",
  },
  "limits.anotherway": {
    en: "The person asked to be reached by the safe way that they describe: the section “Safe way to contact you”, part of identity. A message from here waits on this site until it is read with the receipt, and nothing tells the person that it is there.",
    be: "Чалавек просіць звязвацца бяспечным спосабам, апісаным у раздзеле «Бяспечны спосаб сувязі» (частка «асоба»). Паведамленне адсюль чакае на гэтым сайце, пакуль яго не прачытаюць з пацвярджэннем, і нішто не паведаміць чалавеку, што яно ёсць.",
    ru: "Человек просит связываться безопасным способом, описанным в разделе «Безопасный способ связи» (часть «личность»). Сообщение отсюда ждёт на этом сайте, пока его не прочитают с подтверждением, и ничто не сообщит человеку, что оно есть.",
  },
  "limits.nocontact": {
    en: "not asked, or not answered: only what they write can be answered",
    be: "не спыталі або няма адказу: можна толькі адказваць на напісанае чалавекам",
    ru: "не спросили или нет ответа: можно только отвечать на написанное человеком",
  },
  "limits.noidentity": {
    en: "not asked, or not answered: it stays closed until the person is asked",
    be: "не спыталі або няма адказу: закрыта, пакуль у чалавека не спытаюць",
    ru: "не спросили или нет ответа: закрыто, пока человека не спросят",
  },
  "limits.unasked": {
    en: "The person was not asked about contact, or gave no answer, so no message can be written here. If they write, it can be answered.",
    be: "Чалавека не спыталі пра сувязь або адказу няма, таму пісаць адсюль нельга. Калі чалавек напіша, можна будзе адказаць.",
    ru: "Человека не спросили о связи или ответа нет, поэтому писать отсюда нельзя. Если человек напишет, можно будет ответить.",
  },
  "limits.onlyanswerunasked": {
    en: "The person gave no answer about contact, and has written since. I only answer what they wrote.",
    be: "Адказу пра сувязь няма, але потым чалавек напісаў. Я толькі адказваю на напісанае.",
    ru: "Ответа о связи нет, но потом человек написал. Я только отвечаю на написанное.",
  },
  "limits.noreasonunasked": {
    en: "“To reach the person” is not offered: they were not asked about contact, or gave no answer.",
    be: "«Звязацца з чалавекам» не прапануецца: пра сувязь не спыталі або адказу няма.",
    ru: "«Связаться с человеком» не предлагается: о связи не спросили или ответа нет.",
  },
  "limits.onlyanswer": {
    en: "The person asked not to be contacted, and has written since. I only answer what they wrote.",
    be: "Чалавек папрасіў не звязвацца, але потым напісаў. Я толькі адказваю на напісанае.",
    ru: "Человек попросил не связываться, но потом написал. Я только отвечаю на написанное.",
  },
  "limits.unknown": {
    en: "What the person set about contact is not open to me here. I have asked a member who can see it.",
    be: "Што чалавек вызначыў пра сувязь, мне тут не адкрыта. Пра гэта я ведаю ад таго, хто бачыць.",
    ru: "Что человек определил о связи, мне здесь не открыто. Об этом я знаю от того, кто видит.",
  },
  "limits.told": {
    en: "How far the name may go, and the conditions, are sealed in the account, which is not open to me. I know them from a member who sees them, and they allow this.",
    be: "Як далёка можа пайсці імя і на якіх умовах, запячатана ў аповедзе, які мне не адкрыты. Я ведаю пра гэта ад таго, хто бачыць, і гэта дазволена.",
    ru: "Как далеко может уйти имя и на каких условиях, запечатано в рассказе, который мне не открыт. Я знаю об этом от того, кто видит, и это разрешено.",
  },
  "limits.noreason": {
    en: "“To reach the person” is not offered: they asked not to be contacted.",
    be: "«Звязацца з чалавекам» не прапануецца: чалавек папрасіў не звязвацца.",
    ru: "«Связаться с человеком» не предлагается: человек попросил не связываться.",
  },
} as const;
