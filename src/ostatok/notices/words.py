"""The words that letters share in each language, outside their sentences: labels, levels, names of entries.

A label stands in `templates/email/` as `[[label]]` and is put in once, when a template is first loaded.
"""

from collections.abc import Mapping

from ostatok.kernel import text

_ByLanguage = Mapping[str, Mapping[str, str]]

LABELS: _ByLanguage = {
    "en": {
        "service": "Service",
        "balance": "Balance",
        "available": "Available with credit",
        "threshold": "Threshold",
        "lasts_until": "Lasts until",
        "lasts_note": "at the rate of recent days",
        "account": "Account",
        "address": "Address",
        "client": "Client",
        "tax_id": "tax ID",
        "bar": "{percent} left",
        "automatic": "You receive this because notices about the balance of this account go to your address.",
    },
    "ru": {
        "service": "Услуга",
        "balance": "Остаток",
        "available": "Доступно с учётом лимита",
        "threshold": "Порог",
        "lasts_until": "Хватит до",
        "lasts_note": "при расходе, как в последние дни",
        "account": "Лицевой счёт",
        "address": "Адрес",
        "client": "Клиент",
        "tax_id": "ИНН",
        "bar": "Осталось {percent}",
        "automatic": "Вы получили это письмо, потому что на ваш адрес приходят уведомления об остатке на этом счёте.",
    },
    "pl": {
        "service": "Usługa",
        "balance": "Saldo",
        "available": "Dostępne z limitem",
        "threshold": "Próg",
        "lasts_until": "Wystarczy do",
        "lasts_note": "przy zużyciu z ostatnich dni",
        "account": "Numer konta",
        "address": "Adres",
        "client": "Klient",
        "tax_id": "NIP",
        "bar": "Pozostało {percent}",
        "automatic": "Otrzymujesz tę wiadomość, ponieważ na Twój adres wysyłamy powiadomienia o stanie tego konta.",
    },
    "kk": {
        "service": "Қызмет",
        "balance": "Қалдық",
        "available": "Лимитпен бірге қолжетімді",
        "threshold": "Шек",
        "lasts_until": "Жететін мерзімі",
        "lasts_note": "соңғы күндердегі шығын бойынша",
        "account": "Жеке шот",
        "address": "Мекенжай",
        "client": "Клиент",
        "tax_id": "БСН/ЖСН",
        "bar": "{percent} қалды",
        "automatic": "Бұл хат сізге осы шоттың қалдығы туралы хабарламалар мекенжайыңызға жіберілетіндіктен келді.",
    },
}

LEVELS: _ByLanguage = {
    "en": {"low": "that is low", "lower": "that is very low", "crit": "almost nothing"},
    "ru": {"low": "это мало", "lower": "это очень мало", "crit": "почти ничего"},
    "pl": {"low": "to mało", "lower": "to bardzo mało", "crit": "prawie nic"},
    "kk": {"low": "бұл аз", "lower": "бұл өте аз", "crit": "таусылуға жақын"},
}

# What 100 % is, as a label and as it stands after "15 % of" (in Russian and Polish the genitive).
MARK_LABELS: _ByLanguage = {
    "en": {"last_top_up": "Last top-up", "balance_after": "After the last top-up", "package": "Package"},
    "ru": {"last_top_up": "Последнее пополнение", "balance_after": "После пополнения было", "package": "Пакет"},
    "pl": {"last_top_up": "Ostatnie doładowanie", "balance_after": "Po doładowaniu było", "package": "Pakiet"},
    "kk": {"last_top_up": "Соңғы толықтыру", "balance_after": "Толықтырудан кейін", "package": "Пакет"},
}
MARK_OF: _ByLanguage = {
    "en": {
        "last_top_up": "the last top-up",
        "balance_after": "the balance after the last top-up",
        "package": "the package",
    },
    "ru": {
        "last_top_up": "последнего пополнения",
        "balance_after": "остатка после пополнения",
        "package": "пакета",
    },
    "pl": {
        "last_top_up": "ostatniego doładowania",
        "balance_after": "stanu po doładowaniu",
        "package": "pakietu",
    },
    "kk": {
        "last_top_up": "соңғы толықтырудың",
        "balance_after": "толықтырудан кейінгі қалдықтың",
        "package": "пакеттің",
    },
}

ENTRY_KINDS: _ByLanguage = {
    "en": {
        "top_up": "top-up",
        "charge": "charge",
        "adjustment": "adjustment",
        "refund": "refund",
        "reversal": "reversal",
        "opening": "opening balance",
        "snapshot": "balance update",
    },
    "ru": {
        "top_up": "пополнение",
        "charge": "списание",
        "adjustment": "корректировка",
        "refund": "возврат",
        "reversal": "отмена",
        "opening": "начальный остаток",
        "snapshot": "сверка остатка",
    },
    "pl": {
        "top_up": "doładowanie",
        "charge": "obciążenie",
        "adjustment": "korekta",
        "refund": "zwrot",
        "reversal": "storno",
        "opening": "saldo początkowe",
        "snapshot": "uzgodnienie salda",
    },
    "kk": {
        "top_up": "толықтыру",
        "charge": "есептен шығару",
        "adjustment": "түзету",
        "refund": "қайтару",
        "reversal": "күшін жою",
        "opening": "бастапқы қалдық",
        "snapshot": "қалдықты салыстыру",
    },
}

_DAYS: _ByLanguage = {
    "en": {"one": "day", "other": "days"},
    "ru": {"one": "день", "few": "дня", "many": "дней", "other": "дня"},
    "pl": {"one": "dzień", "few": "dni", "many": "dni", "other": "dnia"},
    "kk": {"other": "күн"},
}
_LESS_THAN_A_DAY: Mapping[str, str] = {
    "en": "less than a day",
    "ru": "неполные сутки",
    "pl": "mniej niż dobę",
    "kk": "бір тәуліктен аз",
}


def days(number: int, language: str) -> str:
    """`1 day`, `5 дней`; none is less than a day."""
    if not number:
        return _LESS_THAN_A_DAY[language]
    return f"{text.number(number, language)}{text.NBSP}{text.plural(number, language, _DAYS[language])}"
