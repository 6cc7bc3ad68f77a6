/** Refusals of the server in words, by their codes. What has none is shown as it came. */

export const refusals = {
  "refusal.offline": {
    en: "There is no connection to the server.",
    be: "Няма сувязі з серверам.",
    ru: "Нет связи с сервером.",
  },
  "refusal.not_a_member": {
    en: "Your passkey is known, but you are not a member today: the mechanism has not admitted you yet, or your time is over.",
    be: "Ваш ключ доступу вядомы, але сёння вы не ўдзельнік: вас яшчэ не прынялі або ваш час скончыўся.",
    ru: "Ваш ключ доступа известен, но сегодня вы не участник: вас ещё не приняли или ваше время закончилось.",
  },
  "refusal.purpose_not_offered": {
    en: "Your mechanism asks nobody's consent for this purpose. Choose another one.",
    be: "Ваш механізм ні ў кога не пытае згоды на гэтую мэту. Выберыце іншую.",
    ru: "Ваш механизм ни у кого не спрашивает согласия на эту цель. Выберите другую.",
  },
  "refusal.assertion_invalid": {
    en: "This passkey is not known here, or its answer did not hold. If you have another one, try it.",
    be: "Гэты ключ доступу тут невядомы, або яго адказ не спраўдзіўся. Калі ёсць іншы, паспрабуйце яго.",
    ru: "Этот ключ доступа здесь неизвестен, или его ответ не подтвердился. Если есть другой, попробуйте его.",
  },
  "refusal.invitation_over": {
    en: "This invitation was used already, or is older than 72 hours. Ask for a new one.",
    be: "Гэта запрашэнне ўжо скарыстана або старэйшае за 72 гадзіны. Папрасіце новае.",
    ru: "Это приглашение уже использовано или старше 72 часов. Попросите новое.",
  },
  "refusal.member_exists": {
    en: "Somebody has this short name already. Choose another one.",
    be: "Такое кароткае імя ўжо ёсць. Выберыце іншае.",
    ru: "Такое короткое имя уже есть. Выберите другое.",
  },
  "refusal.challenge_over": {
    en: "This took longer than five minutes. Try again.",
    be: "Гэта заняло больш за пяць хвілін. Паспрабуйце яшчэ раз.",
    ru: "Это заняло больше пяти минут. Попробуйте ещё раз.",
  },
  "refusal.session_over": {
    en: "Your session is over. Log in again.",
    be: "Сеанс скончыўся. Увайдзіце зноў.",
    ru: "Сеанс закончился. Войдите снова.",
  },
  "refusal.role": {
    en: "Your roles do not include this.",
    be: "Вашы ролі гэтага не дазваляюць.",
    ru: "Ваши роли этого не позволяют.",
  },
  "refusal.busy": {
    en: "Too many are at the door at once. Try again in a minute.",
    be: "Зашмат людзей адначасова каля дзвярэй. Паспрабуйце праз хвіліну.",
    ru: "Слишком много людей одновременно у двери. Попробуйте через минуту.",
  },
  "refusal.passkey_invalid": {
    en: "This passkey cannot be used here: it has to ask for your finger, face or PIN each time.",
    be: "Гэты ключ доступу тут не падыходзіць: ён мусіць кожны раз пытаць палец, твар або PIN.",
    ru: "Этот ключ доступа здесь не подходит: он должен каждый раз спрашивать палец, лицо или PIN.",
  },
} as const;
