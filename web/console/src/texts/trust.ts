/** Refusals that this browser makes by itself: what the server says does not fit the member's own vault. */

export const trust = {
  "refusal.another_root": {
    en: "Stop here: this server names another root key than the one that is kept with your keys. Tell the keeper of the root key, on a way that does not lead through this server.",
    be: "Спыніцеся: гэты сервер называе іншы каранёвы ключ, чым той, што захаваны з вашымі ключамі. Паведаміце захавальніку каранёвага ключа, але не праз гэты сервер.",
    ru: "Остановитесь: этот сервер называет другой корневой ключ, чем тот, что сохранён с вашими ключами. Сообщите хранителю корневого ключа, но не через этот сервер.",
  },
  "refusal.another_card": {
    en: "Stop here: the card that this server has of you is not of your keys, roles or days. Tell the keeper of the root key.",
    be: "Спыніцеся: картка, якую гэты сервер мае пра вас, не адпавядае вашым ключам, ролям або дням. Паведаміце захавальніку каранёвага ключа.",
    ru: "Остановитесь: карточка, которая есть о вас у этого сервера, не соответствует вашим ключам, ролям или дням. Сообщите хранителю корневого ключа.",
  },
  "refusal.older_keys": {
    en: "Stop here: this server gives older keys of the mechanism than you have seen before. Tell the keeper of the root key.",
    be: "Спыніцеся: гэты сервер дае старэйшыя ключы механізма, чым вы ўжо бачылі. Паведаміце захавальніку каранёвага ключа.",
    ru: "Остановитесь: этот сервер даёт более старые ключи механизма, чем вы уже видели. Сообщите хранителю корневого ключа.",
  },
  "refusal.another_print": {
    en: "Stop here: this server has other keys in your name than those that this browser made. Tell whoever invited you.",
    be: "Спыніцеся: у гэтага сервера ад вашага імя іншыя ключы, чым зрабіў гэты браўзер. Паведаміце таму, хто вас запрасіў.",
    ru: "Остановитесь: у этого сервера от вашего имени другие ключи, чем создал этот браузер. Сообщите тому, кто вас пригласил.",
  },
  "refusal.other_classes": {
    en: "Stop here: this request asks for more than identity or sensitive content. Nothing was given. Tell an auditor.",
    be: "Спыніцеся: гэты запыт просіць больш, чым асобу або інтымнае. Нічога не выдадзена. Паведаміце аўдытару.",
    ru: "Остановитесь: этот запрос просит больше, чем личность или интимное. Ничего не выдано. Сообщите аудитору.",
  },
  "refusal.closed_keys": {
    en: "Open your keys first, under “Myself”: the link names the root key that is kept with your keys.",
    be: "Спачатку адкрыйце свае ключы ў раздзеле «Пра мяне»: спасылка называе каранёвы ключ, захаваны з вашымі ключамі.",
    ru: "Сначала откройте свои ключи в разделе «Обо мне»: ссылка называет корневой ключ, сохранённый с вашими ключами.",
  },
} as const;
