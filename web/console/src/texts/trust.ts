/** Refusals that this browser makes by itself: what the server says does not fit the member's own vault. */

export const trust = {
  "refusal.another_root": {
    en: "Stop here: this server names another root key than the one in your vault. Tell the keeper of the root key, on a way that does not lead through this server.",
    be: "Спыніцеся: гэты сервер называе іншы каранёвы ключ, чым у вашым сховішчы. Паведаміце захавальніку каранёвага ключа, але не праз гэты сервер.",
    ru: "Остановитесь: этот сервер называет другой корневой ключ, чем в вашем хранилище. Сообщите хранителю корневого ключа, но не через этот сервер.",
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
  "refusal.closed_keys": {
    en: "Open your keys first, under “Myself”: the link names the root key that your vault names.",
    be: "Спачатку адкрыйце свае ключы ў раздзеле «Пра мяне»: спасылка называе каранёвы ключ з вашага сховішча.",
    ru: "Сначала откройте свои ключи в разделе «Обо мне»: ссылка называет корневой ключ из вашего хранилища.",
  },
} as const;
