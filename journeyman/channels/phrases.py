"""Everything that the product itself says to customers, in every language that it speaks.

Where a sentence stands on something that is ticked or pressed, it is the wording that is kept as proof (L1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from journeyman.language.channels import TITLES


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language. `channels` names the ways to reach somebody."""

    language: str
    channels: Mapping[str, str]
    # The end of a mail.
    reason: str
    unsubscribe: str
    choose: str
    # The page behind "unsubscribe".
    unsubscribe_question: str
    unsubscribe_effect: str
    unsubscribe_button: str
    unsubscribed: str
    unsubscribed_effect: str
    # The same page for another way than e-mail, whose name follows.
    end_effect: str
    end_button: str
    ended_effect: str
    unknown: str
    unknown_effect: str
    or_choose: str
    invalid: str
    invalid_effect: str
    # The preference centre.
    preferences: str
    preferences_intro: str
    preferences_channels: str
    preferences_topics: str
    waiting: str
    save: str
    saved: str
    nothing_changed: str
    leave_all: str
    leave_all_effect: str
    # Double opt-in: the mail and its page.
    confirm_subject: str
    confirm_intro: str
    confirm_button: str
    confirm_otherwise: str
    confirm_question: str
    confirm_effect: str
    confirmed: str
    confirmed_effect: str
    confirmation_over: str
    confirmation_over_effect: str

    def channel(self, name: str) -> str:
        return self.channels.get(name, TITLES.get(name, name))

    def leaving(self, channel: str) -> tuple[str, str, str]:
        """What the page behind "unsubscribe" says: what it brings about, the button, and that it is done."""
        if channel == "email":
            return self.unsubscribe_effect, self.unsubscribe_button, self.unsubscribed_effect
        return self.end_effect, f"{self.end_button} {self.channel(channel)}", self.ended_effect


_ENGLISH = Phrases(
    language="en",
    channels={
        "email": "E-mail",
        "sms": "Text messages (SMS)",
        "push": "Notifications of the app",
        "web_push": "Notifications of the browser",
        "whatsapp": "WhatsApp",
        "in_app": "Messages in the app",
        "voice": "Phone calls",
    },
    reason="You receive this because you subscribed.",
    unsubscribe="Unsubscribe",
    choose="Choose what you receive",
    unsubscribe_question="Do you want to unsubscribe?",
    unsubscribe_effect="You will get no more marketing e-mail from us.",
    unsubscribe_button="Unsubscribe from e-mail",
    unsubscribed="You are unsubscribed",
    unsubscribed_effect="We have noted it. You will get no more marketing e-mail from us.",
    end_effect="You will get no more marketing from us in this way.",
    end_button="Unsubscribe from",
    ended_effect="We have noted it. You will get no more marketing from us in this way.",
    unknown="There is nothing left to end",
    unknown_effect="The message that this link was in is not known here any more.",
    or_choose="Or choose what you want to receive",
    invalid="This link does not work",
    invalid_effect="This link is not valid. Follow it exactly as it was sent.",
    preferences="What you want to receive",
    preferences_intro="Messages about your orders are not meant here: they always come.",
    preferences_channels="How may we write to you?",
    preferences_topics="What may we write about?",
    waiting="Waits for your confirmation: follow the link in our mail.",
    save="Save my choices",
    saved="Your choices are saved.",
    nothing_changed="Nothing was changed.",
    leave_all="Unsubscribe from everything",
    leave_all_effect="You will get no more marketing from us, whatever the way.",
    confirm_subject="Please confirm your subscription",
    confirm_intro="Somebody, we hope you, has asked us to write to this address about:",
    confirm_button="Yes, I want this",
    confirm_otherwise="If it was not you, do nothing: we will not write to you.",
    confirm_question="Do you want to receive this?",
    confirm_effect="One press and it is confirmed. You can leave at any time.",
    confirmed="Thank you, it is confirmed",
    confirmed_effect="You can change your mind at any time, with the link in each of our mails.",
    confirmation_over="This link is over",
    confirmation_over_effect="It was used too late, or what it asked about has changed since. Please subscribe again.",
)

