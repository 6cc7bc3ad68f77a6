/** What members read for: the codes and words of the consents (`consent_purposes` of the vocabularies). */

export const purposes = {
  "purpose.criminal_investigation": {
    en: "Criminal investigation",
    be: "Крымінальнае расследаванне",
    ru: "Уголовное расследование",
  },
  "purpose.un_fact_finding": {
    en: "Fact-finding by the United Nations",
    be: "Устанаўленне фактаў у ААН",
    ru: "Установление фактов в ООН",
  },
  "purpose.reparation": {
    en: "Reparation for affected people",
    be: "Пакрыццё шкоды пацярпелым асобам",
    ru: "Возмещение вреда пострадавшим",
  },
  "purpose.sanctions": {
    en: "Sanctions against people and bodies involved",
    be: "Санкцыі супраць датычных людзей і органаў",
    ru: "Санкции против причастных людей и органов",
  },
  "purpose.anonymised_advocacy": {
    en: "Public reports and statements in which nobody can be recognised",
    be: "Публічныя справаздачы і заявы, у якіх нікога нельга пазнаць",
    ru: "Публичные доклады и заявления, в которых никого нельзя узнать",
  },
  "purpose.statistics": {
    en: "Statistics: numbers only",
    be: "Статыстыка: толькі лічбы",
    ru: "Статистика: только числа",
  },
  "purpose.archive": {
    en: "Archive: keeping the memory",
    be: "Архіў: захаванне памяці",
    ru: "Архив: сохранение памяти",
  },
} as const;
