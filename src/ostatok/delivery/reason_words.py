"""What the reasons and states of a delivery are called in each language."""

from collections.abc import Mapping


def _in(en: str, ru: str, pl: str, kk: str) -> Mapping[str, str]:
    return {"en": en, "ru": ru, "pl": pl, "kk": kk}


STATES = {
    "waiting": _in("waiting", "ждёт отправки", "czeka", "жіберуді күтуде"),
    "sending": _in("being sent", "отправляется", "w trakcie wysyłania", "жіберіліп жатыр"),
    "sent": _in("sent", "отправлено", "wysłano", "жіберілді"),
    "dropped": _in("not sent", "не отправлено", "nie wysłano", "жіберілмеді"),
    "dead": _in("not sent", "не отправлено", "nie wysłano", "жіберілмеді"),
    "unknown": _in(
        "not known whether it was sent",
        "неизвестно, отправлено ли",
        "nie wiadomo, czy wysłano",
        "жіберілген-жіберілмегені белгісіз",
    ),
    "shadow": _in("only recorded", "только записано", "tylko zapisano", "тек жазылды"),
}

TOPPED_UP_AFTER = _in(
    "topped up {after} later",
    "баланс пополнен через {after}",
    "doładowano po {after}",
    "баланс {after} өткенде толықтырылды",
)

REASONS = {
    "client_closed": _in("the client is closed", "клиент закрыт", "klient jest zamknięty", "клиент жабылған"),
    "recipient_inactive": _in(
        "the recipient is switched off", "получатель отключён", "odbiorca jest wyłączony", "алушы өшірілген"
    ),
    "channel_off": _in(
        "the channel is not set up", "канал не подключён", "kanał nie jest podłączony", "арна қосылмаған"
    ),
    "rule_off": _in("the rule was switched off", "правило выключено", "reguła została wyłączona", "ереже өшірілген"),
    "recovered": _in(
        "no longer true when it was to be sent",
        "к отправке уже неактуально",
        "przed wysłaniem przestało być aktualne",
        "жіберу сәтінде өзектілігін жоғалтты",
    ),
    "top_up_reversed": _in(
        "the top-up it was measured against was reversed",
        "пополнение, от которого считали, отменено",
        "doładowanie, od którego liczono, zostało wycofane",
        "есептеуге негіз болған толықтыру кері қайтарылды",
    ),
    "no_mark": _in(
        "there is no top-up to measure against",
        "нет пополнения, от которого считать",
        "nie ma doładowania, od którego liczyć",
        "есептеуге негіз болатын толықтыру жоқ",
    ),
    "superseded": _in(
        "overtaken by the next notice",
        "вытеснено следующим уведомлением",
        "zastąpione następnym powiadomieniem",
        "оны келесі хабарлама алмастырды",
    ),
    "expired": _in("too old to be sent", "устарело до отправки", "zbyt stare, by je wysyłać", "жіберілгенше ескірді"),
    "no_recipient": _in(
        "nobody is to receive it", "получатели не указаны", "nie wskazano odbiorców", "алушы көрсетілмеген"
    ),
    "no_address": _in(
        "the recipient has no address", "у получателя нет адреса", "odbiorca nie ma adresu", "алушының мекенжайы жоқ"
    ),
    "bad_address": _in(
        "the address is not valid", "адрес записан с ошибкой", "adres jest nieprawidłowy", "мекенжай қате жазылған"
    ),
    "role_lost": _in(
        "the recipient may not see these clients any more",
        "получатель больше не может видеть этих клиентов",
        "odbiorca nie może już widzieć tych klientów",
        "алушы бұл клиенттерді енді көре алмайды",
    ),
    "unsubscribed": _in(
        "the recipient does not want the list any more",
        "получатель отказался от списка",
        "odbiorca zrezygnował z listy",
        "алушы тізімнен бас тартты",
    ),
    "nobody_runs_out": _in(
        "nobody runs out: the list is empty",
        "ни у кого не кончается: список пуст",
        "nikomu się nie kończy: lista jest pusta",
        "ешкімде таусылмайды: тізім бос",
    ),
    "same_address": _in(
        "this address gets the same notice already",
        "на этот адрес уже идёт то же уведомление",
        "na ten adres idzie już to samo powiadomienie",
        "осы мекенжайға дәл сол хабарлама жіберіліп жатыр",
    ),
    "provider_down": _in(
        "the provider does not answer", "провайдер не отвечает", "dostawca nie odpowiada", "провайдер жауап бермейді"
    ),
    "try_later": _in(
        "the provider asks to try later",
        "сервер просит повторить позже",
        "serwer prosi spróbować później",
        "сервер кейінірек қайталауды сұрайды",
    ),
    "unreachable": _in(
        "no connection to the provider", "нет связи с сервером", "brak połączenia z serwerem", "сервермен байланыс жоқ"
    ),
    "timed_out": _in(
        "the provider did not answer in time",
        "сервер не ответил вовремя",
        "serwer nie odpowiedział na czas",
        "сервер уақытында жауап бермеді",
    ),
    "connection_closed": _in(
        "the provider closed the connection",
        "сервер закрыл соединение",
        "serwer zamknął połączenie",
        "сервер байланысты үзді",
    ),
    "authentication": _in(
        "the provider refused our sign-in",
        "сервер не принял логин и пароль",
        "serwer odrzucił login i hasło",
        "сервер логин мен құпиясөзді қабылдамады",
    ),
    "tls": _in(
        "no secure connection could be made",
        "не удалось установить защищённое соединение",
        "nie udało się nawiązać bezpiecznego połączenia",
        "қорғалған байланыс орнатылмады",
    ),
    "sender_refused": _in(
        "the provider refused the sender's address",
        "сервер не принял адрес отправителя",
        "serwer odrzucił adres nadawcy",
        "сервер жіберушінің мекенжайын қабылдамады",
    ),
    "unexpected_reply": _in(
        "the provider's answer makes no sense",
        "непонятный ответ сервера",
        "niezrozumiała odpowiedź serwera",
        "сервердің жауабы түсініксіз",
    ),
    "internal_error": _in(
        "an error of ours, see the worker's log",
        "ошибка на нашей стороне, подробности в журнале",
        "błąd po naszej stronie, szczegóły w dzienniku",
        "біздің тараптағы қате, толығы журналда",
    ),
    "address_refused": _in(
        "the provider refused the address",
        "сервер не принял адрес получателя",
        "serwer odrzucił adres odbiorcy",
        "сервер алушының мекенжайын қабылдамады",
    ),
    "message_refused": _in(
        "the provider refused the message",
        "сервер не принял сообщение",
        "serwer odrzucił wiadomość",
        "сервер хабарламаны қабылдамады",
    ),
    "unsendable": _in(
        "the message could not be composed",
        "сообщение не удалось составить",
        "nie udało się ułożyć wiadomości",
        "хабарламаны құрастыру мүмкін болмады",
    ),
    "no_reply": _in(
        "handed over, but no answer came",
        "передано, но ответа не было",
        "przekazano, ale nie było odpowiedzi",
        "жіберілді, бірақ жауап келмеді",
    ),
    "worker_died": _in(
        "the worker died while sending",
        "процесс отправки оборвался",
        "proces wysyłający został przerwany",
        "жіберу процесі үзілді",
    ),
    "interrupted": _in(
        "the worker was stopped while sending",
        "процесс отправки остановили",
        "proces wysyłający zatrzymano",
        "жіберу процесі тоқтатылды",
    ),
}
