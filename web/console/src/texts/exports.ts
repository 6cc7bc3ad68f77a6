/** Texts of exports. */

export const exports = {
  "exports.title": { en: "Exports", be: "Экспарт", ru: "Экспорт" },
  "exports.how": {
    en: "An export needs two people. One member proposes it; another one approves it under People; then the first may download it once, within 24 hours of the proposal. Everything in it stays sealed; 'intake open' opens it with your key.",
    be: "Для экспарту трэба двое. Адзін прапануе; другі ўхваляе ў раздзеле «Людзі»; потым першы можа сцягнуць яго адзін раз на працягу 24 гадзін ад прапановы. Усё ўнутры застаецца запячатаным; «intake open» адкрывае вашым ключом.",
    ru: "Для экспорта нужны двое. Один предлагает; другой одобряет в разделе «Люди»; затем первый может скачать его один раз в течение 24 часов от предложения. Всё внутри остаётся запечатанным; «intake open» открывает вашим ключом.",
  },
  "exports.records": {
    en: "Which records (ids, one a line)",
    be: "Якія запісы (ідэнтыфікатары, па адным у радку)",
    ru: "Какие записи (идентификаторы, по одному в строке)",
  },
  "exports.propose": { en: "Propose", be: "Прапанаваць", ru: "Предложить" },
  "exports.wrong": {
    en: "A record's id has 64 characters, 0–9 and a–f.",
    be: "Ідэнтыфікатар запісу мае 64 знакі, 0–9 і a–f.",
    ru: "Идентификатор записи — 64 знака, 0–9 и a–f.",
  },
  "exports.line": {
    en: "{day}: {count} records, proposed by {who}",
    be: "{day}: запісаў {count}, прапанаваў(-ла) {who}",
    ru: "{day}: записей {count}, предложил(а) {who}",
  },
  "exports.state.waiting": {
    en: "waits for another member",
    be: "чакае іншага ўдзельніка",
    ru: "ждёт другого участника",
  },
  "exports.state.approved": { en: "approved", be: "ухвалена", ru: "одобрено" },
  "exports.state.refused": { en: "refused", be: "адхілена", ru: "отклонено" },
  "exports.state.done": { en: "downloaded", be: "сцягнута", ru: "скачано" },
  "exports.download": { en: "Download once", be: "Сцягнуць адзін раз", ru: "Скачать один раз" },
  "exports.key": {
    en: "To open an export elsewhere you need your own key as a file. It opens everything that is sealed to you: put it on the machine where you open the export, and delete it afterwards.",
    be: "Каб адкрыць экспарт у іншым месцы, патрэбны ваш ключ у файле. Ён адкрывае ўсё, што запячатана вам: пакладзіце яго на машыну, дзе адкрываеце экспарт, і потым выдаліце.",
    ru: "Чтобы открыть экспорт в другом месте, нужен ваш ключ в файле. Он открывает всё, что запечатано вам: положите его на машину, где открываете экспорт, и затем удалите.",
  },
  "exports.savekey": { en: "Save my key", be: "Захаваць мой ключ", ru: "Сохранить мой ключ" },
  "exports.none": {
    en: "No export was proposed.",
    be: "Экспарту ніхто не прапаноўваў.",
    ru: "Экспорта никто не предлагал.",
  },
  "people.done": { en: "approved, and done", be: "ухвалена і зроблена", ru: "одобрено и сделано" },
  "refusal.export_over": {
    en: "This export was downloaded already, or its day is over. Propose it again.",
    be: "Гэты экспарт ужо сцягнуты, або яго дзень скончыўся. Прапануйце зноў.",
    ru: "Этот экспорт уже скачан, или его день закончился. Предложите снова.",
  },
} as const;
