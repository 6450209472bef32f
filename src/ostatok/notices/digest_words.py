"""The words of the run-out list by mail in each language, beside those that all letters share."""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "Who runs out: {count}",
        "many": "more than {count}",
        "mine": "your clients",
        "lead": "Soonest first, by the use of the last seven days. As of {moment}.",
        "lasts_until": "lasts until {moment}",
        "left": "Left",
        "used_up": "used up, {moment}",
        "more": "And {count} more in the list.",
        "more_than": "And more than {count} more in the list.",
        "button": "Open the list",
        "called": "called",
        "promised": "promised to pay",
        "promised_until": "promised to pay by {day}",
        "note": "note",
        "automatic": (
            "You receive this because you asked for the run-out list by mail. "
            "You can change that or stop it on the page of the list."
        ),
    },
    "ru": {
        "title": "У кого кончается: {count}",
        "many": "больше {count}",
        "mine": "ваши клиенты",
        "lead": "Сначала те, у кого кончится раньше, по расходу за последние семь дней. На {moment}.",
        "lasts_until": "хватит до {moment}",
        "left": "Осталось",
        "used_up": "закончилось, {moment}",
        "more": "И ещё {count} в списке.",
        "more_than": "И ещё больше {count} в списке.",
        "button": "Открыть список",
        "called": "звонили",
        "promised": "обещали заплатить",
        "promised_until": "обещали заплатить до {day}",
        "note": "заметка",
        "automatic": (
            "Вы получили это письмо, потому что попросили присылать список тех, у кого кончается остаток. "
            "Изменить это или отказаться можно на странице списка."
        ),
    },
    "pl": {
        "title": "Komu się kończy: {count}",
        "many": "ponad {count}",
        "mine": "Twoi klienci",
        "lead": "Najpierw ci, którym skończy się najwcześniej, według zużycia z ostatnich siedmiu dni. {moment}.",
        "lasts_until": "wystarczy do {moment}",
        "left": "Zostało",
        "used_up": "wyczerpane, {moment}",
        "more": "Na liście jest jeszcze {count}.",
        "more_than": "Na liście jest jeszcze ponad {count}.",
        "button": "Otwórz listę",
        "called": "rozmowa",
        "promised": "obietnica zapłaty",
        "promised_until": "obietnica zapłaty do {day}",
        "note": "notatka",
        "automatic": (
            "Otrzymujesz tę wiadomość, ponieważ chcesz dostawać pocztą listę tych, którym kończy się saldo. "
            "Możesz to zmienić albo wyłączyć na stronie listy."
        ),
    },
    "kk": {
        "title": "Кімде таусылады: {count}",
        "many": "{count}-нан астам",
        "mine": "сіздің клиенттеріңіз",
        "lead": "Соңғы жеті күндегі шығын бойынша ең ерте таусылатындар алдымен. {moment} жағдайы.",
        "lasts_until": "{moment} дейін жетеді",
        "left": "Қалды",
        "used_up": "таусылды, {moment}",
        "more": "Тізімде тағы {count} бар.",
        "more_than": "Тізімде тағы {count}-нан астам бар.",
        "button": "Тізімді ашу",
        "called": "қоңырау шалынды",
        "promised": "төлеуге уәде берді",
        "promised_until": "{day} дейін төлеуге уәде берді",
        "note": "ескертпе",
        "automatic": (
            "Бұл хатты қалдығы таусылатындар тізімін поштамен сұрағаныңыз үшін алдыңыз. "
            "Оны тізім бетінде өзгертуге немесе тоқтатуға болады."
        ),
    },
}