_GERMAN = Phrases(
    language="de",
    channels={
        "email": "E-Mail",
        "sms": "SMS",
        "push": "Mitteilungen der App",
        "web_push": "Mitteilungen im Browser",
        "whatsapp": "WhatsApp",
        "in_app": "Nachrichten in der App",
        "voice": "Anrufe",
    },
    reason="Sie erhalten diese Nachricht, weil Sie sich angemeldet haben.",
    unsubscribe="Abmelden",
    choose="Auswählen, was Sie erhalten",
    unsubscribe_question="Möchten Sie sich abmelden?",
    unsubscribe_effect="Sie erhalten dann keine Werbung per E-Mail mehr von uns.",
    unsubscribe_button="Von E-Mails abmelden",
    unsubscribed="Sie sind abgemeldet",
    unsubscribed_effect="Wir haben es vermerkt. Sie erhalten keine Werbung per E-Mail mehr von uns.",
    end_effect="Sie erhalten dann auf diesem Weg keine Werbung mehr von uns.",
    end_button="Abmelden von",
    ended_effect="Wir haben es vermerkt. Sie erhalten auf diesem Weg keine Werbung mehr von uns.",
    unknown="Hier gibt es nichts mehr abzumelden",
    unknown_effect="Die Nachricht, in der dieser Link stand, ist hier nicht mehr bekannt.",
    or_choose="Oder auswählen, was Sie erhalten möchten",
    invalid="Dieser Link funktioniert nicht",
    invalid_effect="Der Link ist ungültig. Öffnen Sie ihn genau so, wie er gesendet wurde.",
    preferences="Was Sie erhalten möchten",
    preferences_intro="Nachrichten zu Ihren Bestellungen sind hier nicht gemeint: Sie kommen immer.",
    preferences_channels="Wie dürfen wir Ihnen schreiben?",
    preferences_topics="Worüber dürfen wir schreiben?",
    waiting="Wartet auf Ihre Bestätigung: Öffnen Sie den Link in unserer E-Mail.",
    save="Auswahl speichern",
    saved="Ihre Auswahl ist gespeichert.",
    nothing_changed="Es wurde nichts geändert.",
    leave_all="Von allem abmelden",
    leave_all_effect="Sie erhalten dann auf keinem Weg mehr Werbung von uns.",
    confirm_subject="Bitte bestätigen Sie Ihre Anmeldung",
    confirm_intro="Jemand, hoffentlich Sie, hat uns gebeten, an diese Adresse zu schreiben über:",
    confirm_button="Ja, das möchte ich",
    confirm_otherwise="Wenn Sie es nicht waren, tun Sie nichts: Wir schreiben Ihnen dann nicht.",
    confirm_question="Möchten Sie das erhalten?",
    confirm_effect="Ein Klick, und es ist bestätigt. Sie können sich jederzeit abmelden.",
    confirmed="Danke, es ist bestätigt",
    confirmed_effect="Sie können es sich jederzeit anders überlegen: mit dem Link in jeder unserer E-Mails.",
    confirmation_over="Dieser Link ist abgelaufen",
    confirmation_over_effect="Er kam zu spät, oder es hat sich seither etwas geändert. Bitte melden Sie sich neu an.",
)

_POLISH = Phrases(
    language="pl",
    channels={
        "email": "E-mail",
        "sms": "SMS",
        "push": "Powiadomienia w aplikacji",
        "web_push": "Powiadomienia w przeglądarce",
        "whatsapp": "WhatsApp",
        "in_app": "Wiadomości w aplikacji",
        "voice": "Telefon",
    },
    reason="Otrzymujesz tę wiadomość, bo masz u nas subskrypcję.",
    unsubscribe="Wypisz się",
    choose="Wybierz, co chcesz otrzymywać",
    unsubscribe_question="Czy chcesz się wypisać?",
    unsubscribe_effect="Nie będziemy już wysyłać Ci reklam e-mailem.",
    unsubscribe_button="Wypisz mnie z e-maili",
    unsubscribed="Subskrypcja została zakończona",
    unsubscribed_effect="Odnotowaliśmy to. Nie będziemy już wysyłać Ci reklam e-mailem.",
    end_effect="Nie będziemy już wysyłać Ci reklam tą drogą.",
    end_button="Wypisz mnie:",
    ended_effect="Odnotowaliśmy to. Nie będziemy już wysyłać Ci reklam tą drogą.",
    unknown="Nie ma tu już czego kończyć",
    unknown_effect="Wiadomość, w której był ten link, nie jest tu już znana.",
    or_choose="Albo wybierz, co chcesz otrzymywać",
    invalid="Ten link nie działa",
    invalid_effect="Link jest nieprawidłowy. Otwórz go dokładnie tak, jak został wysłany.",
    preferences="Co chcesz otrzymywać",
    preferences_intro="Nie chodzi tu o wiadomości o zamówieniach: te przychodzą zawsze.",
    preferences_channels="Jak możemy do Ciebie pisać?",
    preferences_topics="O czym możemy pisać?",
    waiting="Czeka na potwierdzenie: otwórz link w naszej wiadomości.",
    save="Zapisz wybór",
    saved="Twój wybór został zapisany.",
    nothing_changed="Nic się nie zmieniło.",
    leave_all="Wypisz mnie ze wszystkiego",
    leave_all_effect="Nie będziemy już wysyłać Ci żadnych reklam, w żaden sposób.",
    confirm_subject="Potwierdź subskrypcję",
    confirm_intro="Ktoś, mamy nadzieję, że Ty, poprosił nas o wysyłanie na ten adres wiadomości:",
    confirm_button="Tak, chcę to otrzymywać",
    confirm_otherwise="Jeśli to nie Ty, nic nie rób: nie będziemy do Ciebie pisać.",
    confirm_question="Czy chcesz to otrzymywać?",
    confirm_effect="Jedno kliknięcie i gotowe. Możesz się wypisać w każdej chwili.",
    confirmed="Dziękujemy, potwierdzone",
    confirmed_effect="Możesz zmienić zdanie w każdej chwili, korzystając z linku w każdej naszej wiadomości.",
    confirmation_over="Ten link już nie działa",
    confirmation_over_effect="Minął jego czas albo coś się od tej pory zmieniło. Zapisz się jeszcze raz.",
)

PHRASES: Final[Mapping[str, Phrases]] = {one.language: one for one in (_ENGLISH, _GERMAN, _POLISH)}
