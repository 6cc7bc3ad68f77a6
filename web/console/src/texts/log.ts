/** Texts of the log viewer. */

import { logEvents } from "./log_events.ts";

export const log = {
  ...logEvents,
  "log.title": { en: "Log", be: "Журнал", ru: "Журнал" },
  "log.about": {
    en: "Everything that was done with testimonies of your mechanism. You see who did what and when, never what is in a testimony.",
    be: "Усё, што рабілі са сведчаннямі вашага механізму. Відаць, хто, што і калі зрабіў, але не змест сведчанняў.",
    ru: "Всё, что делали со свидетельствами вашего механизма. Видно, кто, что и когда сделал, но не содержание свидетельств.",
  },
  "log.kind.access": {
    en: "What people and programs did",
    be: "Што рабілі людзі і праграмы",
    ru: "Что делали люди и программы",
  },
  "log.kind.records": {
    en: "What happened to testimonies",
    be: "Што адбылося са сведчаннямі",
    ru: "Что произошло со свидетельствами",
  },
  "log.kind": { en: "Which log", be: "Які журнал", ru: "Какой журнал" },
  "log.signed": {
    en: "Checked in this browser: of the {read} entries that are read here, {covered} are in the tree of {size} that the log has signed. Newer ones will be with the next signature.",
    be: "Праверана ў гэтым браўзеры: з {read} прачытаных тут запісаў {covered} ёсць у дрэве з {size}, якое падпісаў журнал. Навейшыя трапяць туды з наступным подпісам.",
    ru: "Проверено в этом браузере: из {read} прочитанных здесь записей {covered} есть в дереве из {size}, которое подписал журнал. Более новые попадут туда со следующей подписью.",
  },
  "log.unsigned": {
    en: "Nothing of this log is signed, so nothing here is proved. That is so for an hour after a service was set up; later, tell others of your mechanism.",
    be: "У гэтым журнале нічога не падпісана, таму нічога тут не даказана. Так бывае гадзіну пасля ўстаноўкі сэрвіса; пазней паведаміце іншым у механізме.",
    ru: "В этом журнале ничего не подписано, поэтому ничего здесь не доказано. Так бывает час после установки сервиса; позже сообщите другим в механизме.",
  },
  "log.problem": {
    en: "This log is not what it was, or not all of it: do not rely on this page.",
    be: "Гэты журнал не такі, якім быў, або не ўвесь: не спадзявайцеся на гэтую старонку.",
    ru: "Этот журнал не такой, каким был, или не весь: не полагайтесь на эту страницу.",
  },
  "log.problem.first": {
    en: "The first place is entry number {first}.",
    be: "Першае месца: запіс нумар {first}.",
    ru: "Первое место: запись номер {first}.",
  },
  "log.problem.keep": {
    en: "Keep a copy of what the server sent, do not read on here, and tell others of your mechanism by another way. The copy can be checked without the server.",
    be: "Захавайце копію таго, што даслаў сервер, не чытайце тут далей і паведаміце іншым у механізме іншым шляхам. Копію можна праверыць без сервера.",
    ru: "Сохраните копию того, что прислал сервер, не читайте здесь дальше и сообщите другим в механизме другим путём. Копию можно проверить без сервера.",
  },
  "log.problem.details": {
    en: "For those who look into it",
    be: "Для тых, хто будзе разбірацца",
    ru: "Для тех, кто будет разбираться",
  },
  "log.problem.more": { en: "… and {count} more", be: "… і яшчэ {count}", ru: "… и ещё {count}" },
  "log.wrong.altered": {
    en: "Entries that do not say what the log has: {count}, the first is number {first}.",
    be: "Запісы, якія кажуць не тое, што ў журнале: {count}, першы мае нумар {first}.",
    ru: "Записи, которые говорят не то, что в журнале: {count}, первая имеет номер {first}.",
  },
  "log.wrong.missing": {
    en: "Entries that are not there: {count}, the first is number {first}. Without them the others cannot be held against what the log signed.",
    be: "Запісы, якіх няма: {count}, першы мае нумар {first}. Без іх астатнія нельга зверыць з тым, што падпісаў журнал.",
    ru: "Записи, которых нет: {count}, первая имеет номер {first}. Без них остальные нельзя сверить с тем, что подписал журнал.",
  },
  "log.wrong.silent": {
    en: "Entries that say nothing although no testimony was erased: {count}, the first is number {first}. Somebody took away what they said.",
    be: "Запісы, якія нічога не кажуць, хоць сведчання не сціралі: {count}, першы мае нумар {first}. Нехта прыбраў тое, што яны казалі.",
    ru: "Записи, которые ничего не говорят, хотя свидетельства не стирали: {count}, первая имеет номер {first}. Кто-то убрал то, что они говорили.",
  },
  "log.wrong.tree": {
    en: "The entries together are not those that the log signed. Which one differs cannot be seen here.",
    be: "Запісы разам не тыя, якія падпісаў журнал. Які з іх іншы, тут не відаць.",
    ru: "Записи вместе не те, которые подписал журнал. Какая из них другая, здесь не видно.",
  },
  "log.wrong.signature": {
    en: "The log's signature does not hold, or is of another log.",
    be: "Подпіс журнала несапраўдны або ад іншага журнала.",
    ru: "Подпись журнала недействительна или от другого журнала.",
  },
  "log.wrong.late": {
    en: "Entry number {first} was not signed hours after it was made: it could still be taken back.",
    be: "Запіс нумар {first} не падпісаны праз гадзіны пасля таго, як зроблены: яго яшчэ можна забраць назад.",
    ru: "Запись номер {first} не подписана спустя часы после того, как сделана: её ещё можно забрать обратно.",
  },
  "log.wrong.other": {
    en: "The server shows another log than a moment ago.",
    be: "Сервер паказвае іншы журнал, чым хвіліну таму.",
    ru: "Сервер показывает другой журнал, чем минуту назад.",
  },
  "log.wrong.records": {
    en: "The log of what happened to testimonies, which shows which entries were erased, does not hold itself.",
    be: "Журнал таго, што адбылося са сведчаннямі, які паказвае, якія запісы сцёртыя, сам не сыходзіцца.",
    ru: "Журнал того, что произошло со свидетельствами, который показывает, какие записи стёрты, сам не сходится.",
  },
  "log.bad": {
    en: "Not believed: this is not what the log has. The server says:",
    be: "Гэтаму нельга верыць: у журнале не гэта. Сервер кажа:",
    ru: "Этому нельзя верить: в журнале не это. Сервер говорит:",
  },
  "log.silent": {
    en: "Says nothing, and no erased testimony explains it",
    be: "Нічога не кажа, і ніякае сцёртае сведчанне гэтага не тлумачыць",
    ru: "Ничего не говорит, и никакое стёртое свидетельство этого не объясняет",
  },
  "log.padding": {
    en: "{padding} of the entries stand for nothing and are not listed: outsiders shall not see how much is done.",
    be: "Пустых запісаў, якіх няма ў спісе: {padding}. Старонні не павінны бачыць, колькі тут робяць.",
    ru: "Пустых записей, которых нет в списке: {padding}. Посторонние не должны видеть, сколько здесь делают.",
  },
  "log.keep": {
    en: "Keep a copy of what was read",
    be: "Захаваць копію прачытанага",
    ru: "Сохранить копию прочитанного",
  },
  "log.keep.about": {
    en: "A file with these entries, what they say and what the log signed. It can be checked without the server, and compared later: intake verify saved. Whoever has it sees who did what with which record, so keep it as you keep a testimony.",
    be: "Файл з гэтымі запісамі, іх зместам і тым, што падпісаў журнал. Яго можна праверыць без сервера і параўнаць пазней: intake verify saved. Хто яго мае, бачыць, хто што рабіў з якім сведчаннем: захоўвайце яго, як сведчанне.",
    ru: "Файл с этими записями, их содержанием и тем, что подписал журнал. Его можно проверить без сервера и сравнить позже: intake verify saved. У кого он есть, тот видит, кто что делал с каким свидетельством: храните его, как свидетельство.",
  },
  "log.save": { en: "Save as a file", be: "Захаваць у файл", ru: "Сохранить в файл" },
  "log.number": { en: "number {number}", be: "нумар {number}", ru: "номер {number}" },
  "log.nothing": {
    en: "No entry is like this. Check what is written under Find; a record is found by its name of two words, its number or the first characters of its id.",
    be: "Такіх запісаў няма. Праверце, што напісана пад «Знайсці»; сведчанне шукаюць паводле назвы з двух слоў, нумара або першых знакаў ідэнтыфікатара.",
    ru: "Таких записей нет. Проверьте, что написано под «Найти»; свидетельство ищут по имени из двух слов, номеру или первым знакам идентификатора.",
  },
  "log.nothing.older": {
    en: "Nothing like this in what was read. Older entries were not read yet: read all of the log, below. A record is found by its name of two words, its number or the first characters of its id.",
    be: "У прачытаным такога няма. Старэйшыя запісы яшчэ не прачытаны: прачытайце ўвесь журнал, ніжэй. Сведчанне шукаюць паводле назвы з двух слоў, нумара або першых знакаў ідэнтыфікатара.",
    ru: "В прочитанном такого нет. Более старые записи ещё не прочитаны: прочитайте весь журнал, ниже. Свидетельство ищут по имени из двух слов, номеру или первым знакам идентификатора.",
  },
  "log.openings.broken": {
    en: "This log is not whole: the real numbers may be higher, and somebody may be missing here.",
    be: "Гэты журнал не ўвесь: сапраўдныя лічбы могуць быць большымі, і кагосьці тут можа не быць.",
    ru: "Этот журнал не весь: настоящие числа могут быть больше, и кого-то здесь может не быть.",
  },
  "log.keys": {
    en: "The log's keys: compare them with what your mechanism keeps",
    be: "Ключы журнала: параўнайце з тымі, што захоўвае ваш механізм",
    ru: "Ключи журнала: сравните с теми, что хранит ваш механизм",
  },
  "log.openings": { en: "Who opened how many", be: "Хто колькі адкрыў", ru: "Кто сколько открыл" },
  "log.openings.assigning": {
    en: "Not counted is a record that a key-holder opened and assigned within an hour, if they fetched nothing of it.",
    be: "Не лічыцца запіс, які трымальнік ключоў адкрыў і цягам гадзіны даручыў, калі нічога з яго не браў.",
    ru: "Не считается запись, которую держатель ключей открыл и в течение часа поручил, если ничего из неё не брал.",
  },
  "log.openings.none": {
    en: "Nobody opened a testimony in what is read here.",
    be: "У прачытаным тут ніхто не адкрываў сведчанняў.",
    ru: "В прочитанном здесь никто не открывал свидетельств.",
  },
  "log.openings.reader": { en: "Who", be: "Хто", ru: "Кто" },
  "log.openings.most": { en: "Most on one day", be: "Найбольш за дзень", ru: "Больше всего за день" },
  "log.openings.day": { en: "That day", be: "Той дзень", ru: "Тот день" },
  "log.openings.records": { en: "In all", be: "Усяго", ru: "Всего" },
  "log.openings.unusual": { en: "unusual", be: "незвычайна", ru: "необычно" },
  "log.find": { en: "Find", be: "Знайсці", ru: "Найти" },
  "log.find.who": { en: "Member or program", be: "Удзельнік або праграма", ru: "Участник или программа" },
  "log.find.anybody": { en: "anybody", be: "хто заўгодна", ru: "кто угодно" },
  "log.find.record": {
    en: "Record: name, number or id",
    be: "Сведчанне: назва, нумар або ідэнтыфікатар",
    ru: "Свидетельство: имя, номер или идентификатор",
  },
  "log.find.event": { en: "What", be: "Што", ru: "Что" },
  "log.find.anything": { en: "anything", be: "што заўгодна", ru: "что угодно" },
  "log.find.from": { en: "From", be: "Ад", ru: "От" },
  "log.find.to": { en: "Until", be: "Да", ru: "До" },
  "log.found.one": { en: "{count} entry", be: "{count} запіс", ru: "{count} запись" },
  "log.found.few": { en: "{count} entries", be: "{count} запісы", ru: "{count} записи" },
  "log.found.many": { en: "{count} entries", be: "{count} запісаў", ru: "{count} записей" },
  "log.found.other": { en: "{count} entries", be: "{count} запісу", ru: "{count} записи" },
  "log.erased": {
    en: "An entry of an erased testimony: what it said is gone, its place in the log stays",
    be: "Запіс сцёртага сведчання: змест знік, месца ў журнале засталося",
    ru: "Запись стёртого свидетельства: содержание исчезло, место в журнале осталось",
  },
  "log.record": { en: "record", be: "сведчанне", ru: "свидетельство" },
  "log.at": { en: "{day}, {hour}:00", be: "{day}, {hour}:00", ru: "{day}, {hour}:00" },
  "log.waiting": { en: "not signed yet", be: "яшчэ не падпісана", ru: "ещё не подписано" },
  "log.more": { en: "Show more of these", be: "Паказаць яшчэ", ru: "Показать ещё" },
  "log.older": {
    en: "Read older entries",
    be: "Прачытаць старэйшыя запісы",
    ru: "Прочитать более старые записи",
  },
  "log.all": { en: "Read all of it", be: "Прачытаць усё", ru: "Прочитать всё" },
  "log.again": {
    en: "Read the newest again",
    be: "Прачытаць найноўшыя зноў",
    ru: "Прочитать самые новые снова",
  },
  "log.time": {
    en: "The log signed this at {time}.",
    be: "Журнал падпісаў гэта {time}.",
    ru: "Журнал подписал это {time}.",
  },
  "log.old": {
    en: "That is more than a day ago. If anything was done since, it is not shown: ask the operator, and compare with a copy that a program of your mechanism keeps.",
    be: "Гэта больш за дзень таму. Калі з таго часу нешта рабілі, яго не паказана: спытайце аператара і параўнайце з копіяй, якую трымае праграма механізму.",
    ru: "Это больше дня назад. Если с тех пор что-то делали, оно не показано: спросите оператора и сравните с копией, которую держит программа механизма.",
  },
  "log.compare": {
    en: "These came from this server, with the log {origin}. They prove something only if they are the ones that the operator publishes elsewhere: compare the SHA-256 of each key.",
    be: "Яны прыйшлі з гэтага сервера разам з журналам {origin}. Яны нешта даказваюць, толькі калі гэта тыя ключы, якія аператар публікуе ў іншым месцы: параўнайце SHA-256 кожнага.",
    ru: "Они пришли с этого сервера вместе с журналом {origin}. Они что-то доказывают, только если это те ключи, которые оператор публикует в другом месте: сравните SHA-256 каждого.",
  },
  "log.openings.some": {
    en: "Counted in the entries that are read here only: what is unusual is found when all of it is read.",
    be: "Палічана толькі ў прачытаных тут запісах: незвычайнае відаць, калі прачытана ўсё.",
    ru: "Подсчитано только в прочитанных здесь записях: необычное видно, когда прочитано всё.",
  },
  "log.openings.all": {
    en: "Counted in all of this log.",
    be: "Палічана ва ўсім журнале.",
    ru: "Подсчитано во всём журнале.",
  },
} as const;
