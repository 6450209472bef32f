"""The sentences in which the history of a balance is told, in each language."""

from collections.abc import Mapping
from typing import Final


def _in(en: str, ru: str, pl: str, kk: str) -> Mapping[str, str]:
    return {"en": en, "ru": ru, "pl": pl, "kk": kk}


SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "account": _in(
        "Account {number}, {client} ({organization})",
        "Лицевой счёт {number}, {client} ({organization})",
        "Konto {number}, {client} ({organization})",
        "Жеке шот {number}, {client} ({organization})",
    ),
    "no_balances": _in("No services.", "Услуг нет.", "Brak usług.", "Қызметтер жоқ."),
    "left": _in(
        "{service}: {left} {remains}",
        "{service}: {remains} {left}",
        "{service}: {remains} {left}",
        "{service}: {left} {remains}",
    ),
    "of_top_up": _in(
        "{percent} of the last top-up ({top_up}, {when})",
        "{percent} последнего пополнения ({top_up}, {when})",
        "{percent} ostatniego doładowania ({top_up}, {when})",
        "соңғы толықтырудың {percent} ({top_up}, {when})",
    ),
    "overtaken": _in(
        "overtaken by the notice of {when}",
        "вытеснено уведомлением от {when}",
        "zastąpione powiadomieniem z {when}",
        "оны {when} хабарламасы алмастырды",
    ),
    "lasts": _in("enough until {when}", "хватит до {when}", "wystarczy do {when}", "жететін мерзімі: {when}"),
    "no_top_up": _in("no top-up yet", "пополнений ещё не было", "jeszcze bez doładowania", "әлі толықтырылмаған"),
    "available": _in("{available} available", "доступно {available}", "dostępne {available}", "қолжетімді {available}"),
    "unknown": _in(
        "{service}: nothing was ever posted, so what is left is unknown and nothing is told",
        "{service}: операций не было, остаток неизвестен, поэтому уведомлений нет",
        "{service}: nic jeszcze nie zaksięgowano, stan jest nieznany, więc nie ma powiadomień",
        "{service}: операциялар болған жоқ, қалдық белгісіз, сондықтан хабарлама жоқ",
    ),
    "no_rules": _in(
        "No rule speaks to it.",
        "Ни одно правило её не касается.",
        "Żadna reguła jej nie dotyczy.",
        "Оған қатысты ереже жоқ.",
    ),
    "rule": _in(
        "Rule “{rule}”: {state}", "Правило «{rule}»: {state}", "Reguła „{rule}”: {state}", "«{rule}» ережесі: {state}"
    ),
    "on_guard": _in(
        "on guard, nothing to tell yet",
        "наготове, сообщать пока не о чем",
        "czuwa, nie ma jeszcze o czym powiadamiać",
        "дайын, әзірге хабарлайтын ештеңе жоқ",
    ),
    "so_since": _in("so since {when}", "так с {when}", "tak jest od {when}", "{when} бері солай"),
    "earlier": _in(
        "earlier: {reason}, {when}",
        "ранее: {reason}, {when}",
        "wcześniej: {reason}, {when}",
        "бұрын: {reason}, {when}",
    ),
    "told_of_max": _in(
        "{raised} of {max_qty} notices since the top-up",
        "уведомлений после пополнения: {raised} из {max_qty}",
        "powiadomienia od doładowania: {raised} z {max_qty}",
        "толықтырудан кейінгі хабарламалар: {max_qty} ішінен {raised}",
    ),
    "next": _in("next {when}", "следующее {when}", "następne {when}", "келесісі {when}"),
    "shadow": _in("it only records", "оно только записывает", "tylko zapisuje", "ол тек жазады"),
    "switched_off": _in("it is switched off", "оно выключено", "jest wyłączona", "ол өшірілген"),
    "other_audience": _in(
        "it no longer speaks to this balance",
        "оно больше не касается этого остатка",
        "już nie dotyczy tego stanu",
        "енді бұл қалдыққа қатысты емес",
    ),
    "no_notices": _in(
        "No notices so far.",
        "Уведомлений пока не было.",
        "Nie było jeszcze powiadomień.",
        "Әзірге хабарлама болған жоқ.",
    ),
    "notice": _in(
        "{when}, “{rule}”: {figures}",
        "{when}, «{rule}»: {figures}",
        "{when}, „{rule}”: {figures}",
        "{when}, «{rule}»: {figures}",
    ),
    "figures": _in("{left} {remains}", "{remains} {left}", "{remains} {left}", "{left} {remains}"),
    "below_edge": _in("below {upper}", "ниже {upper}", "poniżej {upper}", "{upper} төмен"),
    "delivery": _in(
        "{channel} to {who}: {what}", "{channel}, {who}: {what}", "{channel}, {who}: {what}", "{channel}, {who}: {what}"
    ),
    "attempt": _in(
        "attempt {number}, {when}: {what}",
        "попытка {number}, {when}: {what}",
        "próba {number}, {when}: {what}",
        "{number}-әрекет, {when}: {what}",
    ),
    "given_up": _in(
        "given up after {attempts}: {why}",
        "отправка прекращена после {attempts}: {why}",
        "zaniechano po {attempts}: {why}",
        "{attempts} кейін тоқтатылды: {why}",
    ),
    "accepted": _in("accepted", "принято", "przyjęto", "қабылданды"),
    "again": _in("again {when}", "ещё раз {when}", "ponownie {when}", "қайтадан {when}"),
    "nobody": _in("without an address", "без адреса", "bez adresu", "мекенжайсыз"),
}

#: So many attempts, in the case in which `given_up` wants them.
ATTEMPTS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {"one": "{number} attempt", "other": "{number} attempts"},
    "ru": {"one": "{number} попытки", "other": "{number} попыток"},
    "pl": {"one": "{number} próbie", "other": "{number} próbach"},
    "kk": {"other": "{number} әрекеттен"},
}

CHANNELS: Final[Mapping[str, Mapping[str, str]]] = {
    "email": _in("E-mail", "Письмо", "E-mail", "Хат"),
}

RECIPIENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "client": _in("the client", "клиент", "klient", "клиент"),
    "organization": _in("the organization", "организация", "organizacja", "ұйым"),
    "user": _in("a user", "пользователь", "użytkownik", "пайдаланушы"),
    "contact": _in("a contact", "контакт", "kontakt", "байланыс тұлғасы"),
    "address": _in("an extra address", "дополнительный адрес", "dodatkowy adres", "қосымша мекенжай"),
}
