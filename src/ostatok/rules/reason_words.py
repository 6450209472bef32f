"""What the reasons of alarms are called in each language."""

from collections.abc import Mapping
from typing import Final

from ostatok.kernel import text
from ostatok.rules.reasons import AlarmReason


def _in(en: str, ru: str, pl: str, kk: str) -> Mapping[str, str]:
    return {"en": en, "ru": ru, "pl": pl, "kk": kk}


_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    AlarmReason.RAISED: _in("raised a notice", "уведомление создано", "utworzono powiadomienie", "хабарлама жасалды"),
    AlarmReason.SILENT: _in(
        "so already when the rule began to apply, marked without a notice",
        "так было уже к началу действия правила, отмечено без уведомления",
        "tak było już, gdy reguła zaczęła działać, odnotowano bez powiadomienia",
        "ереже қолданыла бастағанда-ақ солай болған, хабарламасыз белгіленді",
    ),
    AlarmReason.COOLDOWN: _in(
        "too soon after the notice before",
        "слишком скоро после предыдущего уведомления",
        "zbyt szybko po poprzednim powiadomieniu",
        "алдыңғы хабарламадан кейін тым ерте",
    ),
    AlarmReason.MAX_QTY: _in(
        "as many notices as allowed were told already",
        "уже создано столько уведомлений, сколько разрешено",
        "utworzono już tyle powiadomień, ile wolno",
        "рұқсат етілген хабарламалардың бәрі жасалып қойған",
    ),
    AlarmReason.NEXT_CHECK: _in(
        "the first notice waits for the next check",
        "первое уведомление ждёт следующей проверки",
        "pierwsze powiadomienie czeka na następne sprawdzenie",
        "бірінші хабарлама келесі тексеруді күтуде",
    ),
    AlarmReason.NO_MARK: _in(
        "there is nothing to measure it against: no mark",
        "не с чем сравнивать: нет отметки 100 %",
        "nie ma z czym porównać: brak poziomu 100%",
        "салыстыратын ештеңе жоқ: 100% белгісі жоқ",
    ),
    AlarmReason.REARMED: _in(
        "over, and on guard again",
        "уже не так, правило снова наготове",
        "już nie, reguła znów czuwa",
        "енді олай емес, ереже қайтадан дайын",
    ),
    AlarmReason.RENEWED: _in(
        "topped up and still so, counted anew",
        "баланс пополнен, но всё ещё так, отсчёт начат заново",
        "doładowano, a nadal tak jest, liczone od nowa",
        "толықтырылды, бірақ әлі де солай, есеп қайтадан басталды",
    ),
}


def explain(reason: str, language: str) -> str:
    """Why the last occasion raised a notice or did not; a reason nobody knows stands for itself."""
    words = _WORDS.get(reason)
    return words[text.known_language(language)] if words else reason
