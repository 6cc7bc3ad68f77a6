/** Texts of exports. */

export const exports = {
  "exports.title": { en: "Exports", be: "Экспарт", ru: "Экспорт" },
  "exports.how": {
    en: "An export needs two people. One member proposes it; another one approves it under Approvals; then the first may download it once, within 24 hours of the proposal. Everything in it stays sealed; 'intake open' opens testimonies, files, notes and messages with your key, and leaves out what is not signed as it has to be.",
    be: "Для экспарту трэба двое. Адзін прапануе; другі ўхваляе ў раздзеле «Дазволы»; потым першы можа сцягнуць яго адзін раз на працягу 24 гадзін ад прапановы. Усё ўнутры застаецца запячатаным; «intake open» адкрывае вашым ключом сведчанні, файлы, нататкі і паведамленні, а тое, што не падпісана як трэба, адкідае.",
    ru: "Для экспорта нужны двое. Один предлагает; другой одобряет в разделе «Разрешения»; затем первый может скачать его один раз в течение 24 часов от предложения. Всё внутри остаётся запечатанным; «intake open» открывает вашим ключом свидетельства, файлы, заметки и сообщения, а то, что не подписано как положено, отбрасывает.",
  },
  "exports.records": {
    en: "Which records (numbers or names; they can be chosen in the inbox, too)",
    be: "Якія запісы (нумары або назвы; іх можна выбраць і ва ўваходных)",
    ru: "Какие записи (номера или названия; их можно выбрать и во входящих)",
  },
  "exports.next": { en: "Go on", be: "Далей", ru: "Дальше" },
  "exports.called": {
    en: "No. {number} ({name})",
    be: "№ {number} ({name})",
    ru: "№ {number} ({name})",
  },
  "exports.andmore": {
    en: "{which} and {count} more",
    be: "{which} і яшчэ {count}",
    ru: "{which} и ещё {count}",
  },
  "exports.changed": {
    en: "What is open to you of these has changed meanwhile. Read the question again.",
    be: "Тое, што вам з гэтага адкрыта, тым часам змянілася. Прачытайце пытанне яшчэ раз.",
    ru: "То, что вам из этого открыто, тем временем изменилось. Прочитайте вопрос ещё раз.",
  },
  "exports.propose": { en: "Propose", be: "Прапанаваць", ru: "Предложить" },
  "exports.wrong": {
    en: "No record, or more than one, is called so: {which}",
    be: "Няма запісу з такой назвай, або іх некалькі: {which}",
    ru: "Нет записи с таким названием, или их несколько: {which}",
  },
  "exports.line": {
    en: "{day}, records: {count}, proposed by {who}",
    be: "{day}, запісаў: {count}, хто прапануе: {who}",
    ru: "{day}, записей: {count}, кто предлагает: {who}",
  },
  "exports.state.waiting": {
    en: "waits for another member",
    be: "чакае іншага ўдзельніка",
    ru: "ждёт другого участника",
  },
  "exports.state.approved": { en: "approved", be: "ухвалена", ru: "одобрено" },
  "exports.state.refused": { en: "refused", be: "адхілена", ru: "отклонено" },
  "exports.state.done": {
    en: "its one download was begun",
    be: "адзінае сцягванне пачата",
    ru: "единственное скачивание начато",
  },
  "exports.download": { en: "Download once", be: "Сцягнуць адзін раз", ru: "Скачать один раз" },
  "exports.straight": {
    en: "Straight into a file, once",
    be: "Адразу ў файл, адзін раз",
    ru: "Сразу в файл, один раз",
  },
  "exports.twoways": {
    en: "The first way the page gets all of it, says whether it is whole, and can save it again until you log out. The second is for what is very large (from about 1 GB): then only the browser knows whether it was saved. Until all of it is there, stay logged in, and touch the page at times.",
    be: "Першым спосабам старонка атрымае ўвесь файл, скажа, ці ён цэлы, і зможа захаваць яго яшчэ раз, пакуль вы не выйдзеце. Другі — для вельмі вялікага (ад прыкладна 1 ГБ): тады толькі браўзер ведае, ці файл захаваны. Пакуль усё не атрымана, не выходзьце і час ад часу дакранайцеся да старонкі.",
    ru: "Первым способом страница получит весь файл, скажет, цел ли он, и сможет сохранить его ещё раз, пока вы не выйдете. Второй — для очень большого (примерно от 1 ГБ): тогда только браузер знает, сохранён ли файл. Пока всё не получено, не выходите и время от времени касайтесь страницы.",
  },
  "exports.coming": {
    en: "It is coming. Bytes so far: {count}",
    be: "Ідзе атрыманне. Ужо байтаў: {count}",
    ru: "Идёт получение. Уже байт: {count}",
  },
  "exports.came": {
    en: "All of it came here and was handed to the browser to be saved. Whether the browser wrote it, this page cannot see: compare the file.",
    be: "Усё атрымана і перададзена браўзеру, каб той захаваў. Ці запісаў ён файл, старонка не бачыць: параўнайце.",
    ru: "Всё получено и передано браузеру, чтобы тот сохранил. Записал ли он файл, странице не видно: сравните.",
  },
  "exports.check": {
    en: "Open a terminal in the folder where the file is. It is whole if the command prints the same SHA-256 (small and capital letters are the same):",
    be: "Адкрыйце тэрмінал у папцы, дзе ляжыць файл. Файл цэлы, калі каманда выводзіць той самы SHA-256 (вялікія і малыя літары тут тое самае):",
    ru: "Откройте терминал в папке, где лежит файл. Файл цел, если команда выводит тот же SHA-256 (большие и малые буквы здесь одно и то же):",
  },
  "exports.again": { en: "Save it again", be: "Захаваць яшчэ раз", ru: "Сохранить ещё раз" },
  "exports.broke": {
    en: "The export broke off, or this device could not hold it; bytes that came: {count}. Nothing was saved, and the server gives it only once: propose it again. If it is large, take it straight into a file then.",
    be: "Атрыманне экспарту абарвалася, або гэтая прылада не змагла яго ўтрымаць; атрымана байтаў: {count}. Нічога не захавана, а сервер выдае экспарт толькі адзін раз: прапануйце зноў. Калі ён вялікі, сцягніце тады адразу ў файл.",
    ru: "Получение экспорта оборвалось, или это устройство не смогло его удержать; получено байт: {count}. Ничего не сохранено, а сервер выдаёт экспорт только один раз: предложите снова. Если он большой, скачайте тогда сразу в файл.",
  },
  "exports.unseen": {
    en: "The browser is saving it by itself, and this page cannot see how that ends: look at the browser's downloads. The file is whole if `tar -tf export.tar` names export/refused.json last, without a complaint.",
    be: "Браўзер захоўвае яго сам, і чым гэта скончыцца, старонка не бачыць: глядзіце спіс сцягванняў браўзера. Файл цэлы, калі `tar -tf export.tar` апошнім называе export/refused.json і ні на што не скардзіцца.",
    ru: "Браузер сохраняет его сам, и чем это кончится, странице не видно: смотрите список загрузок браузера. Файл цел, если `tar -tf export.tar` последним называет export/refused.json и ни на что не жалуется.",
  },
  "exports.key": {
    en: "To open an export elsewhere you need your own key as a file. It opens everything that is sealed to you: put it on the machine where you open the export, and delete it afterwards.",
    be: "Каб адкрыць экспарт у іншым месцы, патрэбны ваш ключ у файле. Ён адкрывае ўсё, што запячатана вам: пакладзіце яго на машыну, дзе адкрываеце экспарт, і потым выдаліце.",
    ru: "Чтобы открыть экспорт в другом месте, нужен ваш ключ в файле. Он открывает всё, что запечатано вам: положите его на машину, где открываете экспорт, и затем удалите.",
  },
  "exports.keysure": {
    en: "This writes your private key into a file, as it is: no passkey and no paper protects it there. Whoever has a copy opens everything that is sealed to you. The log says that you saved it.",
    be: "Гэта запіша ваш прыватны ключ у файл як ёсць: там яго не ахоўваюць ні ключ доступу, ні папера. Хто мае копію, той адкрые ўсё, што запячатана вам. У журнале будзе, што вы яго захавалі.",
    ru: "Это запишет ваш личный ключ в файл как есть: там его не защищают ни ключ доступа, ни бумага. У кого есть копия, тот откроет всё, что запечатано вам. В журнале будет, что вы его сохранили.",
  },
  "exports.savekey": { en: "Save my key", be: "Захаваць мой ключ", ru: "Сохранить мой ключ" },
  "exports.none": {
    en: "No export was proposed.",
    be: "Экспарту ніхто не прапаноўваў.",
    ru: "Экспорта никто не предлагал.",
  },
  "refusal.export_over": {
    en: "This export was downloaded already, or its day is over. Propose it again.",
    be: "Гэты экспарт ужо сцягнуты, або яго дзень скончыўся. Прапануйце зноў.",
    ru: "Этот экспорт уже скачан, или его день закончился. Предложите снова.",
  },
  "exports.reason": { en: "What the export is for", be: "Дзеля чаго экспарт", ru: "Для чего экспорт" },
  "exports.reason.proceedings": {
    en: "legal proceedings",
    be: "судовы разгляд",
    ru: "судебное разбирательство",
  },
  "exports.reason.analysis": {
    en: "work on it with other tools",
    be: "праца іншымі праграмамі",
    ru: "работа другими программами",
  },
  "exports.reason.transfer": {
    en: "handing it to another body",
    be: "перадача іншаму органу",
    ru: "передача другому органу",
  },
  "exports.reason.keeping": {
    en: "a copy of the mechanism's own",
    be: "уласная копія механізму",
    ru: "собственная копия механизма",
  },
  "exports.hidden": {
    en: "Records: {count} (which ones is not shown to you)",
    be: "Запісаў: {count} (якія менавіта, вам не паказваецца)",
    ru: "Записей: {count} (какие именно, вам не показывается)",
  },
  "exports.contents": {
    en: "Of each record it contains the parts that {who} can open then, with files, messages and the mechanism's notes.",
    be: "Ад кожнага запісу ў ім будуць часткі, якія тады адкрытыя для {who}, з файламі, паведамленнямі і нататкамі механізму.",
    ru: "Из каждой записи в нём будут части, которые тогда открыты для {who}, с файлами, сообщениями и заметками механизма.",
  },
  "exports.guarded": {
    en: "{what} (records: {count})",
    be: "{what} (запісаў: {count})",
    ru: "{what} (записей: {count})",
  },
  "exports.opened": {
    en: "It also contains what was opened for a time: {what}; allowed until {hour}. In the export it stays readable for good.",
    be: "У ім будзе і адкрытае на час: {what}; дазвол да {hour}. У экспарце яно застанецца чытэльным назаўсёды.",
    ru: "В нём будет и открытое на время: {what}; разрешение до {hour}. В экспорте это останется читаемым навсегда.",
  },
  "exports.forgood": {
    en: "What was opened to you for a time goes into it too, and stays readable there for good: {what}.",
    be: "У ім будзе і тое, што адкрыта вам на час, і там яно застанецца чытэльным назаўсёды: {what}.",
    ru: "В нём будет и то, что открыто вам на время, и там оно останется читаемым навсегда: {what}.",
  },
  "exports.noneguarded": {
    en: "No identity, and nothing that is sealed as intimate, will be in it: none of it is open to you now.",
    be: "Ні асобы, ні запячатанага як інтымнае ў ім не будзе: вам гэта цяпер не адкрыта.",
    ru: "Ни личности, ни запечатанного как интимное в нём не будет: вам это сейчас не открыто.",
  },
  "exports.which": {
    en: "Which records: {count}",
    be: "Якія запісы: {count}",
    ru: "Какие записи: {count}",
  },
  "exports.proposethese": {
    en: "Propose an export ({count})",
    be: "Прапанаваць экспарт ({count})",
    ru: "Предложить экспорт ({count})",
  },
  "exports.sure": {
    en: "Propose an export of: {names}?",
    be: "Прапанаваць экспарт: {names}?",
    ru: "Предложить экспорт: {names}?",
  },
  "exports.proposed": {
    en: "Proposed. Another member has to approve it under Approvals; then you download it under Exports.",
    be: "Прапанавана. Іншы ўдзельнік павінен ухваліць гэта ў раздзеле «Дазволы»; потым сцягніце ў раздзеле «Экспарт».",
    ru: "Предложено. Другой участник должен одобрить это в разделе «Разрешения»; затем скачайте в разделе «Экспорт».",
  },
} as const;
