"""The words by which people end and begin text messages, in many languages.

Those of English are CTIA's (Messaging Principles and Best Practices, 2023, section 5.1.3); the others are what national
operators and Twilio's advanced opt-out take. Only a message that says nothing else counts.
"""

import unicodedata
from typing import Final, Literal

Keyword = Literal["stop", "start", "help"]

LONGEST: Final = 40
"""Characters; who writes more means more than one word."""


def _plain(text: str) -> str:
    """Lower case without accents and hyphens, and without the marks and blanks around it."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(" " if char == "-" else char for char in apart if not _is_accent(char))
    words = unicodedata.normalize("NFC", kept).split()
    return " ".join(words).strip(" .,;:!?¡¿\"'«»„“”()[]{}*_-")


def _is_accent(char: str) -> bool:
    """Of Latin, Greek and Cyrillic letters, and what people write above Arabic ones or leave out."""
    return "\u0300" <= char <= "\u036f" or "\u064b" <= char <= "\u0655"


def _words(*lines: str) -> frozenset[str]:
    return frozenset(_plain(word) for line in lines for word in line.split("|"))


STOP: Final = _words(
    "stop|stopall|stop all|unsubscribe|cancel|end|quit|optout|opt out|revoke|remove",
    "stopp|abmelden|abbestellen|ende|abbruch",
    "arret|fin|desinscrire|desabonner|annuler",
    "baja|parar|alto|cancelar|darse de baja|no mas",
    "sair|remover|descadastrar",
    "fermi|cancella|annulla|basta|disiscrivi",
    "afmelden|stoppen|uitschrijven",
    "rezygnuje|koniec|wypisz|anuluj",
    "atteikties|beigt|beidz|apturet|atsisakau|sustabdyti|loobu|lopeta|peru|poistu",
    "afmeld|avmeld|avsluta|sluta|avslutt",
    "odhlasit|zrusit|odjava|otkazi|leiratkozas|leallitas|dezabonare|oprire",
    "dur|durdur|iptal|ret",
    "стоп|отписаться|отмена|скасувати|відписатися",
    "σταματα|τελος|διαγραφη",
    "הסר|הפסק|الغاء|ايقاف|قف|बंद|रोकें|berhenti|huy|หยุด|ยกเลิก",
    "退订|退訂|停止|取消|수신거부|中止|配信停止",
)
START: Final = _words(
    "start|unstop|subscribe|begin|optin|opt in|resume",
    "anmelden|commencer|demarrer|abonner|alta|comenzar|iniciar|entrar|inizia|iscrivi",
    "aanmelden|zapisz|sakt|pieteikties|pradeti|alusta|aloita|tilmeld|starta|prihlasit",
    "abonare|feliratkozas|basla|старт|начать|підписатися|εναρξη|開始|开始|订阅|시작",
)
HELP: Final = _words(
    "help|info|hilfe|aide|ayuda|ajuda|aiuto|assistenza|hulp|pomoc|palidziba",
    "pagalba|abi|apua|hjalp|hjelp|segitseg|ajutor|yardim|помощь|допомога|βοηθεια",
    "עזרה|مساعدة|मदद|bantuan|ช่วยเหลือ|帮助|幫助|ヘルプ|도움말",
)


def keyword_of(text: str) -> Keyword | None:
    """The keyword that a message is; None where it is none, or says anything beside it."""
    if len(text) > LONGEST:
        return None
    said = _plain(text)
    if said in STOP:
        return "stop"
    if said in START:
        return "start"
    return "help" if said in HELP else None
