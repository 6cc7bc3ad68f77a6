/** Texts of the frame around everything. */

export const shell = {
  "shell.title": { en: "Review", be: "Разгляд", ru: "Рассмотрение" },
  "shell.language": { en: "Language", be: "Мова", ru: "Язык" },
  "shell.be": { en: "беларуская", be: "беларуская", ru: "беларуская" },
  "shell.ru": { en: "русский", be: "русский", ru: "русский" },
  "shell.en": { en: "English", be: "English", ru: "English" },
  "shell.views": { en: "Views", be: "Раздзелы", ru: "Разделы" },
  "shell.confirm": {
    en: "Confirm that it is you",
    be: "Пацвердзіце, што гэта вы",
    ru: "Подтвердите, что это вы",
  },
  "shell.confirmwhy": {
    en: "This needs your passkey once more: the last time is more than five minutes ago.",
    be: "Для гэтага патрэбны ваш ключ доступу яшчэ раз: мінула больш за пяць хвілін.",
    ru: "Для этого нужен ваш ключ доступа ещё раз: прошло больше пяти минут.",
  },
  "shell.confirmgo": {
    en: "Confirm with the passkey",
    be: "Пацвердзіць ключом доступу",
    ru: "Подтвердить ключом доступа",
  },
  "shell.cancel": { en: "Cancel", be: "Адмена", ru: "Отмена" },
  "shell.choose": { en: "choose…", be: "выберыце…", ru: "выберите…" },
  "shell.logout": { en: "Log out", be: "Выйсці", ru: "Выйти" },
  "shell.working": { en: "One moment…", be: "Хвілінку…", ru: "Минутку…" },
  "shell.failed": {
    en: "This did not work: {why}",
    be: "Не атрымалася: {why}",
    ru: "Не получилось: {why}",
  },
  "shell.ending": {
    en: "In a minute this page forgets everything: nobody touched it for a quarter of an hour, or you logged in eight hours ago. Save what you are writing; any key goes on, except after eight hours.",
    be: "Праз хвіліну старонка ўсё забудзе: яе чвэрць гадзіны ніхто не кранаў або вы ўвайшлі восем гадзін таму. Захавайце, што пішаце; любая клавіша працягне, акрамя як пасля васьмі гадзін.",
    ru: "Через минуту страница всё забудет: четверть часа её никто не трогал, или вы вошли восемь часов назад. Сохраните, что пишете; любая клавиша продлит, кроме как после восьми часов.",
  },
  "shell.over": {
    en: "Your session is over. Log in again; nothing that you had opened is kept here.",
    be: "Сеанс скончыўся. Увайдзіце зноў; нічога з адкрытага тут не захавалася.",
    ru: "Сеанс закончился. Войдите снова; ничего из открытого здесь не сохранилось.",
  },
  "shell.notheld": {
    en: "Something does not hold, and is not believed: {why}",
    be: "Нешта не сыходзіцца, і гэтаму нельга верыць: {why}",
    ru: "Что-то не сходится, и этому нельзя верить: {why}",
  },
  "shell.notsealed": {
    en: "This is sealed to somebody else: your keys do not open it.",
    be: "Гэта запячатана камусьці іншаму: вашы ключы яго не адкрываюць.",
    ru: "Это запечатано кому-то другому: ваши ключи этого не открывают.",
  },
  "shell.keysclosed": {
    en: "Your keys are closed. Open them under “Myself” with the printed key, or log in again with a passkey that opens them.",
    be: "Вашы ключы закрыты. Адкрыйце іх у раздзеле «Пра мяне» надрукаваным ключом або ўвайдзіце зноў з ключом доступу, які іх адкрывае.",
    ru: "Ваши ключи закрыты. Откройте их в разделе «Обо мне» напечатанным ключом или войдите снова с ключом доступа, который их открывает.",
  },
} as const;
