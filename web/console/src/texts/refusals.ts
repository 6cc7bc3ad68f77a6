/** Refusals of the server in words, by their codes. What has none is shown as it came. */

export const refusals = {
  "refusal.offline": {
    en: "There is no connection to the server.",
    be: "Няма сувязі з серверам.",
    ru: "Нет связи с сервером.",
  },
  "refusal.not_a_member": {
    en: "Your passkey is known, but you are not a member today: the mechanism has not admitted you yet, your time is over, or you were removed.",
    be: "Ваш ключ доступу вядомы, але сёння вы не ўдзельнік: вас яшчэ не прынялі, ваш час скончыўся або вас выключылі.",
    ru: "Ваш ключ доступа известен, но сегодня вы не участник: вас ещё не приняли, ваше время закончилось или вас исключили.",
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
  "refusal.assertion_needed": {
    en: "This was not confirmed with your passkey, and so not done.",
    be: "Гэта не пацверджана вашым ключом доступу, таму не зроблена.",
    ru: "Это не подтверждено вашим ключом доступа, поэтому не сделано.",
  },
  "refusal.assertion_other": {
    en: "This is the passkey of somebody else.",
    be: "Гэта ключ доступу іншага чалавека.",
    ru: "Это ключ доступа другого человека.",
  },
  "refusal.last_passkey": {
    en: "This is your only passkey: without it you could not come in. Add another one first.",
    be: "Гэта ваш адзіны ключ доступу: без яго вы не ўвойдзеце. Спачатку дадайце іншы.",
    ru: "Это ваш единственный ключ доступа: без него вы не войдёте. Сначала добавьте другой.",
  },
  "refusal.last_wrapper": {
    en: "Without it your keys could never be opened again. Make a printed key or add another passkey first.",
    be: "Без яго вашы ключы больш ніколі не адкрыць. Спачатку зрабіце надрукаваны ключ або дадайце іншы ключ доступу.",
    ru: "Без него ваши ключи больше никогда не открыть. Сначала создайте напечатанный ключ или добавьте другой ключ доступа.",
  },
  "refusal.passkey_name": {
    en: "Give the passkey a name of 1 to 64 characters.",
    be: "Дайце ключу доступу назву ад 1 да 64 знакаў.",
    ru: "Дайте ключу доступа название от 1 до 64 знаков.",
  },
  "refusal.passkey_known": {
    en: "This passkey is here already.",
    be: "Гэты ключ доступу тут ужо ёсць.",
    ru: "Этот ключ доступа здесь уже есть.",
  },
  "refusal.wrap_there": {
    en: "Another key-holder has sealed these keys already. Load the page again.",
    be: "Іншы трымальнік ключоў ужо запячатаў гэтыя ключы. Загрузіце старонку зноў.",
    ru: "Другой держатель ключей уже запечатал эти ключи. Загрузите страницу снова.",
  },
  "refusal.second_person": {
    en: "This needs a second person: somebody else has to do it, or to propose and approve it first.",
    be: "Тут патрэбны другі чалавек: гэта мусіць зрабіць нехта іншы або спачатку прапанаваць і ўхваліць.",
    ru: "Здесь нужен второй человек: это должен сделать кто-то другой или сначала предложить и одобрить.",
  },
  "refusal.holder_needed": {
    en: "One of the two has to be a custodian or key-holder, as the member is.",
    be: "Адзін з двух мусіць быць захавальнікам асобаў або трымальнікам ключоў, як і гэты ўдзельнік.",
    ru: "Один из двоих должен быть хранителем личностей или держателем ключей, как и этот участник.",
  },
  "refusal.recovery_signature": {
    en: "These are not the keys of the membership. Ask your colleagues.",
    be: "Гэта не ключы ўдзельніка. Спытайце калегаў.",
    ru: "Это не ключи участника. Спросите коллег.",
  },
  "refusal.no_printed_key": {
    en: "There is no printed key that could open your keys. You have to be invited as a new member.",
    be: "Няма надрукаванага ключа, які адкрыў бы вашы ключы. Вас трэба запрасіць як новага ўдзельніка.",
    ru: "Нет напечатанного ключа, который открыл бы ваши ключи. Вас нужно пригласить как нового участника.",
  },
  "refusal.proposals_open": {
    en: "Ten of your proposals wait already. Others have to decide about some of them first.",
    be: "Ужо чакаюць дзесяць вашых прапаноў. Спачатку іншыя мусяць вырашыць хоць некаторыя.",
    ru: "Уже ждут десять ваших предложений. Сначала другие должны решить хотя бы некоторые.",
  },
  "refusal.removal_by_two": {
    en: "Two members have to want this: they are an auditor, or the last key-holder or custodian. Propose it.",
    be: "Гэтага мусяць хацець двое ўдзельнікаў: гэта аўдытар або апошні трымальнік ключоў ці захавальнік асобаў. Прапануйце гэта.",
    ru: "Этого должны хотеть двое участников: это аудитор или последний держатель ключей или хранитель личностей. Предложите это.",
  },
  "refusal.proposal_over": {
    en: "Nobody decided this within 72 hours. It has to be proposed again.",
    be: "За 72 гадзіны ніхто гэтага не вырашыў. Трэба прапанаваць зноў.",
    ru: "За 72 часа никто этого не решил. Нужно предложить снова.",
  },
  "refusal.proposal_decided": {
    en: "Somebody has decided this already.",
    be: "Нехта гэта ўжо вырашыў.",
    ru: "Кто-то это уже решил.",
  },
  "refusal.card_invalid": {
    en: "This is no card that your mechanism's root key signed and that is valid today.",
    be: "Гэта не картка, якую падпісаў каранёвы ключ вашага механізма і якая сёння дзейнічае.",
    ru: "Это не карточка, которую подписал корневой ключ вашего механизма и которая сегодня действует.",
  },
  "refusal.card_other": {
    en: "The card is for other keys than those this person applied with. Do not trust it; ask the keeper of the root key.",
    be: "Картка выпісана на іншыя ключы, чым тыя, з якімі чалавек падаў заяўку. Не давярайце ёй; спытайце захавальніка каранёвага ключа.",
    ru: "Карточка выписана на другие ключи, чем те, с которыми человек подал заявку. Не доверяйте ей; спросите хранителя корневого ключа.",
  },
  "refusal.card_longer": {
    en: "The card lasts longer than the invitation said. Ask the keeper of the root key for a shorter one; if the longer time is meant, the operator can take it.",
    be: "Картка дзейнічае даўжэй, чым сказана ў запрашэнні. Папрасіце ў захавальніка каранёвага ключа карацейшую; калі даўжэйшы тэрмін наўмысны, картку можа прыняць аператар.",
    ru: "Карточка действует дольше, чем сказано в приглашении. Попросите у хранителя корневого ключа более короткую; если более долгий срок намеренный, карточку может принять оператор.",
  },
  "refusal.membership_over": {
    en: "This membership has ended. The person has to be invited anew, under another short name.",
    be: "Гэтае ўдзельніцтва скончылася. Чалавека трэба запрасіць зноў, пад іншым кароткім імем.",
    ru: "Это участие закончилось. Человека нужно пригласить заново, под другим коротким именем.",
  },
  "refusal.application_unknown": {
    en: "Nobody of this name waits to be admitted.",
    be: "Ніхто з такім імем не чакае прыняцця.",
    ru: "Никто с таким именем не ждёт принятия.",
  },
  "refusal.roles_invalid": {
    en: "These roles do not go together: an administrator or auditor has no other role.",
    be: "Гэтыя ролі не спалучаюцца: адміністратар і аўдытар іншых роляў не маюць.",
    ru: "Эти роли не сочетаются: у администратора и аудитора других ролей нет.",
  },
  "refusal.other_site": {
    en: "The request did not come from this page. Open the address again.",
    be: "Запыт прыйшоў не з гэтай старонкі. Адкрыйце адрас зноў.",
    ru: "Запрос пришёл не с этой страницы. Откройте адрес заново.",
  },
  "refusal.malformed": {
    en: "Something in the fields is not of the form that is expected.",
    be: "Нешта ў палях запоўнена не так, як чакаецца.",
    ru: "Что-то в полях заполнено не так, как ожидается.",
  },
} as const;
